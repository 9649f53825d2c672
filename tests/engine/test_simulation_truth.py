"""True students, items and answers are drawn as stated."""

import numpy as np
import pytest

from app.engine.families import FAMILIES
from app.engine.simulation_truth import ItemBelief, abilities_at_level, abilities_from_prior, bank_belief

CUTS = np.array([-1.0, 0.0, 2.0])
NATURAL = {
    "rasch": [0.3],
    "1pl": [0.3],
    "2pl": [1.2, 0.3],
    "3pl": [1.2, 0.3, 0.2],
    "4pl": [1.2, 0.3, 0.2, 0.95],
    "pcm": [0.1, 0.5],
    "gpcm": [1.1, 0.1, 0.5],
    "grm": [1.1, 0.1, 0.5],
    "nrm": [0.5, 1.0, 0.2, -0.3],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_of_every_family_are_as_frequent_as_its_probabilities(family: str) -> None:
    mean = FAMILIES[family].transformed(np.array(NATURAL[family]))
    bank = bank_belief([ItemBelief(family, mean, None)] * 2).draw(np.random.default_rng(1))
    people, theta = 40_000, np.array([-0.5, 0.9])
    ability = np.repeat(theta, people)
    uniform = (np.arange(2 * people) % people + 0.5) / people
    scores = bank.scores(np.ones(2 * people, dtype=np.intp), ability, uniform).reshape(2, people)
    expected = np.exp(FAMILIES[family].log_p(theta, mean)).T
    seen = [np.bincount(row, minlength=expected.shape[1]) / people for row in scores]
    np.testing.assert_allclose(seen, expected, atol=1 / people)


def test_items_of_several_families_answer_each_by_its_own() -> None:
    rng = np.random.default_rng(2)
    items = [ItemBelief(name, FAMILIES[name].transformed(np.array(NATURAL[name])), None) for name in NATURAL]
    bank = bank_belief(items).draw(rng)
    number, theta, uniform = rng.integers(len(items), size=300), rng.normal(size=300), rng.random(300)
    alone = [
        bank_belief([items[n]]).draw(rng).scores(np.zeros(1, dtype=np.intp), theta[i : i + 1], uniform[i : i + 1])[0]
        for i, n in enumerate(number)
    ]
    assert bank.scores(number, theta, uniform).tolist() == alone


def test_true_parameters_are_spread_as_the_posteriors_say() -> None:
    covariance = np.array([[0.04, 0.02], [0.02, 0.09]])
    belief = bank_belief([ItemBelief("2pl", np.array([0.1, -0.4]), covariance)] * 20_000)
    drawn = belief.draw(np.random.default_rng(3)).parameters[0]
    np.testing.assert_allclose(drawn.mean(axis=0), [0.1, -0.4], atol=0.01)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.003)
    assert not belief.exact


def test_items_known_exactly_are_the_same_in_every_draw() -> None:
    belief = bank_belief([ItemBelief("2pl", np.array([0.1, -0.4]), None)])
    assert belief.exact
    assert belief.draw(np.random.default_rng(1)).parameters[0].tolist() == [[0.1, -0.4]]


def test_students_of_the_prior_have_its_correlations() -> None:
    drawn = abilities_from_prior(np.array([0.9, 0.6, 0.0]), 100_000, np.random.default_rng(4))
    np.testing.assert_allclose(np.asarray(np.corrcoef(drawn.T))[np.triu_indices(3, 1)], [0.54, 0.0, 0.0], atol=0.01)
    np.testing.assert_allclose(drawn.std(axis=0), 1.0, atol=0.01)


@pytest.mark.parametrize(("level", "low", "high"), [(1, -2, -1), (2, -1, 0), (3, 0, 2), (4, 2, 4)])
def test_students_of_a_level_lie_in_its_band(level: int, low: float, high: float) -> None:
    drawn = abilities_at_level(CUTS, level, domains=2, size=1000, rng=np.random.default_rng(5))
    assert drawn.shape == (1000, 2)
    assert low <= drawn.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < drawn.max() <= high


@pytest.mark.parametrize("level", [0, 5])
def test_a_level_that_does_not_exist_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match=f"level must be from 1 to 4, got {level}"):
        abilities_at_level(CUTS, level, domains=1, size=1, rng=np.random.default_rng(1))


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (ItemBelief("5pl", np.zeros(2), None), "item 0: family must be one of .*, got '5pl'"),
        (ItemBelief("2pl", np.zeros(2), np.eye(3)), r"item 0: covariance must be symmetric with shape \(2, 2\)"),
        (ItemBelief("2pl", np.zeros(2), np.array([[1, 0.5], [0, 1]])), "item 0: covariance must be symmetric"),
        (ItemBelief("2pl", np.zeros(2), np.array([[1.0, 2], [2, 1]])), "positive semi-definite, got eigenvalues"),
    ],
)
def test_items_that_are_none_are_refused(item: ItemBelief, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        bank_belief([item])
