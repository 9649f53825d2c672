"""Opaque tokens: what a browser or a program holds, and what the database keeps of it.

A token is ``<institution id, 32 hexadecimal digits>.<43 random characters>``. The first part only says in which
institution to look; the second carries 256 random bits. The database keeps the SHA-256 of the whole: a random
value of 256 bits cannot be guessed from its digest, so a slow password hash would cost every request its time and
add nothing.
"""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Self

RANDOM_BYTES = 32
TOKEN = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token read back: where to look, and the digest to look for."""

    institution_id: uuid.UUID
    sha256: str

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Return the token of a header or cookie, or None when it cannot be one of ours."""
        found = TOKEN.fullmatch(text or "")
        return None if found is None else cls(uuid.UUID(found[1]), digest(found[0]))


def new_token(institution_id: uuid.UUID) -> str:
    """Return a fresh token; whoever shows it again is whoever it is given to now."""
    return f"{institution_id.hex}.{new_secret()}"


def new_secret() -> str:
    """Return 256 random bits as 43 characters that fit in addresses, headers and forms."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret, in hexadecimal: what may be stored."""
    return hashlib.sha256(secret.encode()).hexdigest()
