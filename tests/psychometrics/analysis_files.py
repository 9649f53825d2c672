"""Files of answers, groups and banks for tests of the commands that analyse them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from typer.testing import CliRunner, Result

from app.cli import app
from app.engine.estimators import MISSING
from app.engine.grid import Floats, Ints
from tests.engine.fit_cases import Item, drawn_items, drawn_scores


def toise(*words: object) -> Result:
    return CliRunner(env={"LC_ALL": "fr_FR.UTF-8"}).invoke(app, [str(word) for word in words])


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def two_parameter(count: int, seed: int = 1) -> list[Item]:
    return drawn_items(np.random.default_rng(seed), count)


def answers(items: list[Item], persons: int, seed: int = 2, *, unseen: float = 0.0) -> Ints:
    rng = np.random.default_rng(seed)
    scores = drawn_scores(rng, items, rng.normal(size=persons))
    scores[rng.random(scores.shape) < unseen] = MISSING
    return scores


def write_bank(
    path: Path, items: list[Item], *, se: float = 0.0, domain: str = "1", names: list[str] | None = None
) -> Path:
    """A bank of two-parameter items."""
    called = names or [f"q{number}" for number in range(len(items))]
    lines = ["item,domain,model,a,b,se_a,se_b"]
    for name, (model, (log_a, b)) in zip(called, items, strict=True):
        lines.append(f"{name},{domain},{model},{float(np.exp(log_a))!r},{float(b)!r},{se},{se}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_sheet(path: Path, values: Ints | Floats, *, persons: list[str] | None = None) -> Path:
    """Responses or times; nothing for what is missing."""
    called = persons or [f"p{number}" for number in range(len(values))]
    lines = [",".join(["person", *(f"q{number}" for number in range(values.shape[1]))])]
    for name, row in zip(called, values.tolist(), strict=True):
        lines.append(",".join([name, *("" if str(value) in {"nan", str(MISSING)} else str(value) for value in row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_groups(path: Path, groups: list[str]) -> Path:
    rows = [f"p{number},{group}" for number, group in enumerate(groups) if group]
    path.write_text("\n".join(["person,group", *rows]) + "\n", encoding="utf-8")
    return path
