"""Many persons' answers at once: dense scores or a sparse incidence, their likelihoods, and work in chunks.

Answers come in one of two forms:

*dense*   scores, integers of shape (N, n), the category each person reached in each item, ``MISSING`` where not seen;
*sparse*  a scipy.sparse array of shape (N, n) in CSR format, where what is stored is the category **plus one** and
          what is not stored was not seen: for banks of which each person sees a small part.

The log-likelihood is linear in either, so it is one matrix product per domain. Dense scores are multiplied with the
log-odds of the categories against category 0, which takes one column less for each item; where nobody missed an item
the rest is one constant row.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import repeat
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables
from app.engine.workspace import workspace

MISSING: Final = -1
"""Score of an item that a person did not see."""
CHUNK: Final = 5_000
"""Persons at a time: their densities stay in a processor's cache, and threads seldom wait for each other."""

Scores = NDArray[np.integer]
Answers = Scores | sparse.csr_array
Context = TypeVar("Context")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """One domain's items as log-odds against category 0.

    Attributes
    ----------
    members : shape (n_d,), the domain's items.
    reached : for each category above 0, the places among ``members`` of the items that have it.
    odds : shape (R_d, Q), log P_c - log P_0, in the order of ``reached``.
    lowest : shape (n_d, Q), log P_0.
    """

    members: Ints
    reached: tuple[Ints, ...]
    odds: Floats
    lowest: Floats


def contrasts(tables: ItemTables) -> tuple[Contrasts, ...]:
    """The domains' items as log-odds, once for all chunks."""
    return tuple(_contrast(tables, members) for members in tables.members)


def _contrast(tables: ItemTables, members: Ints) -> Contrasts:
    first, steps = tables.first_row[members], np.diff(tables.first_row)[members] - 1
    reached = tuple(np.flatnonzero(steps >= category) for category in range(1, int(steps.max(initial=0)) + 1))
    rows = [first[places] + category for category, places in enumerate(reached, start=1)]
    lowest = tables.log_p[first]
    odds = tables.log_p[np.concatenate(rows)] - lowest[np.concatenate(reached)] if rows else lowest[:0]
    return Contrasts(members, reached, odds, lowest)


def check_form(tables: ItemTables, answers: Answers) -> None:
    """Refuse what has not the shape or type of answers to these items.

    Raises
    ------
    ValueError
        Saying what was expected and what came.
    """
    if sparse.issparse(answers):
        _check_sparse_form(tables, answers)
        return
    if answers.ndim != 2 or answers.shape[1] != tables.size or not np.issubdtype(answers.dtype, np.integer):  # noqa: PLR2004
        shape = answers.shape
        raise ValueError(f"scores must be integers of shape (persons, {tables.size}), got {answers.dtype} {shape}")


def _check_sparse_form(tables: ItemTables, answers: object) -> None:
    if not isinstance(answers, sparse.csr_array) or answers.shape[1] != tables.size:
        raise ValueError(f"sparse scores must be a csr_array of shape (persons, {tables.size}), got {answers!r}")
    if not answers.has_canonical_format:
        raise ValueError("sparse scores must hold each answer once, in order (sum_duplicates)")


def check_categories(tables: ItemTables, answers: Answers, *, first: int = 0) -> None:
    """Refuse scores that are not categories of their items.

    Parameters
    ----------
    first : number of the first person, for the message.

    Raises
    ------
    ValueError
        Naming the person and the item.
    """
    counts = np.diff(tables.first_row)
    if sparse.issparse(answers):
        wrong = np.flatnonzero((answers.data < 1) | (answers.data > counts[answers.indices]))
        if wrong.size:
            person = int(np.searchsorted(answers.indptr, wrong[0], side="right")) - 1
            raise _no_category(tables, first + person, answers.indices[wrong[0]], answers.data[wrong[0]] - 1)
    elif answers.size and (answers.min() < MISSING or _beyond(answers, counts)):
        person, item = np.argwhere((answers < MISSING) | (answers >= counts))[0]
        raise _no_category(tables, first + person, item, answers[person, item])


def _beyond(answers: Scores, counts: Ints) -> bool:
    """Whether a score is no category of its item; one look at all is mostly enough."""
    return bool(answers.max() >= counts.min() and np.any(answers.max(axis=0) >= counts))


def _no_category(tables: ItemTables, person: int, item: int, got: int) -> ValueError:
    return ValueError(f"person {person}, item {item}: score must be in 0 … {tables.categories(item) - 1}, got {got}")


def batch_log_likelihood(tables: ItemTables, answers: Answers) -> Floats:
    """Log-likelihood of many persons' answers, shape (N, D, Q).

    Raises
    ------
    ValueError
        If the answers are not answers to these items.
    """
    check_form(tables, answers)
    check_categories(tables, answers)
    return likelihoods(tables, contrasts(tables), answers)


def likelihoods(tables: ItemTables, of_domain: Sequence[Contrasts], answers: Answers) -> Floats:
    """The same for answers that were checked, with the contrasts at hand."""
    total = np.empty((answers.shape[0], tables.domains, tables.grid.size))
    for domain, contrast in enumerate(of_domain):
        total[:, domain] = likelihood_of(tables, contrast, answers)
    return total


def likelihood_of(tables: ItemTables, contrast: Contrasts, answers: Answers) -> Floats:
    """Log-likelihood of one domain's answers, shape (N, Q)."""
    if sparse.issparse(answers):
        return _sparse_likelihood(tables, contrast, answers)
    return dense_likelihood(contrast, answers)


def _sparse_likelihood(tables: ItemTables, contrast: Contrasts, answers: sparse.csr_array) -> Floats:
    """The same from sparse scores: one sum of table rows for each person."""
    own = answers if contrast.members.size == tables.size else answers[:, contrast.members]
    rows = tables.first_row[contrast.members[own.indices]] + own.data - 1
    reached = sparse.csr_array((np.ones(rows.size), rows, own.indptr), shape=(own.shape[0], len(tables.log_p)))
    total: Floats = reached @ tables.log_p
    return total


def dense_likelihood(
    contrast: Contrasts, scores: Scores, *, constant: Floats | float = 0.0, fleeting: bool = False
) -> Floats:
    """Log-likelihood of one domain's answers plus a constant (Q,), shape (N, Q), by one matrix product.

    In memory nodes come first: sums over them are quick so. ``fleeting`` : the result need not outlive the thread's
    next one, and takes no new memory.
    """
    own = scores if contrast.members.size == scores.shape[1] else scores[:, contrast.members]
    complete = not own.size or own.min() > MISSING
    lowest = contrast.lowest.sum(axis=0, keepdims=True) if complete else contrast.lowest
    table = np.concatenate([contrast.odds, lowest, np.broadcast_to(constant, (1, lowest.shape[1]))])
    columns: Floats = workspace("columns", (len(own), len(table)))
    start = _fill_reached(columns, contrast, own, complete=complete)
    columns[:, start:-1] = 1.0 if complete else own != MISSING
    columns[:, -1] = 1.0
    shape = table.shape[1], len(own)
    total: Floats = workspace("likelihood", shape) if fleeting else np.empty(shape)
    return np.matmul(table.T, columns.T, out=total).T


def _fill_reached(columns: Floats, contrast: Contrasts, own: Scores, *, complete: bool) -> int:
    """Write who reached each category above 0 into the first columns; how many these are."""
    if complete and len(contrast.reached) == 1 and contrast.reached[0].size == own.shape[1]:
        columns[:, : own.shape[1]] = own  # scores of 0 and 1 are the indicators
        return int(own.shape[1])
    start = 0
    for category, places in enumerate(contrast.reached, start=1):
        of_category = own if places.size == own.shape[1] else own[:, places]
        columns[:, start : start + places.size] = of_category == category
        start += places.size
    return start


def seen_items(answers: Answers) -> Floats | sparse.csr_array:
    """Which items each person answered, shape (N, n), ones and zeros: sparse if the answers are."""
    if not sparse.issparse(answers):
        dense: Floats = (answers != MISSING).astype(np.float64)
        return dense
    ones = np.ones(answers.data.size)
    return sparse.csr_array((ones, answers.indices, answers.indptr), shape=answers.shape)


def answers_by_domain(tables: ItemTables, answers: Answers) -> Ints:
    """Number of answers per person and domain, shape (N, D)."""
    belongs = (tables.domain[:, None] == np.arange(tables.domains)).astype(np.float64)
    counted: Floats = seen_items(answers) @ belongs
    return counted.astype(np.intp)


def over_chunks(
    work: Callable[[Context, Answers, int], Found],
    context: Context,
    answers: Answers,
    *,
    chunk: int = CHUNK,
    executor: Executor | None = None,
) -> list[Found]:
    """``work(context, some persons' answers, number of the first of them)`` for all persons, in order.

    Parameters
    ----------
    executor : does the chunks side by side: threads (then with one thread for the numeric libraries), processes, or
        a cluster's; None, or a single chunk, stays here.

    Raises
    ------
    ValueError
        If the chunk is not positive.
    """
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1 person, got {chunk}")
    starts = range(0, max(answers.shape[0], 1), chunk)
    parts = (answers[start : start + chunk] for start in starts)
    run = map if executor is None or len(starts) == 1 else executor.map
    return list(run(work, repeat(context), parts, starts))
