"""Small banks of tables for the tests of the engine."""

from collections.abc import Sequence

import numpy as np

from app.engine.grid import Grid, make_grid
from app.engine.models import generalised_partial_credit, logistic
from app.engine.tables import ItemTables, log_likelihood, make_tables
from tests.engine.brute import Array
from tests.strategies import LoggedItem


def rows(grid: Grid, item: LoggedItem) -> Array:
    if len(item.b) == 1:
        return logistic(grid.theta, a=np.array(item.a), b=np.array(item.b[0]), c=item.c)
    return generalised_partial_credit(grid.theta, a=np.array(item.a), b=np.array(item.b))


def tables_of(items: Sequence[LoggedItem], *, domains: int, grid: Grid | None = None) -> ItemTables:
    grid = grid or make_grid()
    return make_tables(grid, [rows(grid, item) for item in items], [item.domain for item in items], domains=domains)


def answered(tables: ItemTables, items: Sequence[LoggedItem]) -> Array:
    """Log-likelihood of all the items of the tables, each answered once as it says."""
    return log_likelihood(tables, np.arange(len(items)), np.array([item.score for item in items], dtype=np.intp))


def random_items(
    rng: np.random.Generator, count: int, *, domains: int, steps: Sequence[int] = (1, 1, 2, 4)
) -> list[LoggedItem]:
    """Items of every kind, with plausible parameters."""
    found = []
    for index in range(count):
        size = int(rng.choice(steps))
        c = float(rng.choice([0.0, 0.2])) if size == 1 else 0.0
        b = tuple(rng.normal(scale=1.2, size=size).tolist())
        score = int(rng.integers(size + 1))
        found.append(LoggedItem(index % domains, float(np.exp(rng.normal(scale=0.4))), b, c, score))
    return found
