"""Scales on which parameters are unbounded."""

import numpy as np

from app.engine.grid import Floats


def exponential(log_value: Floats) -> Floats:
    """``exp``, infinite instead of a warning where it overflows: the model then refuses the parameter by name."""
    with np.errstate(over="ignore"):
        value: Floats = np.exp(log_value)
    return value


def logarithm(value: Floats, name: str) -> Floats:
    """``log`` of a positive finite parameter.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not np.all(np.isfinite(value) & (value > 0)):
        raise ValueError(f"{name} must be finite and positive, got {value!r}")
    found: Floats = np.log(value)
    return found


def diagonal(values: Floats) -> Floats:
    """Square matrices with these diagonals: shape (..., p) → (..., p, p)."""
    matrices: Floats = values[..., None] * np.eye(values.shape[-1])
    return matrices
