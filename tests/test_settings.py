import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from app import settings
from app.settings import Settings

SECRET = "0123456789abcdefghijklmnopqrstuv"


def given(**fields: object) -> Settings:
    return Settings.model_validate({"secret_key": SECRET, **fields})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_PORT", "9000")
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)
    assert Settings().port == 9000


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_DATABASE_URL", "")
    assert given().embedded


def test_they_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError):
        given().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70_000},
        {"port": "x"},
        {"threads": 0},
        {"processes": 0},
        {"database_url": "mysql://a@b/c"},
        {"database_url": "not an address"},
        {"database_service_url": "postgresql://a@b/c"},
        {"public_url": "toise.example"},
        {"log_format": "xml"},
        {"secret_key": None},
        {"secret_key": "short"},
        {"secret_key": "a" * 64},
        {"secret_key": "change-me-0123456789-abcdefghijkl"},
        {"unknown": 1},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        given(**wrong)


def test_a_refusal_does_not_repeat_a_secret() -> None:
    with pytest.raises(ValidationError) as refused:
        given(secret_key="too-short-but-secret", database_url="mysql://a:hidden@b/c")
    assert "too-short-but-secret" not in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    shown = repr(given(database_url="postgresql://a:hidden@b/c"))
    assert SECRET not in shown
    assert "hidden" not in shown


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_spelling_of_postgresql_is_understood(scheme: str) -> None:
    assert given(database_url=f"{scheme}://a:b@c/d").database_url == "postgresql+psycopg://a:b@c/d"


@pytest.mark.parametrize(
    ("fields", "secure"),
    [
        ({}, "open"),
        ({"public_url": "https://toise.example"}, "secure"),
        ({"public_url": "http://toise.example"}, "open"),
        ({"cookie_secure": True}, "secure"),
        ({"cookie_secure": False, "public_url": "https://toise.example"}, "open"),
    ],
)
def test_cookies_are_secure_where_there_is_https(fields: dict[str, object], secure: str) -> None:
    assert given(**fields).secure_cookies is (secure == "secure")


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert given().derive("one") == given().derive("one")
    assert given().derive("one") != given().derive("other")
    assert given().derive("one") != given(secret_key=SECRET[::-1]).derive("one")


def test_a_demo_makes_a_secret_and_keeps_it(tmp_path: Path) -> None:
    first, second = (settings.read(demo=True, data_dir=tmp_path / "new") for _ in range(2))
    assert first.derive("x") == second.derive("x")
    assert (tmp_path / "new" / "demo-secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["demo-secret"]


def test_demos_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        keys = set(many.map(lambda _: settings.read(demo=True, data_dir=tmp_path).derive("x"), range(16)))
    assert len(keys) == 1


def test_a_demo_with_a_secret_of_its_own_uses_it(tmp_path: Path) -> None:
    read = settings.read(demo=True, data_dir=tmp_path, secret_key=SECRET)
    assert read.derive("x") == given().derive("x")
    assert list(tmp_path.iterdir()) == []


def test_a_demo_without_a_secret_derives_nothing() -> None:
    with pytest.raises(ValueError, match="without a secret key"):
        Settings(demo=True).derive("x")


def test_a_mistyped_name_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_DATABSE_URL", "x")
    monkeypatch.setenv("TOISE_TEST_ANYTHING", "x")
    assert settings.unknown_names() == ("TOISE_DATABSE_URL",)


def test_nothing_reads_the_environment_before_a_command_does() -> None:
    script = "import app.main, app.cli"
    subprocess.run([sys.executable, "-c", script], env={"TOISE_PORT": "nonsense"}, check=True)
