"""Read and check one framework file; a refusal names the file and the path inside it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from framework.model import Framework

HERE = Path(__file__).parent
DATA = HERE / "data"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class UnknownFramework(LookupError):
    """No framework with this id and version is shipped."""


class BadFramework(ValueError):
    """A framework file breaks its rules. ``problems`` holds every one, as ``path: what``."""

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.file = file
        self.problems = problems


def load(framework_id: str = "fr-socle-numerique-sante", version: str = "2026.1") -> Framework:
    """Return a shipped framework. Raise ``UnknownFramework`` or ``BadFramework``."""
    return _load(framework_id, version)


@cache
def _load(framework_id: str, version: str) -> Framework:
    path = DATA / framework_id / f"{version}.yaml"
    if not _NAME.fullmatch(framework_id) or not _NAME.fullmatch(version) or not path.is_file():
        raise UnknownFramework(f"framework {framework_id!r} version {version!r} is not shipped")
    return read(path)


def read(path: Path) -> Framework:
    """Read one framework file. Raise ``BadFramework`` with every problem found."""
    name = f"{path.parent.name}/{path.name}"
    framework = parse(path.read_bytes(), file=name)
    if (framework.id, framework.version) != (path.parent.name, path.stem):
        problem = f"id, version: the file is {name}, its content says {framework.id}/{framework.version}"
        raise BadFramework(name, (problem,))
    return framework


def parse(content: bytes, *, file: str) -> Framework:
    """Check the bytes of a framework file and build it. Raise ``BadFramework``."""
    try:
        _refuse_repeated_keys(yaml.compose(content, Loader=yaml.SafeLoader) or yaml.MappingNode("", []))
        data = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFramework(file, (f"unreadable YAML: {error}",)) from error
    return from_data(data, file=file)


def from_data(data: Any, *, file: str) -> Framework:  # noqa: ANN401 - unchecked data
    """Check JSON-able data against schema.json and the rules a schema cannot say, then build."""
    problems = tuple(_schema_problems(data)) or tuple(_meaning_problems(data))
    if problems:
        raise BadFramework(file, problems)
    return Framework.from_data(data)


def _refuse_repeated_keys(node: yaml.Node) -> None:
    """YAML keeps the last of two equal keys in silence; a framework file must not lose text so."""
    pending = [node]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        pending.extend(_parts(node))
        if isinstance(node, yaml.MappingNode):
            keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            for key in (key for key, times in keys.items() if times > 1):
                raise yaml.MarkedYAMLError(None, None, f"key {key!r} is written twice", node.start_mark)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((HERE / "schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _schema_problems(data: object) -> Iterator[str]:
    for error in sorted(_validator().iter_errors(data), key=lambda error: error.json_path):
        yield f"{_path(error)}: {error.message}"


def _path(error: ValidationError) -> str:
    return error.json_path.removeprefix("$").removeprefix(".") or "(whole file)"


def _meaning_problems(data: dict[str, Any]) -> Iterator[str]:
    yield from _repeated(data)
    yield from _misplaced(data)
    cuts = data["cuts"]
    if any(low >= high for low, high in pairwise(cuts)):
        yield "cuts: each cut must be greater than the one before"
    levels = [level for band in data["bands"] for level in band["levels"]]
    if levels != list(range(1, len(cuts) + 2)):
        yield f"bands: together they must hold levels 1 to {len(cuts) + 1}, each once and in order; got {levels}"


def _nodes(data: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (path, id, id of the parent) of every domain, competence and capacity."""
    for d, domain in enumerate(data["domains"]):
        yield f"domains[{d}]", domain["id"], ""
        for c, competence in enumerate(domain["competences"]):
            yield f"domains[{d}].competences[{c}]", competence["id"], domain["id"]
            for k, capacity in enumerate(competence["capacities"]):
                path = f"domains[{d}].competences[{c}].capacities[{k}]"
                yield path, capacity["id"], competence["id"]


def _repeated(data: dict[str, Any]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for path, node_id, _ in _nodes(data):
        if node_id in seen:
            yield f"{path}.id: {node_id!r} is already the id of {seen[node_id]}"
        seen.setdefault(node_id, path)
    slugs = Counter(domain["slug"] for domain in data["domains"])
    for d, domain in enumerate(data["domains"]):
        if slugs[domain["slug"]] > 1:
            yield f"domains[{d}].slug: {domain['slug']!r} is used twice"


def _misplaced(data: dict[str, Any]) -> Iterator[str]:
    for path, node_id, parent in _nodes(data):
        if parent and not node_id.startswith(parent + "."):
            yield f"{path}.id: {node_id!r} must start with {parent + '.'!r}"
