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


class BadSlug(Invalid):
    code = "bad-slug"
    message = msgid(
        "« %(slug)s » ne peut pas désigner un établissement : minuscules sans accent, chiffres et tirets, 63 au plus."
    )


class BadName(Invalid):
    code = "bad-name"
    message = msgid("Il faut un nom de 1 à %(longest)s caractères imprimables.")


class UnknownTimezone(Invalid):
    code = "unknown-timezone"
    message = msgid("Le fuseau horaire « %(timezone)s » n’existe pas ; exemple : Europe/Paris.")


class KeyTaken(Conflict):
    """A public key (campaign code, e-mail, client id) already opens an institution."""

    code = "key-taken"
    message = msgid("Cet identifiant est déjà utilisé.")


def checked_slug(slug: str) -> str:
    """Return the slug, trimmed. Raise ``BadSlug``."""
    slug = slug.strip()
    if not SLUG.fullmatch(slug):
        raise BadSlug(slug=slug[:100])
    return slug


def checked_name(name: str) -> str:
    """Return the name of an institution, a person or a program, tidied. Raise ``BadName``."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadName(longest=LONGEST_NAME)
    return name


def checked_timezone(timezone: str) -> str:
    """Return the name of a time zone. Raise ``UnknownTimezone``."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimezone(timezone=timezone[:100]) from None
    return timezone
