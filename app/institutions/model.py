"""An institution of the consortium: who owns campaigns, people and results."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.errors import Conflict, Invalid, NotFound, msgid

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Institution:
    """``slug`` is its name in commands; ``timezone`` the clock its people read."""

    id: uuid.UUID
    slug: str
    name: str
    timezone: str
    created_at: dt.datetime


class UnknownInstitution(NotFound):
    code = "unknown-institution"
    message = msgid("L’établissement « %(slug)s » n’existe pas.")


class InstitutionExists(Conflict):
    code = "institution-exists"
    message = msgid("L’établissement « %(slug)s » existe déjà.")


class BadInstitution(Invalid):
    code = "bad-institution"
    message = msgid("Cet établissement ne peut pas être créé : %(cause)s.")


class KeyTaken(Conflict):
    """A public key (campaign code, e-mail, client id) already opens an institution."""

    code = "key-taken"
    message = msgid("Cet identifiant est déjà utilisé.")


def checked(*, slug: str, name: str, timezone: str) -> tuple[str, str, str]:
    """Return the three texts, cleaned. Raise ``BadInstitution`` saying which one is wrong."""
    slug, name = slug.strip(), " ".join(name.split())
    if not SLUG.fullmatch(slug):
        raise BadInstitution(cause=f"slug {slug!r} : minuscules, chiffres et tirets, 63 caractères au plus")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInstitution(cause=f"nom : 1 à {LONGEST_NAME} caractères imprimables")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInstitution(cause=f"fuseau horaire {timezone!r} inconnu (exemple : Europe/Paris)") from None
    return slug, name, timezone
