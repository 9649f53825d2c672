"""Prices hold the exposure of the best items down, and cost less precision than a lot that ignores ability."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.engine.pricing import Prices, find_prices, moved
from app.engine.simulation import Study, simulate
from app.engine.simulation_report import Figures
from tests.engine.simulated import CUTS, Setting, setting

CAP = 0.25


def study(**rules: Any) -> Study:
    found: Setting = setting(np.random.default_rng(3), count=80, length=(8, 8), choose_among=3, **rules)
    return Study(found.plan, found.belief, CUTS)


def priced(made: Study, **rest: Any) -> Prices:
    with ThreadPoolExecutor(1) as executor:
        return find_prices(made, executor=executor, **{"cap": CAP, "rounds": 12, "size": 400, "seed": 1, **rest})


def figures(made: Study, *, size: int = 1500) -> Figures:
    with ThreadPoolExecutor(1) as executor:
        return simulate(made, size=size, seed=9, executor=executor).overall


def test_prices_hold_exposure_down_and_cost_less_than_the_lot() -> None:
    free = study()
    price = priced(free).price
    dear = replace(free, plan=replace(free.plan, price=price))
    loose, steered, lot = figures(free), figures(dear), figures(replace(free, exposure_cap=CAP))
    both = figures(replace(dear, exposure_cap=CAP))
    assert loose.max_exposure > 0.4
    assert steered.max_exposure < 0.75 * loose.max_exposure
    assert both.max_exposure < CAP + 0.01
    assert loose.mean_se < both.mean_se < lot.mean_se


def test_one_first_item_at_random_has_every_item_seen() -> None:
    free = study(progressive=0.125)
    dear = replace(free, plan=replace(free.plan, price=priced(free).price), exposure_cap=CAP)
    assert figures(study()).unused_share > 0.2
    assert figures(dear).unused_share == 0


def test_the_same_seed_gives_the_same_prices() -> None:
    once, again = (priced(study(), rounds=3) for _ in range(2))
    np.testing.assert_array_equal(once.price, again.price)
    assert once.price.min() == 0.0 < once.price.max()
    assert once.exposure.sum() == pytest.approx(8.0)


def test_the_cap_of_the_study_itself_does_not_matter() -> None:
    capped = replace(study(), exposure_cap=0.3)
    np.testing.assert_array_equal(priced(capped, rounds=2).price, priced(study(), rounds=2).price)


def test_items_above_the_cap_grow_dearer_and_those_below_it_cheaper_but_never_negative() -> None:
    exposure = np.array([0.5, 0.25, 0.125, 0.125, 1.0])
    found = moved(np.array([0.0, 1.0, 1.0, 0.0, 0.0]), exposure, cap=0.25, step=0.1)
    np.testing.assert_allclose(found, [0.1, 1.0, 0.95, 0.0, 0.2])


@pytest.mark.parametrize("cap", [0.0, 1.1])
def test_a_cap_that_is_no_share_is_refused(cap: float) -> None:
    with pytest.raises(ValueError, match=rf"cap must be in \(0, 1\], got {cap}"):
        priced(study(), cap=cap)


def test_no_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="rounds must be at least 1, got 0"):
        priced(study(), rounds=0)
