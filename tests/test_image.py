"""The image and the compose file, as far as a machine without a container engine can see them."""

import functools
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SETTINGS = {f"TOISE_{name}".upper() for name in Settings.model_fields}
SECRETS = {"TOISE_SECRET_KEY", "POSTGRES_PASSWORD"}
GIVEN = {"TOISE_SECRET_KEY": "0123456789abcdef" * 4, "POSTGRES_PASSWORD": "fedcba9876543210" * 4}

STRINGS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
DURATION = {"type": "string", "pattern": r"^(\d+(h|m|s|ms))+$"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image"],
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z0-9/._-]+:[\w.-]+$"},
        "build": {"const": "."},
        "command": STRINGS,
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "cap_drop": STRINGS,
        "security_opt": STRINGS,
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "tmpfs": STRINGS,
        "volumes": STRINGS,
        "ports": STRINGS,
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "stop_grace_period": DURATION,
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"condition": {"enum": ["service_healthy", "service_completed_successfully"]}},
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "disable": {"type": "boolean"},
                "test": STRINGS,
                "retries": {"type": "integer"},
                **dict.fromkeys(("interval", "timeout", "start_period"), DURATION),
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}
"""The part of the Compose specification that our file uses; what it does not know is a typing mistake."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of the Dockerfile."""

    name: str
    text: str


def stages() -> list[list[Step]]:
    """The Dockerfile's instructions, stage by stage."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    found: list[list[Step]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Step(name, rest.strip()))
    return found


BUILDER, RUNTIME = stages()


def only(steps: list[Step], name: str) -> str:
    (text,) = (step.text for step in steps if step.name == name)
    return text


def copied() -> list[str]:
    """What the builder takes from the repository."""
    return [source for step in BUILDER if step.name == "COPY" for source in step.text.split()[:-1]]


def filled(text: str) -> str:
    """Compose's interpolation, for the forms our file uses."""

    def value(match: re.Match[str]) -> str:
        name, form, rest = match.groups()
        return GIVEN[name] if form == ":?" else GIVEN.get(name, rest)

    return re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", value, text)


# --- The image -------------------------------------------------------------------------------------------


def test_what_the_image_copies_is_here_and_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}

    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert set(copied()) == kept


def test_the_image_installs_the_lock_with_its_hashes() -> None:
    installs = [step.text for step in BUILDER if "pip install" in step.text]

    assert ["--require-hashes" in text and "requirements.lock" in text for text in installs] == [True, False]
    assert "--no-deps" in installs[1]


def test_both_stages_start_from_the_same_tag() -> None:
    assert BUILDER[0].text.removesuffix(" AS builder") == RUNTIME[0].text
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", RUNTIME[0].text)


def test_the_image_runs_as_a_fixed_user_who_is_not_root() -> None:
    uid = re.findall(r"--uid (\d+)", only(RUNTIME, "RUN"))

    assert only(RUNTIME, "USER").split(":")[0] == uid[0] != "0"


def test_no_compiler_and_no_package_manager_run_in_the_image() -> None:
    assert re.findall(r"apt-get|gcc|build-essential|pip ", only(RUNTIME, "RUN")) == []


def test_every_setting_the_image_and_compose_name_exists() -> None:
    named = set(re.findall(r"\bTOISE_[A-Z_]+", DOCKERFILE + COMPOSE_TEXT))

    assert named - SETTINGS == set()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The builder's commands, run in a folder; returns the environment the image would hold."""
    work, environment = tmp_path / "build", tmp_path / "toise"
    work.mkdir()
    for step in BUILDER:
        if step.name == "COPY":
            *sources, _ = step.text.split()
            for source in sources:
                ignore = shutil.ignore_patterns("__pycache__")
                place = work / source
                shutil.copytree(ROOT / source, place, ignore=ignore) if (ROOT / source).is_dir() else shutil.copy(
                    ROOT / source, place
                )
        elif step.name == "RUN":
            command = step.text.replace("/opt/toise", shlex.quote(str(environment)))
            command = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", command)
            done = subprocess.run(command, shell=True, cwd=work, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(work)
    return environment


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the account PostgreSQL runs under may pass through, should these tests be root's."""
    with tempfile.TemporaryDirectory(prefix="toise-image-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.nightly
def test_the_built_environment_migrates_serves_says_it_is_healthy_and_stops(built: Path, home: Path) -> None:
    (entry,) = json.loads(only(RUNTIME, "ENTRYPOINT"))
    health = json.loads(only(RUNTIME, "HEALTHCHECK").partition("CMD ")[2])
    environment = {"PATH": f"{built}/bin:{os.environ['PATH']}", "TOISE_DATA_DIR": str(home / "data")}
    environment |= {"TOISE_SECRET_KEY": GIVEN["TOISE_SECRET_KEY"], "TOISE_PORT": str(free_port())}
    command = functools.partial(subprocess.run, cwd=home, env=environment, capture_output=True, text=True, check=False)

    migrated = command([built / "bin" / entry, *COMPOSE["services"]["migrate"]["command"]])
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    with subprocess.Popen(
        [built / "bin" / entry, *json.loads(only(RUNTIME, "CMD"))], cwd=home, env=environment
    ) as serving:
        end = time.monotonic() + 60
        while (asked := command([built / "bin" / health[0], *health[1:]])).returncode and time.monotonic() < end:
            time.sleep(0.2)
        serving.send_signal(getattr(signal, only(RUNTIME, "STOPSIGNAL")))
        stopped = serving.wait(30)

    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert stopped == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.mark.nightly
def test_the_built_environment_stands_alone(built: Path, tmp_path: Path) -> None:
    program = "import app, framework.load, itembank; from app.db import schema; print(app.__file__, schema.newest())"
    python = subprocess.run(
        [built / "bin/python", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert str(built) in python.stdout
    for name in ("app/web/templates", "app/web/static", "app/_migrations/versions", "framework/data", "itembank/data"):
        (folder,) = built.glob(f"lib/python*/site-packages/{name}")
        source = ROOT / name.replace("app/_migrations", "migrations")
        assert {p.name for p in folder.rglob("*.*")} >= {p.name for p in source.rglob("*.*") if p.suffix != ".pyc"}


# --- Compose ---------------------------------------------------------------------------------------------


def test_compose_says_nothing_that_compose_does_not_know() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)


def test_what_compose_refers_to_is_declared() -> None:
    services = COMPOSE["services"]
    waits = {other for service in services.values() for other in service.get("depends_on", {})}
    volumes = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}

    assert waits <= set(services)
    assert volumes == set(COMPOSE["volumes"])


def test_a_service_waited_for_until_healthy_says_when_it_is() -> None:
    for service in COMPOSE["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            healthy = wait["condition"] == "service_healthy"
            assert not healthy or "test" in COMPOSE["services"][name]["healthcheck"]


def test_secrets_are_asked_for_and_never_made_up() -> None:
    used = re.findall(r"\$\{(\w+)(:[?-])([^}]*)\}", COMPOSE_TEXT)

    assert {name for name, form, _ in used if form == ":?"} == SECRETS
    assert {name for name, form, _ in used if form == ":-"} & SECRETS == set()


def test_every_variable_of_compose_is_explained_at_its_head() -> None:
    head = COMPOSE_TEXT.partition("\nname:")[0]

    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == set(re.findall(r"^#   (\w+)=", head, flags=re.MULTILINE))


@pytest.mark.parametrize("service", ["migrate", "toise"])
def test_the_service_accepts_what_compose_gives_it(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPOSE["services"][service]["environment"].items():
        monkeypatch.setenv(name, filled(value))

    settings = Settings()

    assert settings.database_url == f"postgresql+psycopg://toise:{GIVEN['POSTGRES_PASSWORD']}@database/toise"
    assert settings.public_url is None


def test_compose_keeps_data_where_the_image_does() -> None:
    place = only(RUNTIME, "VOLUME")

    assert f"TOISE_DATA_DIR={place}" in only(RUNTIME, "ENV")
    assert f"toise:{place}" in COMPOSE["services"]["toise"]["volumes"]
