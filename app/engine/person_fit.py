"""Person fit: a person's answers beside what the model lets one expect of somebody of that ability.

A low value means surprising answers (easy items wrong, hard ones right): a different key, help, haste, a disability
of the device, or a domain of its own. It widens what is shown; it accuses nobody.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, norm

from app.engine.batch import Scores
from app.engine.between_nodes import AtAbility, at_abilities
from app.engine.estimators import MISSING, Estimates
from app.engine.grid import Floats, Ints
from app.engine.matching import Bools
from app.engine.tables import ItemTables


@dataclass(frozen=True, slots=True, eq=False)
class PersonFit:
    """Per person, shapes (N,); NaN for persons with too few answers.

    Attributes
    ----------
    lz : standardised log-likelihood of the answers, not corrected for the estimate.
    lz_star : corrected for the ability being estimated from the same answers; mean 0 and variance 1 under the model.
    p : probability of so low a value under the model, allowing for its skewness.
    p_two_sided : probability of a value so far from expected in either direction.
    answers : answers used.
    """

    lz: Floats
    lz_star: Floats
    p: Floats
    p_two_sided: Floats
    answers: Ints


def person_fit(tables: ItemTables, scores: Scores, estimates: Estimates, *, fewest: int = 5) -> PersonFit:
    """Standardised log-likelihood, plain and corrected (lz: Drasgow, Levine & Williams 1985; lz*: Snijders 2001).

    With ``h = log P`` and ``s = d log P / d theta`` of the answers given, sums over a person's items at the estimate:

        W = sum(h - E h)     S = sum s     c = cov(h, s) / I     lz* = (W - c S - bias) / sqrt(Var W - c² I)

    S is 0 at the maximum-likelihood estimate and minus the prior's (or weight's) slope at MAP and WLE: there this is
    Snijders's correction, for items of several points Sinharay's (2016, Psychometrika 81). ``W - c S`` depends on the
    estimate only to second order, so that it serves for posterior means too; ``bias = K se² / 2`` with
    ``K = (1 - c') I - c E(s s')`` is that second order. With several domains each has its own c, S, I and K. The
    p values allow for the third moment (von Davier & Molenaar 2003, Psychometrika 68): few items leave lz* skewed.

    The items are taken as given. In an adaptive test answers chose them: somebody unlucky at first sees easier items,
    lz* comes out too high, and p below .05 occurs in 1 to 2 % of sittings instead of 5 %. Flags stay trustworthy there,
    and are fewer.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    estimates : abilities and errors, shapes (N, D); answers in a domain without finite ones are left out.
    fewest : answers a person needs.
    """
    known = np.isfinite(estimates.theta) & np.isfinite(estimates.se)
    seen = (scores != MISSING) & known[:, tables.domain]
    sums = _sums(tables, scores, estimates.theta, seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        c = np.where(sums.information > 0, sums.crossed / sums.information, 0.0)
        bias = np.where(known, _second_order(sums, c) * estimates.se**2 / 2, 0.0)
        variance = sums.variance.sum(axis=1)
        left = variance - (c**2 * sums.information).sum(axis=1)
        # items alike leave nothing: what the estimate took from the surprise is all of it
        usable = (seen.sum(axis=1) >= fewest) & (left > 1e-9 * variance)
        star = (sums.level - c * sums.slope - bias).sum(axis=1) / np.sqrt(left)
        plain = sums.level.sum(axis=1) / np.sqrt(variance)
        skewness = _third(tables, estimates.theta, seen, c) / left**1.5
    plain, star = np.where(usable, plain, np.nan), np.where(usable, star, np.nan)
    p = _lower(star, np.where(usable, skewness, 0.0))
    return PersonFit(plain, star, p, np.minimum(2 * np.minimum(p, 1 - p), 1.0), seen.sum(axis=1))


class _Sums(NamedTuple):
    """Sums over a person's items, shapes (N, D): W, S, Var W, I = E s², E hs, E s³, E ss', E hs² + E hs'."""

    level: Floats
    slope: Floats
    variance: Floats
    information: Floats
    crossed: Floats
    cubed: Floats
    bent: Floats
    mixed: Floats


def _sums(tables: ItemTables, scores: Scores, theta: Floats, seen: Bools) -> _Sums:
    out = np.zeros((len(_Sums._fields), *theta.shape))
    for item, domain in enumerate(tables.domain):
        who = np.flatnonzero(seen[:, item])
        at = at_abilities(tables, item, theta[who, domain])
        chosen = np.arange(who.size), scores[who, item]
        h, s = _centred(at), at.slope
        terms = (h**2, s**2, h * s, s**3, s * at.bend, h * (s**2 + at.bend))
        out[:, who, domain] += np.stack([h[chosen], s[chosen], *((at.p * x).sum(axis=1) for x in terms)])
    return _Sums(*out)


def _centred(at: AtAbility) -> Floats:
    """Log-probability of each category less its expectation."""
    centred: Floats = at.log_p - (at.p * at.log_p).sum(axis=1, keepdims=True)
    return centred


def _second_order(sums: _Sums, c: Floats) -> Floats:
    """K: covariance of S with the slope of ``W - c S``; c' from (E hs)' = E hs² + E hs' + I and I' = E s³ + 2 E ss'."""
    turn = (sums.mixed + sums.information - c * (sums.cubed + 2 * sums.bent)) / sums.information
    return (1 - turn) * sums.information - c * sums.bent


def _third(tables: ItemTables, theta: Floats, seen: Bools, c: Floats) -> Floats:
    """Third central moment of ``W - c S`` per person, shape (N,)."""
    total = np.zeros(len(theta))
    for item, domain in enumerate(tables.domain):
        who = np.flatnonzero(seen[:, item])
        at = at_abilities(tables, item, theta[who, domain])
        total[who] += (at.p * (_centred(at) - c[who, domain, None] * at.slope) ** 3).sum(axis=1)
    return total


def _lower(z: Floats, skewness: Floats) -> Floats:
    """P(Z <= z) for mean 0, variance 1 and this skewness, by a shifted chi-square (normal where nearly symmetric)."""
    flat = np.abs(skewness) < 1e-3  # noqa: PLR2004
    df = 8 / np.where(flat, 1.0, skewness) ** 2
    at = df + np.sign(skewness) * z * np.sqrt(2 * df)
    return np.where(flat, norm.cdf(z), np.where(skewness > 0, chi2.cdf(at, df), chi2.sf(at, df)))
