"""Known items, simulated answers, calibration: how far the estimates are off, and whether they know it.

Items are drawn from the prior that calibration then uses, so that posterior standard deviations are the theory: the
root mean square error should equal their root mean square, and errors in their units should be standard normal.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.beliefs import Belief, Beliefs, Role, role_of
from app.engine.calibration import calibrate
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints
from app.engine.observed_information import uncertainty
from app.engine.responses import Responses, arrange
from app.engine.screening import screen
from app.engine.spread import Here, Shared

TRUTH: Final[Beliefs] = MappingProxyType(
    {
        Role.SLOPE: Belief(0.2, 0.3),
        Role.LOCATION: Belief(0.0, 1.0),
        Role.GAP: Belief(-0.2, 0.3),
        Role.GUESS: Belief(-1.4, 0.4),
        Role.CEILING: Belief(3.0, 0.4),
        Role.NOMINAL_SLOPE: Belief(1.0, 0.4),
        Role.NOMINAL_INTERCEPT: Belief(0.3, 0.7),
    }
)
CATEGORIES: Final[Mapping[str, int]] = MappingProxyType({"pcm": 4, "gpcm": 4, "grm": 4, "nrm": 3})
ITEMS: Final = 40
SEED: Final = 20261122


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a model's parameters came back.

    Attributes
    ----------
    parameters : number of estimates compared.
    ratio : root mean square error over root mean square posterior standard deviation.
    standard_error : of that ratio, from the spread over replications.
    z_sd : standard deviation of (estimate - truth) / posterior standard deviation.
    coverage : share of estimates within 1.96 posterior standard deviations of the truth.
    """

    parameters: int
    rmse: float
    ratio: float
    standard_error: float
    z_sd: float
    coverage: float


def recover(model: str, persons: int, *, replications: int, executor: Executor | None = None) -> Recovery:
    """Calibrate simulated answers several times, each with new items and persons."""
    rng = np.random.default_rng([SEED, persons, sum(model.encode())])
    errors, deviations = [], []
    for _ in range(replications):
        xi, responses = _draw(model, persons, rng)
        spread = Here(responses.chunks) if executor is None else Shared(responses.chunks, executor)
        found = calibrate(responses, [model] * ITEMS, beliefs=TRUTH, spread=spread)
        errors.append((found.estimate.items[0] - xi).ravel())
        deviations.append(np.sqrt(np.einsum("ipp->ip", uncertainty(found).items[0])).ravel())
    return _summary(np.array(errors), np.array(deviations))


def _draw(model: str, persons: int, rng: np.random.Generator) -> tuple[Floats, Responses]:
    """Items and answers to them; items of which a category was never reached are drawn anew, as an author would."""
    xi, theta = draw_items(model, rng), rng.normal(size=persons)
    while True:
        responses = arrange(draw_answers(model, xi, theta, rng), categories=[CATEGORIES.get(model, 2)] * ITEMS)
        hopeless = sorted({finding.item for finding in screen(responses, [model] * ITEMS)})
        if not hopeless:
            return xi, responses
        xi[hopeless] = draw_items(model, rng)[hopeless]


def _summary(error: Floats, deviation: Floats) -> Recovery:
    ratios = np.sqrt((error**2).mean(axis=1) / (deviation**2).mean(axis=1))
    z = error / deviation
    return Recovery(
        parameters=error.size,
        rmse=float(np.sqrt((error**2).mean())),
        ratio=float(np.sqrt((error**2).mean() / (deviation**2).mean())),
        standard_error=float(ratios.std(ddof=1) / np.sqrt(ratios.size)),
        z_sd=float(z.std()),
        coverage=float((np.abs(z) < 1.96).mean()),
    )


def draw_items(model: str, rng: np.random.Generator) -> Floats:
    """Items from ``TRUTH``, shape (n, p); nominal slopes rise with the category."""
    names = FAMILIES[model].parameters(CATEGORIES.get(model, 2))
    beliefs = [TRUTH[role_of(name)] for name in names]
    return np.column_stack([rng.normal(belief.mean, belief.sd, ITEMS) for belief in beliefs])


def draw_answers(model: str, xi: Floats, theta: Floats, rng: np.random.Generator) -> Ints:
    """Scores of everybody on everything, shape (N, n)."""
    edges = np.cumsum(np.exp(FAMILIES[model].log_p(theta, xi)), axis=1)[:, :-1]
    scores: Ints = (rng.random((theta.size, len(xi), 1)) > edges.transpose(2, 0, 1)).sum(axis=-1).astype(np.intp)
    return scores
