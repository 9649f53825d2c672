"""What is believed about an item before anybody has answered it.

An author's level says roughly how hard an item is, and no more. It becomes a wide normal prior over the item's
transformed parameters; the engine then works with the probabilities expected under it, so an untried item is
trusted little and never pretends to be calibrated.
"""

import math
from typing import Final

import numpy as np

from app.engine.grid import Floats
from framework.model import Framework
from itembank.model import Item

LEVEL_SHRINKAGE: Final = 0.8
"""Judged difficulties spread more than measured ones: an extreme level is drawn towards the middle."""
DIFFICULTY_SD: Final = 0.8
"""Uncertainty of a judged difficulty, logits: about one level either way."""
STEP_SD: Final = 0.4
"""Uncertainty of each step of a partial-credit item around the item's difficulty, logits."""
STEP_DISTANCE: Final = 0.8
LOG_SLOPE: Final = (0.0, 0.35)
"""Mean and standard deviation of log a: half of the slopes between 0.8 and 1.27 per logit."""
PARTIAL_LOG_SLOPE: Final = (-0.35, 0.35)
"""The same for partial credit, whose steps share one question's information."""
GUESS_SHARE: Final = 0.7
"""Share of blind guessing left where one may pass: a choice of n options is guessed with 0.7 / n."""
LOGIT_GUESS_SD: Final = 0.5


def level_centre(level: int, framework: Framework) -> float:
    """Middle of a level on the ability scale, logits; the outer levels are as wide as their neighbours."""
    cuts = framework.cuts
    edges = (2 * cuts[0] - cuts[1], *cuts, 2 * cuts[-1] - cuts[-2])
    return (edges[level - 1] + edges[level]) / 2


def judged(item: Item, framework: Framework) -> tuple[str, Floats, Floats]:
    """Model, mean and covariance of an uncalibrated item's transformed parameters.

    Partial credit: generalised partial credit (log a, b_1 … b_m). What can be guessed whole, as a single choice
    or an order: 3PL (log a, b, logit c). Anything else: 2PL (log a, b).
    """
    difficulty = LEVEL_SHRINKAGE * level_centre(item.level, framework)
    if item.categories > 2:  # noqa: PLR2004
        return _judged_steps(difficulty, item.categories - 1)
    mean, sd = [LOG_SLOPE[0], difficulty], [LOG_SLOPE[1], DIFFICULTY_SD]
    guess = GUESS_SHARE * _chance(item)
    if guess == 0:
        return "2pl", np.array(mean), np.diag(np.square(sd))
    mean, sd = [*mean, float(np.log(guess / (1 - guess)))], [*sd, LOGIT_GUESS_SD]
    return "3pl", np.array(mean), np.diag(np.square(sd))


def _chance(item: Item) -> float:
    """Probability that somebody who knows nothing gives the whole right answer; 0 where it has to be typed.

    Ticks count as 0: how many to tick is part of what is asked.
    """
    if item.type == "single_choice":
        return 1 / len(item.options)
    if item.type == "ordering":
        return 1 / math.factorial(len(item.elements))
    if item.type == "matching" and not item.reuse:
        return 1 / math.perm(len(item.choices), len(item.prompts))
    if item.type == "matching":
        return float(len(item.choices)) ** -len(item.prompts)
    if item.type == "inline_choice":
        return 1 / math.prod(len(gap.options) for gap in item.gaps)
    return 0.0


def _judged_steps(difficulty: float, steps: int) -> tuple[str, Floats, Floats]:
    offsets = STEP_DISTANCE * (np.arange(steps) - (steps - 1) / 2)
    mean = np.concatenate([[PARTIAL_LOG_SLOPE[0]], difficulty + offsets])
    covariance = np.zeros((steps + 1, steps + 1))
    covariance[0, 0] = PARTIAL_LOG_SLOPE[1] ** 2
    covariance[1:, 1:] = DIFFICULTY_SD**2 + np.eye(steps) * STEP_SD**2
    return "gpcm", mean, covariance


def measured(item: Item) -> tuple[str, Floats, Floats | None]:
    """Model, mean and covariance of a calibrated item's transformed parameters.

    Raises
    ------
    ValueError
        If the item carries no parameters.
    """
    known = item.parameters
    if known is None:
        raise ValueError(f"item {item.id} has no calibrated parameters")
    covariance = None if known.covariance is None else np.array(known.covariance)
    if known.model in {"rasch", "1pl"}:  # a slope common to all items is known exactly
        fixed = None if covariance is None else np.pad(covariance, ((1, 0), (1, 0)))
        return "2pl", np.array([float(np.log(known.a)), *known.b]), fixed
    mean = [float(np.log(known.a)), *known.b]
    if known.model == "3pl" and known.c == 0:  # nobody guesses: logit c has no value, and the item is a 2PL
        return "2pl", np.array(mean), None if covariance is None else covariance[:-1, :-1]
    if known.model == "3pl":
        mean.append(float(np.log(known.c / (1 - known.c))))
    return known.model, np.array(mean), covariance
