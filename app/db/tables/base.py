"""What every row shares: one metadata, named constraints, and the columns that recur.

Rows are declarative classes without relationships; ``store.py`` files turn them into frozen dataclasses.
"""

import datetime as dt
import uuid
from typing import Annotated, Any

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, MetaData, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

SCHEMA_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    metadata = MetaData(naming_convention=SCHEMA_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        str: Text(),
        uuid.UUID: UUID(as_uuid=True),
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


Id = Annotated[uuid.UUID, mapped_column(primary_key=True)]
"""A key made by the service, so that it can be told before the row is written."""

Created = Annotated[dt.datetime, mapped_column(server_default=func.now())]

Institution = Annotated[uuid.UUID, mapped_column(ForeignKey("institutions.id"), server_default=text("toise_scope()"))]
"""The institution that owns the row; row-level security compares it with the transaction's scope."""

Inherited = Annotated[uuid.UUID, mapped_column(server_default=text("toise_scope()"))]
"""The same on rows that hang on another (``within``), whose institution is theirs."""


def within(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A reference that cannot leave the institution.

    PostgreSQL checks foreign keys without row-level security: a plain one would let a row of one institution
    hang on a row of another whose id became known.
    """
    return ForeignKeyConstraint(
        ["institution_id", column], [f"{table}.institution_id", f"{table}.id"], ondelete=ondelete
    )


def referable() -> UniqueConstraint:
    """What ``within`` points at; also the index that finds an institution's rows."""
    return UniqueConstraint("institution_id", "id")
