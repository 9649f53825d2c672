"""Who may import whom: the contracts of pyproject.toml cover every module they should, and they bite."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]
}
SERVICE = {f"app.{path.stem}" for path in (ROOT / "app").iterdir() if path.is_dir() or path.suffix == ".py"}
NUMERICS = {"numpy", "scipy"}
WITHOUT_CODE = {"tzdata"}  # dependencies that bring data only

FORBIDDEN_IMPORTS = [
    ("core", "app/engine/grid.py", "import sqlalchemy"),
    ("core", "app/engine/selection.py", "from app.errors import Invalid"),
    ("framework", "framework/model.py", "import itembank.model"),
    ("itembank", "itembank/grade.py", "from app import errors"),
    ("errors", "app/errors.py", "import app.settings"),
    ("pure", "app/sessions/flow.py", "from app.sessions import store"),
    ("pure", "app/results/report.py", "import jinja2"),
    ("database", "app/db/tables/base.py", "import app.sessions.model"),
    ("stores", "app/bank/store.py", "import app.bank.service"),
    ("services", "app/sessions/service.py", "from fastapi import HTTPException"),
    ("edges", "app/web/deps.py", "from app.db.tables.sessions import AnswerRow"),
    ("edges", "app/sessions/routes.py", "from app.sessions import store"),
    ("wiring", "app/bank/service.py", "import app.main"),
    ("accounts-store", "app/bank/service.py", "import app.accounts.store"),
    ("institutions-store", "app/accounts/service.py", "from app.institutions import store"),
    ("bank-store", "app/campaigns/service.py", "from app.bank import store"),
    ("campaigns-store", "app/sessions/service.py", "from app.campaigns import store"),
    ("sessions-store", "app/results/service.py", "import app.sessions.store"),
    ("results-store", "app/sessions/service.py", "from app.results.store import append"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources alone, in a folder of their own."""
    for package in ("app", "framework", "itembank"):
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda _, names: [n for n in names if "." in n and not n.endswith(".py")],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [tool, "--no-cache", "--no-logo", *options], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_sources_keep_every_contract(copy: Path) -> None:
    done = lint(copy)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "module", "line"), FORBIDDEN_IMPORTS)
def test_a_forbidden_import_breaks_its_contract(copy: Path, contract: str, module: str, line: str) -> None:
    with (copy / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")

    done = lint(copy, "--contract", contract)

    assert done.returncode == 1
    assert f"{CONTRACTS[contract]['name']} BROKEN" in done.stdout


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert {contract for contract, _, _ in FORBIDDEN_IMPORTS} == set(CONTRACTS)


@pytest.mark.parametrize("contract", ["core", "errors"])
def test_a_leaf_is_forbidden_every_part_of_the_service(contract: str) -> None:
    itself = set(CONTRACTS[contract]["source_modules"])
    parts = {name for name in SERVICE if "__" not in name}

    assert parts - itself <= set(CONTRACTS[contract]["forbidden_modules"])


def test_the_core_is_forbidden_every_dependency_but_the_numerics() -> None:
    names = {re.split(r"[^\w-]", text)[0].lower() for text in PROJECT["project"]["dependencies"]}
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if names & {name.lower() for name in distributions} and not module.startswith("_")
    }

    allowed = NUMERICS | WITHOUT_CODE | {"python_multipart"}  # the old and the new name of one package
    assert modules - allowed <= set(CONTRACTS["core"]["forbidden_modules"])


def test_every_store_belongs_to_its_feature_alone() -> None:
    stores = {f"app.{path.parent.name}.{path.stem}" for path in (ROOT / "app").glob("*/*store.py")}

    owned = {
        module: c["allowed_importers"]
        for c in CONTRACTS.values()
        if c["id"].endswith("-store")
        for module in c["protected_modules"]
    }
    assert owned == {store: [store.rpartition(".")[0]] for store in stores}
