"""Passwords: hashed slowly on purpose, a few at a time.

Argon2id with 19 MiB of memory, two passes and one lane is the first choice of the OWASP Password Storage Cheat
Sheet. A hash costs some 20 ms of a core and its 19 MiB, so a crowd of sign-ins (honest or not) would take the
machine from the learners: two hashes run at once, two more wait, the others are told to come back.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.model import LONGEST_PASSWORD, SignInBusy

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)

NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$OylcIrosbo+y2OWQ2dxXbg$tXfYzdfjRs+kNxRCJV3/yl7HKGK61QavsK+iYmGCZfU"
"""Hash of a random value that was thrown away: compared for unknown accounts, so that they take the same time."""

AT_ONCE = 2
WAITING = 1
"""Waiting callers hold a thread of the service each: of four threads, one stays free for learners at the worst."""
COME_BACK = 2
"""Seconds after which to try again when no place is free."""


class Gate:
    """Lets ``at_once`` callers through; ``waiting`` more wait their turn, the others are refused at once."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._running = Semaphore(at_once)
        self._inside = Semaphore(at_once + waiting)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for the length of a ``with`` block. Raise ``SignInBusy`` when the queue is full."""
        if not self._inside.acquire(blocking=False):
            raise SignInBusy(retry_after=COME_BACK)
        try:
            with self._running:
                yield
        finally:
            self._inside.release()


GATE = Gate(at_once=AT_ONCE, waiting=WAITING)
"""The gate of this process."""


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return HASHER.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Tell whether the password is the one of the hash; ``None`` (nobody) takes the same time and never matches."""
    try:
        HASHER.verify(stored or NOBODY, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def _normal(password: str) -> str:
    """The same characters whatever keyboard composed them; what no account can have is cut, not hashed at length."""
    return unicodedata.normalize("NFC", password)[: LONGEST_PASSWORD + 1]
