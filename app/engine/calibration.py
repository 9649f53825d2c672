"""Calibration: item parameters from answers, by marginal maximum a posteriori.

    maximise  sum_persons log ∫ prod_i P(x_i | theta, xi_i) p(theta) d theta + sum_i log p(xi_i)

by expectation-maximisation (Bock & Aitkin 1981, Psychometrika 46) with an expanded scale of abilities (Liu, Rubin & Wu
1998, Biometrika 85), Newton steps for all items at once, and Anderson acceleration. Without priors (``FLAT``) this is
marginal maximum likelihood. Metric: logistic, without the 1.7 constant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.anderson import Anderson
from app.engine.beliefs import HIERARCHICAL, Beliefs
from app.engine.iteration import Anchors, Estimate, Iteration, Nodes, standard_nodes
from app.engine.maximisation import Batch
from app.engine.responses import Responses
from app.engine.screening import require_calibratable
from app.engine.spread import Here, Spread

TOLERANCE: Final = 1e-6
SINGLE_FROM: Final = 5e5
"""Answers from which iterations start in single precision; the last ones are always in double."""
ROUGH: Final = 0.05
"""Remaining gain of log-likelihood at which double precision takes over and the expanded scale has done its work."""
CHANCE: Final = 0.01
"""A step may be short by chance: what is left counts as no less than this share of what was left before it."""
PATIENCE: Final = 4.0
"""Of the gain expected of a step, how much may be lost where priors are estimated."""
SLACK, SINGLE_SLACK = 1e-9, 1e-7
"""Relative fall of the objective that is rounding, in double and in single precision."""

GRAIN: Final = 1e-4
"""Where abilities hang together more finely than the nodes, steps come to rest so far beside the maximum."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an iteration stands: its log-likelihood and how much more is expected."""

    iteration: int
    log_likelihood: float
    remaining: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What calibration found.

    Attributes
    ----------
    iteration : what was iterated, with the answers and the batches that ``estimate.items`` speaks of.
    log_likelihood : marginal, of all answers, at the estimate; ``log_prior``: of the item parameters.
    remaining : log-likelihood that further iterations are expected to gain.
    converged : True where that is below the tolerance.
    trace : every iteration.
    """

    iteration: Iteration
    estimate: Estimate
    log_likelihood: float
    log_prior: float
    remaining: float
    converged: bool
    trace: tuple[Progress, ...]

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Items of one family and number of categories, in the order of ``estimate.items``."""
        return self.iteration.batches

    @property
    def iterations(self) -> int:
        """Expectation steps made."""
        return len(self.trace)


def calibrate(
    responses: Responses,
    families: Sequence[str],
    *,
    beliefs: Beliefs = HIERARCHICAL,
    anchors: Anchors | None = None,
    nodes: Nodes | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 500,
    spread: Spread | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Calibration:
    """Estimate item parameters, groups and loadings.

    Parameters
    ----------
    families : shape (n,), each item's response model, a name of ``families.FAMILIES``.
    beliefs : priors by role; ``FLAT`` for maximum likelihood.
    anchors : items known already, as log-probabilities on the nodes, shape (categories, Q) each (``tables.item_rows``,
        which can hold their uncertainty): the others are put on their scale, and every group's mean and spread is
        estimated (fixed-parameter calibration: Kim 2006, J. Educ. Meas. 43). Their entry of ``families`` is not read.
    tolerance : iteration ends when the log-likelihood is expected to gain no more than this.
    spread : how chunks are shared out; one after another in this thread without it.
    progress : called after every iteration.

    Raises
    ------
    screening.HopelessData
        If no iteration could make sense of the answers: names the items.
    ValueError
        If there is not one known family per item.
    """
    require_calibratable(responses, families, known=anchors or {})
    iteration = Iteration(
        responses, families, nodes or standard_nodes(), spread or Here(responses.chunks), anchors or {}
    )
    walk = _Walk(iteration, iteration.start(beliefs), tolerance)
    trace: list[Progress] = []
    while not walk.converged and len(trace) < max_iterations:
        walk.step()
        trace.append(Progress(len(trace) + 1, walk.log_likelihood, walk.remaining))
        if progress is not None:
            progress(trace[-1])
    return Calibration(
        iteration=iteration,
        estimate=walk.here,
        log_likelihood=walk.log_likelihood,
        log_prior=iteration.log_prior(walk.here, walk.here.beliefs),
        remaining=walk.remaining,
        converged=walk.converged,
        trace=tuple(trace),
    )


class _Walk:
    """The way to the maximum: accelerated steps, taken back where the objective fell.

    ``here`` is the last estimate whose objective is known; ``log_likelihood`` and ``remaining`` belong to it.
    """

    def __init__(self, iteration: Iteration, start: Estimate, tolerance: float) -> None:
        self.here, self.log_likelihood, self.remaining, self.converged = start, -np.inf, np.inf, False
        self._iteration, self._tolerance = iteration, tolerance
        self._next, self._image, self._shorter = start, start, 1.0
        self._anderson = Anderson()
        self._known, self._gain = -np.inf, np.inf
        self._rough = True
        self._single = iteration.responses.answers >= SINGLE_FROM

    def step(self) -> None:
        """One expectation step and what follows from it."""
        dtype = np.float32 if self._single else np.float64
        expected = self._iteration.expect(self._next, dtype)
        if self._fell(expected.log_likelihood):
            self._take_back()
            return
        self.here, self._shorter = self._next, 1.0
        self.log_likelihood = self._known = expected.log_likelihood
        self._image, curvature = self._iteration.improved(self.here, expected, expanded=self._rough)
        vector = self._anderson.next(self._iteration.packed(self.here), self._iteration.packed(self._image))
        self._next = self._iteration.extrapolated(vector, self._image)
        ways = [self._iteration.gain(self.here, there, curvature) for there in (self._image, self._next)]
        self._gain, before = max(ways), self._gain
        self.remaining = max(self._gain, CHANCE * before)
        self._decide()

    def _fell(self, log_likelihood: float) -> bool:
        if not np.isfinite(self._known):
            return False
        objective = self._iteration.objective
        change = log_likelihood - self._known
        change += objective(self._next, self.here) - objective(self.here, self.here)
        slack = (SINGLE_SLACK if self._single else SLACK) * abs(self._known)
        if any(belief.estimated for belief in self.here.beliefs.values()):
            slack += PATIENCE * self.remaining  # estimated priors change what is maximised on the way
        else:
            slack += min(self.remaining, GRAIN)
        return not change >= -slack

    def _take_back(self) -> None:
        """From the last good estimate to its image, half as far every time that fails too."""
        self._anderson.forget()
        start, image = self._iteration.packed(self.here), self._iteration.packed(self._image)
        self._next = self._iteration.unpacked(start + self._shorter * (image - start), self.here)
        self._shorter /= 2

    def _decide(self) -> None:
        if self._rough and self.remaining < ROUGH:
            if self._single:  # what single precision made of the log-likelihood is no measure for double
                self._known = -np.inf
            self._rough = self._single = False
            if self._iteration.expansion_is_a_detour(self.here):
                self._anderson.forget()
                self._next = self._image
        elif not self._rough:
            self.converged = self.remaining < self._tolerance
