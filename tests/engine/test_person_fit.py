"""Person fit: its distribution under the model, and a plain computation."""

import numpy as np
import pytest
from scipy.stats import norm

from app.engine.estimators import MISSING, Estimates
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints
from app.engine.matching import Bools
from app.engine.person_fit import person_fit
from tests.engine.fit_cases import Item, answered, drawn_items, drawn_scores, estimated, simulated


def plain(items: list[Item], row: Ints, theta: float, se: float) -> tuple[float, float]:
    """lz and lz* of one person: loops over items and categories, derivatives by differences."""

    def log_p(name: str, xi: Floats, at: float) -> Floats:
        return FAMILIES[name].log_p(np.array([at]), xi)[:, 0]

    def moments(at: float) -> tuple[float, float]:
        crossed = information = 0.0
        for (name, xi), score in zip(items, row, strict=True):
            if score != MISSING:
                h = log_p(name, xi, at)
                s = (log_p(name, xi, at + 1e-5) - log_p(name, xi, at - 1e-5)) / 2e-5
                crossed += float((np.exp(h) * h * s).sum())
                information += float((np.exp(h) * s * s).sum())
        return crossed, information

    crossed, information = moments(theta)
    c = crossed / information
    ratios = [one / other for one, other in (moments(theta + 1e-3), moments(theta - 1e-3))]
    turn = (ratios[0] - ratios[1]) / 2e-3
    level = variance = left = bent = slope = 0.0
    for (name, xi), score in zip(items, row, strict=True):
        if score == MISSING:
            continue
        h = log_p(name, xi, theta)
        up, down = log_p(name, xi, theta + 1e-4), log_p(name, xi, theta - 1e-4)
        p, s, bend = np.exp(h), (up - down) / 2e-4, (up - 2 * h + down) / 1e-8
        level += float(h[score] - (p * h).sum())
        slope += float(s[score])
        variance += float((p * h**2).sum() - (p * h).sum() ** 2)
        rest = h - c * s
        left += float((p * rest**2).sum() - (p * rest).sum() ** 2)
        bent += float((p * s * bend).sum())
    bias = ((1 - turn) * information - c * bent) * se**2 / 2
    return level / np.sqrt(variance), (level - c * slope - bias) / np.sqrt(left)


@pytest.mark.parametrize("method", ["eap", "wle"])
@pytest.mark.parametrize("model", ["2pl", "3pl", "gpcm", "grm"])
def test_a_plain_computation_gives_the_same(model: str, method: str) -> None:
    items, case = simulated(3, 15, persons=12, model=model, unseen=0.2)
    estimates = estimated(case, method=method)
    found = person_fit(case.tables, case.scores, estimates)
    for person in range(12):
        told = plain(items, case.scores[person], estimates.theta[person, 0], estimates.se[person, 0])
        assert (found.lz[person], found.lz_star[person]) == pytest.approx(told, abs=5e-3)


def share_near(values: Bools, share: float) -> bool:
    """Within three Monte-Carlo standard errors."""
    return bool(abs(values.mean() - share) < 3 * np.sqrt(share * (1 - share) / values.size))


@pytest.mark.parametrize("method", ["eap", "wle"])
@pytest.mark.parametrize("model", ["2pl", "3pl", "gpcm"])
def test_under_the_model_one_person_in_twenty_is_flagged(model: str, method: str) -> None:
    _, case = simulated(11, 40, persons=4000, model=model)
    found = person_fit(case.tables, case.scores, estimated(case, method=method))
    assert share_near(found.p < 0.05, 0.05)
    assert share_near(found.p_two_sided < 0.05, 0.05)
    assert share_near(np.abs(found.lz_star) > 1.96, 0.05)
    assert abs(found.lz_star.mean()) < 3 / np.sqrt(4000)
    assert found.lz.std() < 0.95 < found.lz_star.std() < 1.05


def test_two_domains_are_judged_together() -> None:
    rng = np.random.default_rng(5)
    items = drawn_items(rng, 40)
    theta = rng.normal(size=(4000, 2))
    scores = np.hstack([drawn_scores(rng, items[:20], theta[:, 0]), drawn_scores(rng, items[20:], theta[:, 1])])
    case = answered(items, scores, domain=[0] * 20 + [1] * 20)
    found = person_fit(case.tables, scores, case.eap)
    assert share_near(found.p < 0.05, 0.05)
    assert found.lz_star.std() == pytest.approx(1, abs=0.05)


def test_guessing_throughout_is_found_more_often_than_by_the_uncorrected_statistic() -> None:
    items, case = simulated(7, 40, persons=1000)
    scores = case.scores.copy()
    scores[:200] = np.random.default_rng(1).random((200, 40)) < 0.5
    odd = answered(items, scores)
    found = person_fit(odd.tables, scores, odd.eap)
    assert (found.p[:200] < 0.05).mean() > 0.6
    assert (found.p[:200] < 0.05).mean() >= (norm.cdf(found.lz[:200]) < 0.05).mean()


def test_too_few_answers_and_estimates_without_end_are_not_judged() -> None:
    _, case = simulated(7, 10, persons=30)
    scores = case.scores.copy()
    scores[0, 3:] = MISSING
    theta, se = case.post.mean.copy(), case.post.sd.copy()
    theta[1], se[2] = np.inf, np.nan
    found = person_fit(case.tables, scores, Estimates(theta, se))
    assert np.isnan(found.lz_star[:3]).all()
    assert np.isnan(found.p[:3]).all()
    assert found.answers[:4].tolist() == [3, 0, 0, 10]
    assert np.isfinite(found.lz_star[3:]).all()


def test_items_all_alike_leave_nothing_to_judge() -> None:
    items = [("2pl", np.array([0.0, 0.5]))] * 8
    case = answered(items, np.random.default_rng(0).integers(0, 2, (20, 8)))
    assert np.isnan(person_fit(case.tables, case.scores, case.eap).lz_star).all()
