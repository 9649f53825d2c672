"""What a bank covers, as a table: capacity × band × type."""

from collections.abc import Iterator, Sequence
from typing import Final

from framework.model import Framework
from itembank.model import ITEM_TYPES, Item, ItemType
from itembank.quality.counts import Counts, by_band, count

START, END = "<!-- coverage: written by `toise bank coverage --write` -->", "<!-- end of coverage -->"

SIGNS: Final[dict[ItemType, str]] = {
    "single_choice": "S",
    "multiple_choice": "M",
    "short_text": "T",
    "numeric": "N",
    "ordering": "O",
    "matching": "A",
    "gap_text": "G",
    "inline_choice": "I",
}
"""One letter a type, in the cells of the table."""


def table(items: Sequence[Item], framework: Framework) -> str:
    """Return the table in Markdown: a row for each capacity, a column for each band, types by letter."""
    counts = count(items, framework)
    heads = [band.label.en for band in framework.bands]
    lines = [
        f"| capacity | {' | '.join(heads)} | all |",
        f"|---|{'---|' * len(heads)}---:|",
        *_rows(counts, framework),
    ]
    return "\n".join([*_summary(counts), "", *lines]) + "\n"


def _summary(counts: Counts) -> Iterator[str]:
    types = ", ".join(f"{SIGNS[kind]} {kind} {counts.types[kind]}" for kind in ITEM_TYPES)
    yield f"{counts.total} questions: {types}."
    settings = ", ".join(f"{name} {number}" for name, number in sorted(counts.settings.items()))
    yield f"{counts.in_cases} of them in {counts.cases} cases{f' ({settings})' if settings else ''}."


def _rows(counts: Counts, framework: Framework) -> Iterator[str]:
    for domain in framework.domains:
        for competence in domain.competences:
            for capacity in competence.capacities:
                cells = [_cell(counts, capacity.id, band.id) for band in framework.bands]
                total = by_band(counts, [capacity.id]).total()
                yield f"| {capacity.id} | {' | '.join(cells)} | {total} |"
            bands = by_band(counts, [capacity.id for capacity in competence.capacities])
            totals = " | ".join(f"**{bands[band.id]}**" for band in framework.bands)
            yield f"| **{competence.id}** | {totals} | **{bands.total()}** |"


def _cell(counts: Counts, capacity: str, band: str) -> str:
    """``2 S, 1 O``: two single choices and an ordering."""
    found = ((kind, counts.cells[capacity, band, kind]) for kind in ITEM_TYPES)  # type: ignore[index]
    return ", ".join(f"{number} {SIGNS[kind]}" for kind, number in found if number) or "–"


def placed(page: str, written: str) -> str:
    """Return a page with the table between its two markers. Raise ValueError where a marker is missing."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"expected the lines {START!r} and {END!r}")
    return f"{before}{start}\n\n{written}\n{end}{after}"
