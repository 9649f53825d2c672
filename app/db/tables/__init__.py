"""Every table, imported so that the metadata is whole."""

from app.db.tables import accounts, bank, campaigns, institutions, results, sessions
from app.db.tables.base import Row

__all__ = ["Row", "accounts", "bank", "campaigns", "institutions", "results", "sessions"]
