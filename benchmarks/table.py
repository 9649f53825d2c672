"""Tables as Markdown: what is printed can be pasted into docs/benchmarks.md as it is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def text(self) -> str:
        widths = [max(len(row[place]) for row in (self.columns, *self.rows)) for place in range(len(self.columns))]
        lines = [_line(self.columns, widths), _line(tuple("-" * width for width in widths), widths)]
        lines += [_line(row, widths) for row in self.rows]
        return f"### {self.title}\n\n" + "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
