"""The consortium: institutions, and the directory that says which institution a key opens."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Created, Id, Row


class InstitutionRow(Row):
    __tablename__ = "institutions"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="Europe/Paris")
    created_at: Mapped[Created]


class DirectoryRow(Row):
    """Which institution a public key belongs to, for callers who are not yet known to any.

    Row-level security opens one row only, the one whose ``key`` the transaction presents
    (``toise.key``): the directory can be asked, never listed. ``key`` is ``kind:value`` with the
    value normalised, e.g. ``campaign:SN7K2P``, ``client:toise_demo``, ``staff:<sha256 of e-mail>``.
    """

    __tablename__ = "directory"

    key: Mapped[str] = mapped_column(primary_key=True)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institutions.id"), index=True)
    created_at: Mapped[Created]
