"""A bank of item parameters, as files hold it and as the engine reads it."""

from dataclasses import dataclass

from app.engine.families import FAMILIES, Family
from app.engine.grid import Floats, Grid
from app.engine.tables import ItemTables, item_rows, make_tables


@dataclass(frozen=True, slots=True, eq=False)
class BankItem:
    """One item.

    Attributes
    ----------
    id, domain : its name and what it measures.
    model : its family, of ``app.engine.families.FAMILIES``.
    mean : shape (p,), transformed parameters; metric: logistic, without the 1.7 constant.
    covariance : shape (p, p), of the transformed parameters; None where they are known exactly.
    """

    id: str
    domain: str
    model: str
    mean: Floats
    covariance: Floats | None

    @property
    def family(self) -> Family:
        return FAMILIES[self.model]

    @property
    def categories(self) -> int:
        """Number of score categories; the highest score is one less."""
        return self.family.categories(self.mean.size)


@dataclass(frozen=True, slots=True)
class BankFile:
    """A bank; domains in order of first appearance."""

    items: tuple[BankItem, ...]

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.domain for item in self.items))

    def tables(self, grid: Grid) -> ItemTables:
        """The bank on a grid."""
        number = {domain: index for index, domain in enumerate(self.domains)}
        rows = [item_rows(grid, item.model, item.mean, item.covariance) for item in self.items]
        return make_tables(grid, rows, [number[item.domain] for item in self.items], domains=len(number))
