import numpy as np
import pytest

from app.bank.pool import Pool, standard_grid
from app.engine.grid import Floats
from itembank.model import Item, Parameters
from tests.builders import make_item, make_items, make_pool


def test_every_item_has_its_domain_competence_and_categories() -> None:
    items = make_items(5)
    pool = make_pool(items)
    for index, item in enumerate(items):
        assert pool.position[item.id] == index
        assert pool.competences[pool.competence[index]] == item.competence
        assert pool.framework.domains[pool.tables.domain[index]].id == item.competence[:3]
        assert pool.tables.categories(index) == item.categories
    assert pool.tables.grid is standard_grid()
    assert pool.provisional


def test_a_harder_level_is_a_harder_item() -> None:
    pool = make_pool([make_item(f"SN1.1-{level:03}", level=level) for level in range(1, 9)])
    right = np.exp(pool.tables.log_p[1::2])
    assert np.all(np.diff(right, axis=0) < 0)


def rows_of(pool: Pool, item: Item) -> Floats:
    index = pool.position[item.id]
    return pool.tables.log_p[pool.tables.first_row[index] : pool.tables.first_row[index + 1]]


def test_the_author_s_order_makes_no_difference_to_an_item() -> None:
    items = make_items(3)
    first, second = make_pool(items), make_pool(items[::-1])
    for item in items:
        np.testing.assert_array_equal(rows_of(first, item), rows_of(second, item))


def test_enmity_is_mutual_whichever_side_declares_it() -> None:
    pool = make_pool(
        [
            make_item("SN1.1-001", enemies=("SN1.1-003",)),
            make_item("SN1.1-002"),
            make_item("SN1.1-003", enemies=("SN2.1-001",)),
            make_item("SN2.1-001"),
        ]
    )
    assert [group.tolist() for group in pool.enemies] == [[2], [], [0, 3], [2]]
    assert pool.hostile.tolist() == [0, 2, 3]


def test_enemies_outside_the_bank_and_oneself_do_not_matter() -> None:
    pool = make_pool([make_item("SN1.1-001", enemies=("SN1.1-001", "SN9.9-001"))])
    assert pool.enemies[0].size == pool.hostile.size == 0


def test_a_pool_of_measured_items_is_not_provisional() -> None:
    known = Parameters("2pl", 1.2, (0.3,), 0.0, None)
    assert not make_pool([make_item(parameters=known)]).provisional
    assert make_pool([make_item(parameters=known), make_item("SN1.1-002")]).provisional


def test_an_empty_bank_is_an_empty_pool() -> None:
    pool = make_pool([])
    assert (pool.tables.size, len(pool.competences), pool.hostile.size) == (0, 12, 0)


def test_two_items_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="item ids must be unique within a bank"):
        make_pool([make_item(), make_item()])


def test_an_item_of_a_competence_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(
        ValueError, match=r"unknown competence SN1\.9: the framework fr-socle-numerique-sante has SN1\.1, "
    ):
        make_pool([make_item("SN1.9-001")])
