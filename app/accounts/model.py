"""People and programs that sign in: what they are, what they may do, and how they are refused."""

import datetime as dt
import hashlib
import unicodedata
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated, msgid

SESSION_IDLE = dt.timedelta(hours=12)
"""A staff session unused for this long is over."""
SESSION_LONGEST = dt.timedelta(days=7)
"""A staff session ends this long after sign-in, used or not."""
TOKEN_LIFE = dt.timedelta(minutes=15)
"""Life of an API access token: short, because whoever holds it is believed."""

SHORTEST_PASSWORD = 15
"""NIST SP 800-63B-4, section 3.1.1.2: 15 characters where the password is the only factor."""
LONGEST_PASSWORD = 1000
LONGEST_EMAIL = 254


class Role(StrEnum):
    """What a member of staff is in the institution."""

    OWNER = "owner"
    MANAGER = "manager"
    TEACHER = "teacher"


class Scope(StrEnum):
    """What an API client may ask for."""

    RESULTS_READ = "results:read"
    FRAMEWORKS_READ = "frameworks:read"


@dataclass(frozen=True, slots=True)
class Staff:
    id: uuid.UUID
    institution_id: uuid.UUID
    email: str
    name: str
    role: Role
    created_at: dt.datetime
    disabled_at: dt.datetime | None

    @property
    def actor(self) -> str:
        """The person as audit rows name them."""
        return f"staff:{self.id}"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A browser signed in as ``staff``; ``csrf_token`` must come back in every form it sends."""

    token_hash: str
    staff: Staff
    csrf_token: str
    seen_at: dt.datetime
    expires_at: dt.datetime

    def is_over(self, now: dt.datetime) -> bool:
        idle = now - self.seen_at >= SESSION_IDLE
        return idle or now >= self.expires_at or self.staff.disabled_at is not None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; ``token`` is told to the browser and kept nowhere."""

    token: str
    staff: Staff


@dataclass(frozen=True, slots=True)
class ApiClient:
    id: uuid.UUID
    institution_id: uuid.UUID
    client_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    revoked_at: dt.datetime | None

    @property
    def actor(self) -> str:
        """The client as audit rows name it."""
        return f"client:{self.client_id}"


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made; ``secret`` is told once and kept nowhere."""

    client: ApiClient
    secret: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token just issued (RFC 6749, section 5.1)."""

    token: str
    scopes: frozenset[Scope]
    life: dt.timedelta


@dataclass(frozen=True, slots=True)
class Caller:
    """An API client behind a valid token, with the scopes of that token (a subset of the client's)."""

    client: ApiClient
    scopes: frozenset[Scope]


class BadCredentials(Unauthenticated):
    """Unknown e-mail, wrong password or disabled account: one refusal, so that none can be told from another."""

    code = "bad-credentials"
    message = msgid("Adresse ou mot de passe incorrect.")


class TooManySignIns(TooMany):
    """The account or the address failed too often."""

    code = "too-many-sign-ins"
    message = msgid("Trop d’essais en peu de temps ; réessayez dans %(retry_after)s secondes.")


class TooManyGuesses(TooMany):
    """The address failed too often at the door that resume codes open, or the campaign did from everywhere."""

    code = "too-many-guesses"
    message = msgid(
        "Trop de codes inconnus en peu de temps ; réessayez dans %(retry_after)s secondes. Rien n'est perdu : vos "
        "réponses sont enregistrées."
    )


class TooManyEntries(TooMany):
    """More newcomers behind one address than lecture halls explain."""

    code = "too-many-entries"
    message = msgid("Trop de tests commencent ici en peu de temps ; réessayez dans %(retry_after)s secondes.")


class SignInBusy(TooMany):
    """Too many people sign in at this moment."""

    code = "sign-in-busy"
    message = msgid("Beaucoup de personnes se connectent en ce moment ; réessayez dans %(retry_after)s secondes.")


class SignInNeeded(Unauthenticated):
    """No staff session, or one that is over."""

    code = "sign-in-needed"
    message = msgid("Connectez-vous pour voir cette page.")


class StaleForm(Forbidden):
    """The form does not carry its session's token: another session's page, or another site's."""

    code = "stale-form"
    message = msgid("Cette page date d’une autre connexion. Rechargez-la, puis recommencez.")


class TokenNeeded(Unauthenticated):
    """The request carries no access token (RFC 6750, section 3: no error code then)."""

    code = "token-needed"
    message = msgid("Cette adresse demande un jeton d’accès (en-tête Authorization: Bearer).")


class BadToken(Unauthenticated):
    """The access token is unknown, expired or revoked."""

    code = "invalid-token"
    message = msgid("Ce jeton d’accès n’est pas valable, ou ne l’est plus ; demandez-en un autre.")
    challenge: ClassVar[str] = 'Bearer realm="toise", error="invalid_token"'


class MissingScope(Forbidden):
    """The token is valid but does not cover this route."""

    code = "insufficient-scope"
    message = msgid("Ce jeton d’accès ne couvre pas « %(scope)s ».")
    shown = ("scope",)

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope.value)
        self.challenge = f'Bearer realm="toise", error="insufficient_scope", scope="{scope.value}"'


class EmailTaken(Conflict):
    code = "email-taken"
    message = msgid("Un compte existe déjà avec l’adresse %(email)s.")


class BadEmail(Invalid):
    code = "bad-email"
    message = msgid("« %(email)s » n’est pas une adresse électronique.")


class BadPassword(Invalid):
    code = "bad-password"
    message = msgid("Il faut un mot de passe de %(shortest)s à %(longest)s caractères ; une phrase convient.")


class UnknownStaff(NotFound):
    code = "unknown-staff"
    message = msgid("Aucun compte actif n’a l’adresse %(email)s.")


class UnknownClient(NotFound):
    code = "unknown-client"
    message = msgid("Aucun client actif ne porte l’identifiant %(client_id)s.")


class NoScope(Invalid):
    code = "no-scope"
    message = msgid("Ce client ne pourrait rien lire : donnez-lui au moins une portée.")


def normal_email(email: str) -> str:
    """Return an address as accounts are found by it: trimmed, composed, without case; NUL cannot be stored."""
    return unicodedata.normalize("NFC", email).strip().casefold().replace("\0", "\ufffd")


def staff_key(email: str) -> str:
    """Return the directory key of a normalised address; a digest, so that the directory holds no address."""
    return f"staff:{hashlib.sha256(email.encode()).hexdigest()}"


def client_key(client_id: str) -> str:
    """Return the directory key of an API client."""
    return f"client:{client_id}"


def checked_email(email: str) -> str:
    """Return a normalised address. Raise ``BadEmail``."""
    email = normal_email(email)
    local, at, domain = email.rpartition("@")
    written = email.isprintable() and not set(email) & {" ", "\ufffd"}
    if not (local and at and domain) or not written or len(email) > LONGEST_EMAIL:
        raise BadEmail(email=email[:LONGEST_EMAIL])
    return email


def refuse_bad_password(password: str) -> None:
    """Raise ``BadPassword`` for one that no account may have."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadPassword(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
