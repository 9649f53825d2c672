"""What a bank holds: how many questions by type, capacity, band, setting."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from framework.model import BandId, Framework
from itembank.model import Item, ItemType
from itembank.vignette import Setting

Cell = tuple[str, BandId, ItemType]
"""A capacity, a band and a type."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Questions counted. ``cells`` by capacity, band and type; ``settings`` counts cases, ``in_cases`` questions."""

    total: int
    types: Counter[ItemType]
    cells: Counter[Cell]
    settings: Counter[Setting]
    cases: int
    in_cases: int

    @property
    def single_share(self) -> float:
        """Share of single choice questions."""
        return self.types["single_choice"] / self.total if self.total else 0.0


def count(items: Sequence[Item], framework: Framework) -> Counts:
    """Count the questions of a bank; their capacities and levels are the framework's."""
    cases = {item.vignette.id: item.vignette.setting for item in items if item.vignette is not None}
    return Counts(
        total=len(items),
        types=Counter(item.type for item in items),
        cells=Counter((item.capacity, framework.band_of(item.level).id, item.type) for item in items),
        settings=Counter(cases.values()),
        cases=len(cases),
        in_cases=sum(item.stimulus is not None for item in items),
    )


def by_band(counts: Counts, capacities: Iterable[str]) -> Counter[BandId]:
    """How many questions of these capacities each band has."""
    wanted = frozenset(capacities)
    found: Counter[BandId] = Counter()
    for (capacity, band, _), number in counts.cells.items():
        if capacity in wanted:
            found[band] += number
    return found
