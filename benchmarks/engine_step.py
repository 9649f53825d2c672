"""One adaptive step after 20 answers: ours over five domains and over one, the peers over one."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import numpy as np

from benchmarks import peers
from benchmarks.program import Program, running
from benchmarks.synthetic import SEED, make_bank
from benchmarks.table import Table
from benchmarks.timing import interleaved, ratios, spread

SIZES = (500, 2_000)
ANSWERS = 20
ROUNDS = 21
CALLS = {"ours": 40, "catsim": 6, "mirt": 4}
NAMES = {
    "engine 5": "Toise, 5 domains, engine",
    "decide 5": "Toise, 5 domains, whole decision",
    "engine 1": "Toise, 1 domain, engine",
    "catsim": "catsim, 1 domain",
    "mirt": "mirt (Python), 1 domain",
}
TARGETS = {("engine 5", "catsim"): 15, ("engine 1", "catsim"): 20, ("engine 1", "mirt"): 20}


def measure() -> tuple[Table, ...]:
    """Times and ratios of the steps, every program in a process of its own, all with one thread."""
    python = peers.interpreter()
    data = [_data(size) for size in SIZES]
    with ExitStack() as started:
        sources = {"ours": (sys.executable, "our_engine")}
        if python:
            sources |= {"catsim": (str(python), "peer_catsim"), "mirt": (str(python), "peer_mirt")}
        programs = [
            started.enter_context(running(name, interpreter, f"benchmarks.{module}", data))
            for name, (interpreter, module) in sources.items()
        ]
        seen = {size: interleaved(_cases(programs, size), rounds=ROUNDS) for size in SIZES}
    told = "" if python is None else ", ".join(f"{name} {version}" for name, version in peers.versions(python).items())
    return _ratios(seen), _times(seen, told)


def _data(size: int) -> dict[str, object]:
    bank, rng = make_bank(size), np.random.default_rng([SEED, size, ANSWERS])
    return {
        "a": bank.a.tolist(),
        "b": bank.b.tolist(),
        "items": rng.permutation(size)[:ANSWERS].tolist(),
        "scores": rng.permutation([0, 1] * (ANSWERS // 2)).tolist(),
    }


def _cases(programs: Sequence[Program], size: int) -> dict[str, "Timed"]:
    found = {}
    for program in programs:
        for case in program.cases:
            kind, _, number = case.rpartition(" ")
            if number == str(size):
                found[kind if program.name == "ours" else program.name] = Timed(program, case)
    return found


class Timed:
    """One case of one program, ready to be called in turn with the others."""

    def __init__(self, program: Program, case: str) -> None:
        self._program, self._case = program, case

    def __call__(self) -> float:
        return self._program.seconds(self._case, calls=CALLS[self._program.name])


def _ratios(seen: Mapping[int, Mapping[str, Sequence[float]]]) -> Table:
    rows = []
    for ours in ("engine 5", "decide 5", "engine 1"):
        for peer in ("catsim", "mirt"):
            for size, times in seen.items():
                if peer in times:
                    target = TARGETS.get((ours, peer))
                    told = "" if target is None or (ours == "engine 5" and size < max(SIZES)) else f"≥ {target}"
                    quotient = ratios(times[peer], times[ours]).text(digits=1)
                    rows.append((NAMES[ours], NAMES[peer], f"{size}", quotient, told))
    return Table("Engine step: how many times faster", ("ours", "peer", "items", "ratio (quartiles)", "target"), rows)


def _times(seen: Mapping[int, Mapping[str, Sequence[float]]], versions: str) -> Table:
    rows = [
        (NAMES[kind], f"{size}", spread(times[kind]).text(scale=1e6, digits=0))
        for kind in NAMES
        for size, times in seen.items()
        if kind in times
    ]
    title = f"Engine step: µs after {ANSWERS} answers ({versions})"
    return Table(title, ("program", "items", "median (quartiles)"), rows)
