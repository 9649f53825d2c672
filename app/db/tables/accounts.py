"""People and programs that sign in."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Created, Id, Inherited, Institution, Row, referable, within


class StaffRow(Row):
    __tablename__ = "staff"
    __table_args__ = (
        referable(),
        UniqueConstraint("institution_id", "email"),
        CheckConstraint("role IN ('owner', 'manager', 'teacher')", name="role"),
    )

    id: Mapped[Id]
    institution_id: Mapped[Institution]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[Created]
    disabled_at: Mapped[dt.datetime | None]


class StaffSessionRow(Row):
    """A browser signed in; the cookie holds a random token, the row its SHA-256."""

    __tablename__ = "staff_sessions"
    __table_args__ = (within("staff_id", "staff", ondelete="CASCADE"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    institution_id: Mapped[Inherited]
    staff_id: Mapped[uuid.UUID] = mapped_column(index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[Created]
    seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]


class ThrottleRow(Row):
    """Failed attempts by key (hashed address or account), before anybody is known."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    window_ends_at: Mapped[dt.datetime]


class ApiClientRow(Row):
    __tablename__ = "api_clients"
    __table_args__ = (referable(),)

    id: Mapped[Id]
    institution_id: Mapped[Institution]
    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    scopes: Mapped[list[Any]]
    created_at: Mapped[Created]
    revoked_at: Mapped[dt.datetime | None]


class AccessTokenRow(Row):
    __tablename__ = "access_tokens"
    __table_args__ = (within("client_id", "api_clients", ondelete="CASCADE"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    institution_id: Mapped[Inherited]
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[Created]
    expires_at: Mapped[dt.datetime]


class AuditRow(Row):
    """Who did what to what: written in the same transaction as the act."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_institution_id_at", "institution_id", "at"),)

    id: Mapped[Id]
    institution_id: Mapped[Institution]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
