"""What holds for the repository as a whole: sizes, names, what must not be in it, and documents that tell the truth."""

import ast
import re
import subprocess
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "lint", "test")}
SOURCES = ("app/", "framework/", "itembank/")
MIGRATIONS = "migrations/versions/"  # a list of tables, read once

LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 40  # lines without the docstring
LARGEST_FILE = 400 * 1024
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
PRIVATE_PLACES = re.compile(
    r"/wor[k]/|/far[m]/|/roo[t]/|/hom[e]/\w|/User[s]/\w|py[p]i\.org|pythonhoste[d]|np[m]js\.org|de[b]\.debian|file[:]//"
)
SOMEBODY_ELSES = re.compile(r"\.min\.(js|css)$|\.woff2?$|\.map$|(^|/)(vendor|node_modules|third_party)/")
LONGEST_LINE_OF_A_PERSON = 500  # characters of a script or style sheet that nobody minified

HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "In the code"]
LINK = re.compile(r"(?<!\\)\[[^\]\[]*\]\(([^)\s]+)\)")


@cache
def files() -> tuple[str, ...]:
    """What is tracked and has not been removed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(name for name in listed.split("\0") if (ROOT / name).is_file())


def ending(*ends: str) -> list[str]:
    return [name for name in files() if name.endswith(ends)]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def is_text(name: str) -> bool:
    return b"\0" not in (ROOT / name).read_bytes()[:8_000]


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the signature to the end, the docstring apart."""
    first = node.body[0]
    assert node.end_lineno is not None
    assert first.end_lineno is not None
    documented = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0
    return node.end_lineno - node.lineno + 1 - documented


# --- Sources ---------------------------------------------------------------------------------------------


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {name: read(name).count("\n") for name in ending(".py") if not name.startswith(MIGRATIONS)}

    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for name in (name for name in ending(".py") if name.startswith(SOURCES)):
        for node in ast.walk(ast.parse(read(name))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > LONGEST_FUNCTION:
                long[f"{name}:{node.lineno}"] = node.name

    assert long == {}


def test_names_say_what_a_module_is_about() -> None:
    parts = {name: set(Path(name).with_suffix("").parts) for name in ending(".py")}

    assert [name for name, words in parts.items() if words & FORBIDDEN_NAMES] == []


def test_every_package_has_its_init() -> None:
    folders = {Path(name).parent for name in ending(".py") if name.startswith(SOURCES)}

    assert [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r])\b")

    assert [name for name in ending(".py", ".html", ".js", ".css") if marks.search(read(name))] == []


# --- What must not be in it ------------------------------------------------------------------------------


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = defaultdict(list)
    for name in filter(is_text, files()):
        for number, line in enumerate(read(name).splitlines(), start=1):
            if PRIVATE_PLACES.search(line):
                found[name].append(number)

    assert found == {}


def test_nothing_is_vendored_or_minified() -> None:
    long_lines = [
        name
        for name in ending(".js", ".css", ".mjs")
        if max(map(len, read(name).splitlines()), default=0) > LONGEST_LINE_OF_A_PERSON
    ]

    assert [name for name in files() if SOMEBODY_ELSES.search(name)] + long_lines == []


def test_no_file_is_large() -> None:
    assert [name for name in files() if (ROOT / name).stat().st_size > LARGEST_FILE] == []


# --- Locks -----------------------------------------------------------------------------------------------


def locked(lock: str) -> dict[str, set[Version]]:
    """Versions a lock installs, by package; more than one where they depend on the platform or the Python."""
    versions: dict[str, set[Version]] = defaultdict(set)
    for requirement, _ in entries(lock):
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        versions[canonicalize_name(requirement.name)].add(Version(pin.version))
    return versions


def entries(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with its hashes."""
    text = re.sub(r"^\s*#.*\n", "", read(lock), flags=re.MULTILINE).replace("\\\n", " ")
    lines = (re.split(r"\s+--hash=", line.strip()) for line in text.splitlines() if line.strip())
    return [(Requirement(line[0]), line[1:]) for line in lines]


def wanted(groups: tuple[str, ...]) -> list[Requirement]:
    texts = PROJECT["project"]["dependencies"] + [t for g in groups for t in PROJECT["dependency-groups"][g]]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: str) -> None:
    assert [
        str(r) for r, hashes in entries(lock) if not all(h.startswith("sha256:") for h in hashes) or not hashes
    ] == []
    assert re.findall(r"https?:|--index-url|--find-links|--trusted-host| @ ", read(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_the_project(lock: str) -> None:
    versions = locked(lock)
    missing = [
        str(requirement)
        for requirement in wanted(LOCKS[lock])
        if not (found := versions[canonicalize_name(requirement.name)])
        or not all(requirement.specifier.contains(version) for version in found)
    ]

    assert missing == []


def test_tests_run_with_what_is_shipped() -> None:
    service, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert {name: versions for name, versions in service.items() if dev[name] != versions} == {}


# --- Documents -------------------------------------------------------------------------------------------


def anchors(name: str) -> set[str]:
    """Anchors that headings get where the files are shown."""
    headings = re.findall(r"^#+ +(.+)$", read(name), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ending(".md"))
def test_every_link_leads_somewhere(name: str) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", read(name), flags=re.DOTALL)
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in anchors(str(file.resolve().relative_to(ROOT)))):
            broken.append(target)

    assert broken == []


def decisions() -> list[str]:
    return [name for name in ending(".md") if re.match(r"docs/decisions/\d{4}-", name)]


def test_decisions_are_numbered_one_after_another() -> None:
    numbers = [int(Path(name).name[:4]) for name in decisions()]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", decisions())
def test_a_decision_has_every_part_and_its_row_in_the_index(name: str) -> None:
    number = Path(name).name[:4]
    title, _, quote, _, status, *_ = read(name).splitlines()

    assert title.startswith(f"# {number} ")
    assert quote.startswith("> ")
    assert re.match(r"Date: \d{4}-\d\d-\d\d\. Status: (Accepted|Superseded by \[\d{4}\])", status)
    assert re.findall(r"^## (.+)$", read(name), flags=re.MULTILINE) == HEADINGS
    row = f"| [{number}]({Path(name).name}) | {title.removeprefix(f'# {number} ')} | {quote.removeprefix('> ')} |"
    assert row in read("docs/decisions/README.md").splitlines()


@pytest.mark.parametrize("name", decisions())
def test_the_code_a_decision_names_is_there(name: str) -> None:
    paths = re.findall(r"`((?:app|framework|itembank|migrations|tests|\.ci)/[\w./-]+)`", read(name))

    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_changelog_speaks_of_the_version_to_come() -> None:
    text = read("CHANGELOG.md")

    assert re.search(r"^## \[(Unreleased|0\.1\.0)\]", text, flags=re.MULTILINE)
    assert PROJECT["project"]["version"] in text
