"""Everything that calibration estimates as one vector on unbounded scales, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from app.engine.beliefs import Beliefs
from app.engine.grid import Floats
from app.engine.latent import Population
from app.engine.structure import HIGHEST, NARROWEST

LOWEST_LOG, HIGHEST_LOG = -12.0, 12.0
"""Logs of standard deviations are kept within these, so that no extrapolation overflows."""


def packed(items: Sequence[Floats], population: Population, beliefs: Beliefs) -> Floats:
    """Items as they are, means, logs of standard deviations, inverse hyperbolic tangents of loadings."""
    hyper = [value for belief in beliefs.values() if belief.estimated for value in (belief.mean, np.log(belief.sd))]
    return np.concatenate(
        [
            *(values.ravel() for values in items),
            population.mean.ravel(),
            np.log(population.sd).ravel(),
            np.arctanh(population.loading),
            np.array(hyper),
        ]
    )


def unpacked(
    vector: Floats, items: Sequence[Floats], population: Population, beliefs: Beliefs
) -> tuple[tuple[Floats, ...], Population, Beliefs]:
    """The parts of a vector, in the shapes of these."""
    taken = _Taken(vector)
    found = tuple(taken.shaped(values.shape) for values in items)
    mean, log_sd = taken.shaped(population.mean.shape), taken.shaped(population.sd.shape)
    loading = np.clip(np.tanh(taken.shaped(population.loading.shape)), 0.0, HIGHEST)
    hyper = taken.rest()
    believed = {
        role: replace(belief, mean=next(hyper), sd=_spread(next(hyper))) if belief.estimated else belief
        for role, belief in beliefs.items()
    }
    return (
        found,
        Population(mean, np.exp(np.clip(log_sd, np.log(NARROWEST), HIGHEST_LOG)), loading),
        MappingProxyType(believed),
    )


def _spread(log_sd: float) -> float:
    return float(np.exp(np.clip(log_sd, LOWEST_LOG, HIGHEST_LOG)))


class _Taken:
    """A vector read from its start."""

    def __init__(self, vector: Floats) -> None:
        self._vector, self._place = vector, 0

    def shaped(self, shape: tuple[int, ...]) -> Floats:
        size = int(np.prod(shape))
        part = self._vector[self._place : self._place + size].reshape(shape)
        self._place += size
        return part

    def rest(self) -> Iterator[float]:
        return iter(self._vector[self._place :].tolist())
