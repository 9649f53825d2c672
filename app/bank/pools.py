"""Pools of this process: a bank version is read and computed once, then shared by every request."""

import uuid

from sqlalchemy import Connection

from app.bank import store
from app.bank.model import UnknownBankVersion
from app.bank.once import Once
from app.bank.pool import Pool, make_pool
from framework.model import Framework
from itembank.model import Item

KEPT = 16
"""Bank versions in memory at once: those of the campaigns under way; about 5 MB for 500 items."""

_POOLS: Once[uuid.UUID, Pool] = Once(KEPT)


def of(tx: Connection, bank_version_id: uuid.UUID) -> Pool:
    """Return the pool of a published bank version. Raise ``UnknownBankVersion``."""
    return _POOLS.get(bank_version_id, lambda: _read(tx, bank_version_id))


def _read(tx: Connection, bank_version_id: uuid.UUID) -> Pool:
    version = store.bank_version(tx, bank_version_id)
    if version is None:
        raise UnknownBankVersion
    framework = Framework.from_data(store.framework_content(tx, version.framework_version_id))
    items = tuple(Item.from_data(content) for content in store.items(tx, version.id))
    return make_pool(items, framework, name=version.name)
