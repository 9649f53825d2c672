"""Every setting, read once from ``TOISE_*`` at the start of a command and passed down from there."""

import hmac
import os
import secrets
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import msgid

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 8  # different ones: "aaaa…" and "0000…" are not secrets
DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def _postgresql(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(msgid("attendu : postgresql://role:motdepasse@serveur/base")) from error
    if parsed.drivername not in DRIVERS:
        raise ValueError(msgid("attendu : une adresse postgresql://"))
    return parsed.set(drivername=DRIVERS[parsed.drivername]).render_as_string(hide_password=False)


def _origin(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(msgid("attendu : une adresse qui commence par http:// ou https://"))
    return url.rstrip("/")


def _strong(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if len(value) < SHORTEST_SECRET:
        raise ValueError(msgid("trop courte : il faut 32 caractères ou plus (openssl rand -hex 32)"))
    if len(set(value)) < FEWEST_CHARACTERS or "change" in value.lower():
        raise ValueError(msgid("ceci est un exemple, pas un secret ; faites-en un : openssl rand -hex 32"))
    return secret


PostgresUrl = Annotated[str, AfterValidator(_postgresql)]
Secret = Annotated[SecretStr, AfterValidator(_strong)]


class Settings(BaseSettings):
    """Frozen; each field is documented in docs/guides/operator.md (a test reads both)."""

    model_config = SettingsConfigDict(
        env_prefix="TOISE_", env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    data_dir: Path = Path("var")
    database_url: PostgresUrl | None = Field(default=None, repr=False)
    database_service_url: PostgresUrl | None = Field(default=None, repr=False)
    secret_key: Secret | None = None
    demo: bool = False
    demo_cohort: int = Field(default=80, ge=0, le=500)
    threads: int = Field(default=4, ge=1, le=64)
    processes: int = Field(default=1, ge=1, le=128)
    public_url: Annotated[str, AfterValidator(_origin)] | None = None
    log_format: Literal["auto", "console", "json"] = "auto"
    cookie_secure: bool | Literal["auto"] = "auto"
    trusted_proxy_count: int = Field(default=0, ge=0, le=10)
    max_body_bytes: int = Field(default=1_000_000, ge=10_000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.database_service_url and not self.database_url:
            raise ValueError(msgid("TOISE_DATABASE_SERVICE_URL ne va pas sans TOISE_DATABASE_URL"))
        if self.secret_key is None and not self.demo:
            raise ValueError(
                msgid("TOISE_SECRET_KEY manque : openssl rand -hex 32 en fait une. Pour essayer : toise demo")
            )
        return self

    @property
    def embedded(self) -> bool:
        """Whether Toise runs its own PostgreSQL in the data folder."""
        return self.database_url is None

    @property
    def secure_cookies(self) -> bool:
        if self.cookie_secure == "auto":
            return self.behind_https
        return self.cookie_secure

    @property
    def behind_https(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https://")

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only the secret key gives, apart for each purpose (HMAC-SHA256)."""
        if self.secret_key is None:
            raise ValueError("a demo without a secret key: read the settings with app.settings.read()")
        key = self.secret_key.get_secret_value().encode()
        return hmac.digest(key, purpose.encode(), "sha256")


def read(*, maintaining: bool = False, **given: object) -> Settings:
    """Settings from the environment, ``given`` first; a demo gets a secret of its own, kept in its folder.

    ``maintaining``: for a command beside the service. In a folder that a demonstration made, and without a secret
    key, it works on that demonstration; serving it needs the word said again (TOISE_DEMO or ``toise demo``).
    """
    if maintaining and _is_of_a_demo(Path(os.environ.get("TOISE_DATA_DIR") or "var")):
        given = {"demo": True, **given}
    settings = Settings(**given)  # type: ignore[arg-type]  # Pydantic checks what comes from a command line
    settings = settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})
    if settings.secret_key is None:
        return settings.model_copy(update={"secret_key": SecretStr(_demo_secret(settings.data_dir))})
    return settings


def _is_of_a_demo(folder: Path) -> bool:
    return not os.environ.get("TOISE_SECRET_KEY") and (folder.expanduser() / "demo-secret").exists()


def unknown_names() -> tuple[str, ...]:
    """``TOISE_*`` variables that no setting reads, most often a typing mistake."""
    known = {f"TOISE_{name}".upper() for name in Settings.model_fields}
    return tuple(
        sorted(name for name in os.environ if name.startswith("TOISE_") and name not in known and "_TEST_" not in name)
    )


def _demo_secret(folder: Path) -> str:
    """A random secret, the same for every process of this folder.

    Written aside and linked into place: of two first starts one wins, and nobody reads half a secret.
    """
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    path = folder / "demo-secret"
    if not path.exists():
        draft = folder / f".demo-secret-{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
