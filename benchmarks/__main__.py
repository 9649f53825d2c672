"""Run the measures: ``python -m benchmarks`` for all, or name some of them."""

import argparse
from importlib import import_module

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


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}")
    chosen = parser.parse_args().parts or list(PARTS)
    unknown = set(chosen) - PARTS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(machine.described(), flush=True)
    for part in chosen:
        for table in import_module(PARTS[part]).measure():
            print("\n" + table.text(), flush=True)
    print(machine.load(), flush=True)


if __name__ == "__main__":
    main()
