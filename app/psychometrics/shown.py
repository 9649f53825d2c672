"""What the analyses' commands show at a terminal, and what they refuse alike."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.progress import Progress, SpinnerColumn, TextColumn

from app.console import err, out, refuse, told
from app.errors import msgid
from app.psychometrics.model import BadFile

Stage = Callable[[str], None]
"""Says what is being done, in French as the code writes it."""


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table under its title, as wide as it needs whatever the terminal, so that it can be quoted and searched."""
    cells = [[told(column) for column in columns], *([cell(each) for each in row] for row in rows)]
    widths = [max(cell_len(row[place]) for row in cells) for place in range(len(columns))]
    out.print(told(title), style="bold", markup=False)
    for number, row in enumerate(cells):
        line = "  ".join(set_cell_size(text, width) for text, width in zip(row, widths, strict=True))
        out.print(line.rstrip(), style="bold" if number == 0 else "", markup=False)


def cell(value: object) -> str:
    """Three decimals for a number, a dash where there is nothing to say."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return "—"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@contextmanager
def refusals() -> Iterator[None]:
    """Say why a file cannot be used, and leave with exit code 1."""
    try:
        yield
    except BadFile as error:
        refuse(f"{told(error.place, error.facts)} {told(error.cause, error.facts)}")


def refuse_overwriting(written: Sequence[Path | None], read: Sequence[Path | None]) -> None:
    """Refuse to write in the place of a file that is read, or two files in one place."""
    taken = {path.resolve() for path in read if path}
    for path in written:
        if path is None:
            continue
        if path.resolve() in taken:
            cause = msgid("%(out)s est un des fichiers à lire, ou à écrire deux fois : donnez-lui un autre nom")
            refuse(cause, facts={"out": path})
        taken.add(path.resolve())


@contextmanager
def stages() -> Iterator[Stage]:
    """A spinner on standard error that says what is being done, where that is a terminal."""
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True, disable=not err.is_terminal
    )
    with bar:
        task = bar.add_task("")
        yield lambda doing: bar.update(task, description=told(doing))
