"""Short lists leave out no item that could be the best, and say so where they might."""

from dataclasses import replace

import numpy as np
import pytest

from app.engine.grid import Floats
from app.engine.simulation_belief import OneDomain
from app.engine.simulation_desk import Desk, prepared
from app.engine.simulation_rules import Ledger
from app.engine.simulation_screen import Crowd, Screen, best_screened
from app.engine.simulation_top import Top
from tests.engine.brute import Array
from tests.engine.simulated import Setting, setting


def crowd_of(
    found: Setting, rng: np.random.Generator, *, size: int = 600, answers: int = 6
) -> tuple[Crowd, Desk, Array]:
    """Sittings after some answers to items drawn at random, with what every item would gain in full."""
    desk = prepared(found.plan)
    assert desk.book is not None
    belief, ledger = (
        OneDomain.start(found.plan, size),
        Ledger.start(desk.book, rng.random((size, found.plan.size)) < 0.7),
    )
    for _ in range(answers):
        belief.learn(rng.integers(found.plan.size, size=size), rng.integers(2, size=size))
    worth = found.plan.tables.per_item(belief.gains(np.arange(size), 0.1))
    if found.plan.price is not None:
        worth = worth * np.exp(-found.plan.price)
    return Crowd(belief.density, belief.mean[:, 0], belief.sd[:, 0], ledger, None), desk, worth * ledger.free


def screened(desk: Desk, crowd: Crowd, *, count: int = 2) -> Top:
    assert desk.screen is not None
    return best_screened(desk.screen, crowd, count=count)


def assert_right(best: Top, worth: Floats, crowd: Crowd, *, share: float) -> None:
    """Wherever the first is certain it is the best; upper and lower bounds hold."""
    worth = worth / crowd.sd[:, None] ** 4
    certain = best.least[:, 0] > best.values[:, 1]
    assert certain.mean() >= share
    assert best.items[certain, 0].tolist() == worth[certain].argmax(axis=1).tolist()
    shown = np.take_along_axis(worth, best.items, axis=1)
    sure = best.least >= 0
    assert np.all(best.least[sure] <= shown[sure])
    assert np.all(best.values[sure] >= shown[sure])


@pytest.mark.parametrize(
    "rules",
    [{}, {"guessing": 0.2}, {"price": np.linspace(0, 2, 400)}],
    ids=["two parameters", "guessing", "prices"],
)
@pytest.mark.parametrize("answers", [0, 6, 40])
def test_what_a_short_list_is_certain_of_is_the_best_of_the_whole_bank(rules: dict[str, object], answers: int) -> None:
    rng = np.random.default_rng([1, answers])
    found = setting(rng, count=400, **rules)  # type: ignore[arg-type]
    crowd, desk, worth = crowd_of(found, rng, size=3000, answers=answers)
    assert_right(screened(desk, crowd), worth, crowd, share=0.3)


def test_among_several_best_the_last_is_certain_too() -> None:
    rng = np.random.default_rng(2)
    crowd, desk, worth = crowd_of(setting(rng, count=400, choose_among=4), rng, size=3000)
    best = screened(desk, crowd, count=5)
    order = np.argsort(-worth, axis=1)[:, :4]
    certain = np.all(best.least[:, :4] > best.values[:, 1:], axis=1)
    assert certain.mean() > 0.3
    assert best.items[certain, :4].tolist() == order[certain].tolist()


def test_few_or_unlike_sittings_have_no_short_list() -> None:
    rng = np.random.default_rng(3)
    crowd, desk, _ = crowd_of(setting(rng, count=400), rng, size=40)
    assert np.all(screened(desk, crowd).least == -1)


def test_a_bank_of_which_nothing_can_be_left_out_is_looked_at_whole() -> None:
    rng = np.random.default_rng(4)
    crowd, desk, worth = crowd_of(setting(rng, count=300, price=np.zeros(300)), rng, size=1000, answers=0)
    alone = replace(crowd, ledger=replace(crowd.ledger, free=np.zeros_like(crowd.ledger.free)))
    assert np.all(screened(desk, alone).values == 0)
    assert worth.any()


def test_items_that_nearly_everybody_solves_are_bounded_by_the_rare_answer() -> None:
    rng = np.random.default_rng(5)
    found = setting(rng, count=400)
    tables = found.plan.tables
    easy = np.log(
        np.stack([1 / (1 + np.exp(3 * (tables.grid.theta + 9))), 1 / (1 + np.exp(-3 * (tables.grid.theta + 9)))])
    )
    log_p = tables.log_p.copy()
    log_p[:2] = easy
    above = tables.above[0].copy()
    above[:, 0] = np.exp(easy[1])
    changed = replace(found, plan=replace(found.plan, tables=replace(tables, log_p=log_p, above=(above,))))
    crowd, desk, worth = crowd_of(changed, rng, size=3000)
    assert_right(screened(desk, crowd), worth, crowd, share=0.3)


def test_windows_are_made_once() -> None:
    rng = np.random.default_rng(6)
    crowd, desk, _ = crowd_of(setting(rng, count=300), rng, size=1000)
    screened(desk, crowd)
    found = desk.screen
    assert isinstance(found, Screen)
    before = dict(found.windows)
    assert before
    screened(desk, crowd)
    assert all(found.windows[key] is window for key, window in before.items())
