"""Run the measures: ``python -m benchmarks`` for all, or name some of them.

``--write PAGE`` also puts the tables of a part between ``<!-- part -->`` and ``<!-- /part -->`` of a page, where the
page has them.
"""

import argparse
import re
from importlib import import_module
from pathlib import Path

from benchmarks import machine

PARTS = {
    "engine": "benchmarks.engine_step",
    "score": "benchmarks.scoring",
    "calibrate": "benchmarks.calibration",
    "simulate": "benchmarks.simulation",
    "growth": "benchmarks.growth",
    "answers": "benchmarks.answer_route",
    "start": "benchmarks.cold_start",
    "weight": "benchmarks.page_weight",
    "rush": "benchmarks.rush",
}
STUDIES = {"honesty": "benchmarks.honesty", "recovery": "benchmarks.recovered"}
"""What is claimed, shown on simulated persons: a quarter of an hour each, only when asked for."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS | STUDIES)}")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="page to put the tables into")
    asked = parser.parse_args()
    chosen = asked.parts or list(PARTS)
    known = PARTS | STUDIES
    unknown = set(chosen) - known.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    print(machine.described(), flush=True)
    for part in chosen:
        tables = [f"{machine.load()}\n"]
        for table in import_module(known[part]).measure():
            tables.append(table.text())
            print("\n" + tables[-1], flush=True)
        if asked.write:
            write(asked.write, part, "\n".join(tables))
    print(machine.load(), flush=True)


def write(page: Path, part: str, tables: str) -> None:
    """Replace what stands between the part's marks."""
    between = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    page.write_text(between.sub(lambda marks: f"{marks[1]}\n{tables}\n{marks[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
