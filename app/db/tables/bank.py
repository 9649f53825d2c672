"""Frameworks and banks, as published: immutable versions shared by the whole consortium."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Created, Id, Row


class FrameworkVersionRow(Row):
    __tablename__ = "framework_versions"
    __table_args__ = (UniqueConstraint("framework", "version"),)

    id: Mapped[Id]
    framework: Mapped[str]
    version: Mapped[str]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    created_at: Mapped[Created]


class BankVersionRow(Row):
    __tablename__ = "bank_versions"
    __table_args__ = (UniqueConstraint("bank", "number"),)

    id: Mapped[Id]
    bank: Mapped[str]
    number: Mapped[int]
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_versions.id"))
    sha256: Mapped[str]
    item_count: Mapped[int]
    imported_by: Mapped[str]
    created_at: Mapped[Created]


class ItemVersionRow(Row):
    """One item of one bank version, whole: what was asked can always be read again."""

    __tablename__ = "item_versions"

    bank_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    content: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("bank_version_id", "item_id"),)
