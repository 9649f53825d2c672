"""Doors that a code opens: guesses are counted, by address and by campaign, before the code is compared.

The counts have transactions of their own: a refusal must not undo them, and a door under attack must not hold the
rows of those who come in.
"""

import datetime as dt
from typing import Final

from sqlalchemy import Connection, text

from app.accounts import store, throttle
from app.accounts.model import TooManyEntries, TooManyGuesses
from app.accounts.throttle import Keys, Limit, Pace
from app.db.connection import Database

RESUME_CAMPAIGN: Final = Limit(free=1000, first=1.0, longest=10.0)
"""Failures in a row over all addresses; any learner who comes back starts the count again."""
RESUME_ADDRESS: Final = Limit(free=100, first=1.0, longest=60.0)
"""A lecture hall that lost its network types its codes behind one address, some of them wrong."""
ENTRIES: Final = Pace(at_once=2000, per_second=2.0)
"""Several lecture halls that start in the same second pass; a program that fills a campaign does not."""

_NEED_NOT_LAST = text("SET LOCAL synchronous_commit = off")


def resume_keys(secret: bytes, *, code: str, address: str) -> Keys:
    """Return the two counts of an attempt to come back to the campaign of ``code`` (normalised, or empty)."""
    return Keys(
        account=throttle.keyed(secret, "resume campaign", code),
        address=throttle.keyed(secret, "resume address", throttle.network(address)),
        account_limit=RESUME_CAMPAIGN,
        address_limit=RESUME_ADDRESS,
    )


def count_guess(database: Database, keys: Keys, now: dt.datetime) -> None:
    """Count an attempt. Raise ``TooManyGuesses`` where it may not be made now."""
    limits = keys.limits()
    with database.transaction() as tx:
        throttle.refuse_if_shut(store.counts(tx, limits), limits, now, TooManyGuesses)
    with database.transaction() as tx:
        tx.execute(_NEED_NOT_LAST)
        counts = store.lock_counts(tx, limits, now)
        throttle.refuse_if_shut(counts, limits, now, TooManyGuesses)
        store.set_counts(tx, {key: count.after_one_more(limits[key], now) for key, count in counts.items()})


def forgive(database: Database, keys: Keys, now: dt.datetime) -> None:
    """Take back an attempt whose code was right: the campaign's count ends, the address keeps its other failures."""
    with database.transaction() as tx:
        tx.execute(_NEED_NOT_LAST)
        counts = store.lock_counts(tx, keys.limits(), now)
        store.set_counts(tx, {keys.address: counts[keys.address].given_back(now)})
        store.delete_count(tx, keys.account)
        store.delete_old_counts(tx, ended_before=now - throttle.FORGET)


def count_entry(database: Database, secret: bytes, *, address: str, now: dt.datetime) -> None:
    """Let one more newcomer of this address in. Raise ``TooManyEntries`` where they come faster than ``ENTRIES``."""
    key = throttle.keyed(secret, "enter address", throttle.network(address))
    with database.transaction() as tx:
        tx.execute(_NEED_NOT_LAST)
        _move(tx, key, now)


def _move(tx: Connection, key: str, now: dt.datetime) -> None:
    count = store.lock_counts(tx, [key], now)[key]
    left = ENTRIES.seconds_left(count.window_ends_at, now)
    if left > 0:
        raise TooManyEntries(retry_after=left)
    store.set_counts(tx, {key: ENTRIES.after_one_more(count, now)})
