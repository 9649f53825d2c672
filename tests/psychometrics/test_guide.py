"""The guide for psychometricians is what it says: its files, commands, scripts and numbers."""

import re
from pathlib import Path

import pytest

from app.engine.families import FAMILIES
from app.sessions.policy import Policy
from tests import guides

GUIDE = guides.read("psychometrician")
TRANSCRIPT = [step for block in guides.blocks(GUIDE, "console") for step in guides.transcript(block)]
SCRIPTS = list(zip(guides.blocks(GUIDE, "python"), guides.blocks(GUIDE, "text"), strict=True))
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader who has saved every file of the guide stands, at a terminal in English."""
    for name, text in guides.files(GUIDE).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return tmp_path


def same(found: str, told: str) -> bool:
    """Equal in words; numbers to what another processor may round otherwise."""
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (found, told)]
    words = [NUMBER.sub("#", text).replace("\N{NO-BREAK SPACE}", " ") for text in (found, told)]
    return words[0] == words[1] and numbers[0] == pytest.approx(numbers[1], abs=1e-9)


def test_every_command_prints_what_the_guide_says(folder: Path) -> None:
    assert len(TRANSCRIPT) == 14
    found = [(command, guides.said(folder, command)) for command, _ in TRANSCRIPT]
    differing = [pair for pair, (_, told) in zip(found, TRANSCRIPT, strict=True) if not same(pair[1], told)]
    assert differing == []


@pytest.mark.parametrize(("script", "told"), SCRIPTS)
def test_every_script_prints_what_the_guide_says(script: str, told: str) -> None:
    assert guides.printed(script) == told


def test_every_model_is_named() -> None:
    (line,) = re.findall(r"^\| `model` \| (.*?)\. Without", GUIDE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", line)) == set(FAMILIES)


def test_the_rules_it_tells_are_the_defaults() -> None:
    rules = Policy()
    assert f"`loading`; {rules.loading} unless said otherwise" in GUIDE
    assert f"below {rules.min_own_answers} answers in the domain" in GUIDE
    assert f"a share of {rules.min_own_share} (" in GUIDE
    assert f"the `se_target` of {rules.se_target} that holds unless the campaign says" in GUIDE
    assert f"At the longest length ({rules.length.at_most} questions by default)" in GUIDE
    assert f"minimum is reached ({rules.length.at_least} questions by default)" in GUIDE
