import json
import pickle
from datetime import date

import pytest
from hypothesis import given

from itembank import Item
from itembank.model import Parameters
from tests.items import make_item, make_short_text, make_ticks
from tests.strategies import items


@given(items())
def test_data_and_back_is_the_same_item(item: Item) -> None:
    assert Item.from_data(json.loads(json.dumps(item.to_data()))) == item


@given(items())
def test_equal_items_have_equal_data_and_hashes(item: Item) -> None:
    copy = pickle.loads(pickle.dumps(item))
    assert json.dumps(copy.to_data()) == json.dumps(item.to_data())
    assert hash(copy) == hash(item)


def test_data_has_every_key_in_one_order_whatever_the_type() -> None:
    assert list(make_item().to_data()) == list(make_short_text("INS").to_data())


def test_enemies_are_written_in_order() -> None:
    assert make_item(enemies=frozenset({"B", "C", "A"})).to_data()["enemies"] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("item", "categories"),
    [
        (make_item(), 2),
        (make_short_text("INS"), 2),
        (make_ticks((True, True, True, False), scoring="all_or_nothing"), 2),
        (make_ticks((True, True, True, False), scoring="partial_credit"), 4),
    ],
)
def test_partial_credit_has_one_category_more_than_right_options(item: Item, categories: int) -> None:
    assert item.categories == categories


@pytest.mark.parametrize(
    ("day", "served"),
    [(date(2026, 11, 20), False), (date(2026, 11, 21), True), (date(2027, 11, 21), True), (date(2027, 11, 22), False)],
)
def test_an_item_serves_from_its_first_day_to_its_review_both_included(day: date, *, served: bool) -> None:
    assert make_item().in_service(day) is served


@pytest.mark.parametrize(("model", "free"), [("rasch", 1), ("1pl", 1), ("2pl", 2), ("3pl", 3), ("gpcm", 2)])
def test_the_covariance_speaks_of_the_free_parameters_only(model: str, free: int) -> None:
    data = {"model": model, "a": 1, "b": [0.5], "c": 0, "covariance": None}
    assert Parameters.from_data(data).free == free
