"""Two groups' answers for tests of differential functioning: simulated, and those of the reference figures."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.matching import Bools

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "verbal_dif.json").read_text("utf-8"))


def verbal_aggression() -> tuple[Ints, Bools]:
    """Scores (316, 24) and who is in the focal group."""
    groups = [REFERENCE[name].split() for name in ("women", "men")]
    bits = [[int(bit) for bit in f"{int(person, 16):024b}"] for group in groups for person in group]
    return np.array(bits, dtype=np.intp), np.repeat([False, True], [len(group) for group in groups])


def two_groups(rng: np.random.Generator, shift: Floats, *, persons: int = 1500, steps: int = 1) -> tuple[Ints, Bools]:
    """Rasch or partial-credit answers; ``shift`` (n,) makes items harder for the focal half, which is less able."""
    focal = np.arange(persons) % 2 == 1
    theta = rng.normal(size=persons) - 0.5 * focal
    b = np.linspace(-1.5, 1.5, shift.size) + focal[:, None] * shift
    points = np.arange(steps + 1)
    weight = np.exp(points * (theta[:, None] - b)[..., None])
    p = np.cumsum(weight / weight.sum(axis=-1, keepdims=True), axis=-1)
    return (rng.random((persons, shift.size, 1)) > p[..., :-1]).sum(axis=-1), focal
