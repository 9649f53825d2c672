"""The table of what a bank covers, and the page that shows it."""

from pathlib import Path

import pytest

import itembank
from framework import load
from itembank import SHIPPED, gather
from itembank.formats import native
from itembank.quality.coverage import END, START, placed, table
from tests.items import make_item, make_order

PAGE = Path(itembank.__file__).parent / "README.md"


def test_every_capacity_has_a_row_and_every_competence_a_sum() -> None:
    rows = [line for line in table([], load()).splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(load().capacities) + len(load().competences)


def test_a_cell_counts_types_by_their_letter() -> None:
    bank = (make_item("T-1"), make_item("T-2"), make_order(item_id="T-3", level=4))
    written = table(bank, load())
    assert "| SN1.1.a | 2 S | 1 O | – | – | 3 |" in written
    assert "| **SN1.1** | **2** | **1** | **0** | **0** | **3** |" in written
    assert written.startswith("3 questions: S single_choice 2, ")


def test_the_table_takes_the_place_between_its_markers() -> None:
    page = f"before\n{START}\nold\n{END}\nafter\n"
    once = placed(page, "new\n")
    assert once == f"before\n{START}\n\nnew\n\n{END}\nafter\n"
    assert placed(once, "new\n") == once


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the lines"):
        placed("nothing", "new\n")


def test_the_table_of_the_bank_we_ship_is_current() -> None:
    """``toise bank coverage itembank/data/socle-sante --write itembank/README.md`` writes it anew."""
    bank = native.read(gather(SHIPPED / "socle-sante")).items
    assert table(bank, load()) in PAGE.read_text(encoding="utf-8")
