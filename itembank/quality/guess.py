"""How often the form of the options alone finds the key: a learner that has never seen the question tries."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from framework.model import LOCALES, Locale
from itembank.model import Item
from itembank.quality.forms import Floats, Forms, forms
from itembank.quality.sets import sets_of

FEWEST_TO_LEARN = 60
"""Single choices below which nothing can be learnt of them."""
MOST_ABOVE = 3.0
"""Standard errors above chance from which the form of the options tells the key."""
NAMED, TOLD = 10, 6
_FOLDS = 8
_RIDGE = 10.0
_TIED = 1e-9


@dataclass(frozen=True, slots=True)
class Guesses:
    """Keys found from the options alone: ``count`` of ``total`` (a tie of n counts 1/n), ``expected`` by chance.

    ``error``: standard error of the count where form tells nothing, sqrt(sum of p (1 - p)). ``for_keys`` and
    ``for_others``: the words, and the shapes of ``forms.SHAPES``, that speak most for an option and against it.
    ``surest``: the questions whose key was found with most confidence, at most ``NAMED``.
    """

    locale: Locale
    count: float
    total: int
    expected: float
    error: float
    for_keys: tuple[str, ...]
    for_others: tuple[str, ...]
    surest: tuple[str, ...]

    @property
    def above(self) -> float:
        """Standard errors above chance; negative below it."""
        return (self.count - self.expected) / self.error


def guesses(items: Sequence[Item]) -> tuple[Guesses, ...]:
    """By language; nothing for a bank of fewer than ``FEWEST_TO_LEARN`` single choices.

    The learner is a conditional logit over the options of each question (McFadden 1974), with a ridge penalty, and
    sees their form only. Each question is guessed by a learner fitted to the seven eighths of the bank that it does
    not belong to (Stone 1974, cross-validation): what it finds, a stranger to the subject could find. Questions are
    dealt by a hash of their ids, so that neither their order nor their file matters.
    """
    asked = sorted((item for item in items if item.type == "single_choice"), key=_dealt)
    if len(asked) < FEWEST_TO_LEARN:
        return ()
    return tuple(_guessed(asked, locale) for locale in LOCALES)


def _dealt(item: Item) -> str:
    return hashlib.sha256(item.id.encode()).hexdigest()


def _guessed(asked: Sequence[Item], locale: Locale) -> Guesses:
    seen = forms([each for item in asked for each in sets_of(item)], locale)
    scores = _left_out(seen)
    chances = _shares(seen, scores)
    won = _won(seen, scores)
    sizes = np.bincount(seen.of)
    right = [question for question in np.argsort(-chances[seen.keys], kind="stable") if won[question] == 1]
    weights = _fitted(seen, np.ones(len(asked), dtype=np.bool_))
    return Guesses(
        locale=locale,
        count=float(won.sum()),
        total=len(asked),
        expected=float((1 / sizes).sum()),
        error=float(np.sqrt(((1 / sizes) * (1 - 1 / sizes)).sum())),
        for_keys=_telling(seen.names, weights),
        for_others=_telling(seen.names, -weights),
        surest=tuple(asked[question].id for question in right[:NAMED]),
    )


def _left_out(seen: Forms) -> Floats:
    """The score of each option, from the questions of the other folds."""
    folds = np.arange(len(seen.starts)) % _FOLDS
    scores = np.zeros(len(seen.of))
    for fold in range(_FOLDS):
        held = folds[seen.of] == fold
        scores[held] = _scores(seen, _fitted(seen, folds != fold))[held]
    return scores


def _fitted(seen: Forms, used: NDArray[np.bool_]) -> Floats:
    """Weights of the forms that maximise the likelihood of the keys of these questions, less the ridge."""
    keys = seen.keys[used]
    taken = used[seen.of]

    def loss(weights: Floats) -> tuple[float, Floats]:
        shares = _shares(seen, _scores(seen, weights))
        pull = np.where(taken, shares, 0.0)
        pull[keys] -= 1
        value = -np.log(np.maximum(shares[keys], np.finfo(float).tiny)).sum() + _RIDGE * (weights @ weights) / 2
        return float(value), np.asarray(seen.rows.T @ pull) + _RIDGE * weights

    return np.asarray(minimize(loss, np.zeros(len(seen.names)), jac=True, method="L-BFGS-B").x)


def _scores(seen: Forms, weights: Floats) -> Floats:
    return np.asarray(seen.rows @ weights)


def _shares(seen: Forms, scores: Floats) -> Floats:
    """Scores to probabilities within each question."""
    shifted = np.exp(scores - np.maximum.reduceat(scores, seen.starts)[seen.of])
    return np.asarray(shifted / np.add.reduceat(shifted, seen.starts)[seen.of])


def _won(seen: Forms, scores: Floats) -> Floats:
    """1 where the key alone scores best, 1/n where n options tie, 0 where another scores best."""
    best = scores >= np.maximum.reduceat(scores, seen.starts)[seen.of] - _TIED
    return np.asarray(best[seen.keys] / np.add.reduceat(best.astype(np.float64), seen.starts))


def _telling(names: Sequence[str], weights: Floats) -> tuple[str, ...]:
    return tuple(names[place] for place in np.argsort(-weights, kind="stable")[:TOLD] if weights[place] > 0)
