"""Sittings whose time is over are found across institutions, by their institution's id and nothing else.

Revision ID: 20261121_overdue
Revises: 20261121_first
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_overdue"
down_revision = "20261121_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_sessions_deadline", "sessions", ["deadline"], unique=False, postgresql_where=sa.text("status = 'running'")
    )
    # Row-level security is forced on the owner too, whose rights the function has: it may find these rows.
    op.execute(
        "CREATE POLICY timed ON sessions FOR SELECT TO CURRENT_USER"
        " USING (status = 'running' AND deadline IS NOT NULL)"
    )
    op.execute(
        """
        CREATE FUNCTION toise_overdue(before timestamptz) RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
            SELECT DISTINCT institution_id FROM public.sessions WHERE status = 'running' AND deadline < before
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION toise_overdue(timestamptz) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION toise_overdue(timestamptz)")
    op.execute("DROP POLICY timed ON sessions")
    op.drop_index("ix_sessions_deadline", table_name="sessions", postgresql_where=sa.text("status = 'running'"))
