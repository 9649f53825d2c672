"""Rules about calibrated parameters."""

import math
from collections.abc import Iterator

from itembank.model import Item, Parameters
from itembank.rules.rule import Context, Finding, Rule

_TOLERANCE = 1e-9

Matrix = tuple[tuple[float, ...], ...]


def _parameters(item: Item, _: Context) -> Iterator[Finding]:
    own = item.parameters
    if own is None:
        return
    cells = [cell for row in own.covariance or () for cell in row]
    if not all(math.isfinite(value) for value in (own.a, own.c, *own.b, *cells)):
        yield Finding("infinite-parameter", "parameters")
        return
    if own.a <= 0 or (own.model == "rasch" and own.a != 1):
        yield Finding("bad-slope", "parameters.a", {"value": str(own.a)})
    if not 0 <= own.c < 1 or (own.model != "3pl" and own.c != 0):
        yield Finding("bad-asymptote", "parameters.c", {"value": str(own.c), "model": own.model})
    yield from _steps(item, own)
    if own.covariance is not None and not _is_covariance(own.covariance, own.free):
        yield Finding("bad-covariance", "parameters.covariance", {"count": own.free})


def _steps(item: Item, own: Parameters) -> Iterator[Finding]:
    steps = item.categories - 1
    if len(own.b) != steps or (steps > 1 and own.model != "gpcm"):
        facts = {"count": len(own.b), "categories": item.categories}
        yield Finding("step-count", "parameters.b", facts)


def _is_covariance(matrix: Matrix, size: int) -> bool:
    """Square, symmetric, positive semi-definite (Cholesky with zero pivots allowed)."""
    if [len(row) for row in matrix] != [size] * size:
        return False
    scale = max((abs(cell) for row in matrix for cell in row), default=0.0)
    slack = _TOLERANCE * scale
    symmetric = all(abs(matrix[i][j] - matrix[j][i]) <= slack for i in range(size) for j in range(i))
    return symmetric and _has_root(matrix, slack)


def _has_root(matrix: Matrix, slack: float) -> bool:
    root = [[0.0] * len(matrix) for _ in matrix]
    for i in range(len(matrix)):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            if i == j and rest < -slack:
                return False
            if i == j:
                root[i][i] = math.sqrt(max(rest, 0.0))
            elif root[j][j] > 0:
                root[i][j] = rest / root[j][j]
            elif abs(rest) > math.sqrt(slack):
                return False
    return True


RULES = (Rule(_parameters, needs=("parameters", "type", "scoring", "options[].correct")),)
