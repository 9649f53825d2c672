"""How fast wrong passwords and codes may be tried, by what they open and by address.

Each account and each address has a few free failures; then every further one closes it for a time that doubles up
to a quarter of an hour. An attempt is counted before its password is compared, so that parallel guesses cannot
outrun the count, and given back when the password was right.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from app.accounts.model import TooManySignIns
from app.errors import TooMany

FORGET = dt.timedelta(hours=24)
"""Failures are forgotten this long after the last wait ended."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` failures cost nothing; the next ones ``first`` seconds, then twice that, up to ``longest``."""

    free: int
    first: float = 2.0
    longest: float = 900.0

    def wait(self, failures: int) -> dt.timedelta:
        """Return how long the door stays shut after this many failures.

        >>> [Limit(free=5).wait(n).total_seconds() for n in (5, 6, 7, 8, 40)]
        [0.0, 2.0, 4.0, 8.0, 900.0]
        """
        over = failures - self.free
        seconds = 0.0 if over <= 0 else min(self.first * 2.0 ** min(over - 1, 60), self.longest)
        return dt.timedelta(seconds=seconds)


ACCOUNT = Limit(free=5)
ADDRESS = Limit(free=30)
"""A whole university may stand behind one address: more room, and only failures count."""


@dataclass(frozen=True, slots=True)
class Count:
    """What is known of one key: failures, and the moment until which it is shut."""

    failures: int
    window_ends_at: dt.datetime

    def seconds_left(self, limit: Limit, now: dt.datetime) -> int:
        """Return the whole seconds until it opens again, rounded up; 0 when it is open.

        Free failures shut nothing, even where another process whose clock is ahead counted them.
        """
        if self.failures <= limit.free:
            return 0
        return max(0, math.ceil((self.window_ends_at - now).total_seconds()))

    def after_one_more(self, limit: Limit, now: dt.datetime) -> "Count":
        """Return the count once another attempt is made now."""
        forgotten = now - self.window_ends_at >= FORGET
        failures = 1 if forgotten else self.failures + 1
        return Count(failures, now + limit.wait(failures))

    def given_back(self, now: dt.datetime) -> "Count":
        """Return the count once its last attempt turned out right."""
        return Count(max(0, self.failures - 1), now)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys of an attempt: digests, so that the table holds neither addresses nor accounts."""

    account: str
    address: str
    account_limit: Limit = ACCOUNT
    address_limit: Limit = ADDRESS

    @classmethod
    def of(cls, secret: bytes, *, email: str, address: str) -> Self:
        """Return the keys of a normalised e-mail and a network address."""
        return cls(keyed(secret, "account", email), keyed(secret, "address", network(address)))

    def limits(self) -> dict[str, Limit]:
        return {self.account: self.account_limit, self.address: self.address_limit}


@dataclass(frozen=True, slots=True)
class Pace:
    """Right or wrong, so many ``at_once``, then so many ``per_second`` (the generic cell rate algorithm).

    A key's ``window_ends_at`` is when everything counted so far would be worked off at that pace.
    """

    at_once: int
    per_second: float

    def seconds_left(self, worked_off_at: dt.datetime, now: dt.datetime) -> int:
        """Return the whole seconds until one more may pass; 0 when it may now.

        >>> noon = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
        >>> [Pace(10, 2.0).seconds_left(noon + dt.timedelta(seconds=s), noon) for s in (0, 4.5, 5, 7)]
        [0, 0, 1, 3]
        """
        ahead = (worked_off_at - now).total_seconds()
        return max(0, math.ceil(ahead - (self.at_once - 1) / self.per_second))

    def after_one_more(self, count: Count, now: dt.datetime) -> Count:
        """Return the count once one more has passed."""
        return Count(0, max(count.window_ends_at, now) + dt.timedelta(seconds=1 / self.per_second))


def refuse_if_shut(
    counts: Mapping[str, Count],
    limits: Mapping[str, Limit],
    now: dt.datetime,
    refusal: type[TooMany] = TooManySignIns,
) -> None:
    """Raise the refusal with the longest wait when one of the keys is shut."""
    left = max((count.seconds_left(limits[key], now) for key, count in counts.items()), default=0)
    if left > 0:
        raise refusal(retry_after=left)


def network(address: str) -> str:
    """Return what is counted as one address: an IPv6 subscriber owns 2^64 of them.

    >>> network("2001:db8:1:2:3:4:5:6"), network("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def keyed(secret: bytes, kind: str, value: str) -> str:
    """Return the key that stands for a value: only who holds the secret can tell which."""
    return hmac.digest(secret, f"throttle\0{kind}\0{value}".encode(), hashlib.sha256).hex()
