"""The tables of the first release, their isolation by institution, and what may never change.

Revision ID: 20261121_first
Revises:
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_first"
down_revision = None
branch_labels = None
depends_on = None

OWNED = (
    "access_tokens",
    "answers",
    "api_clients",
    "audit",
    "campaigns",
    "learner_tokens",
    "participants",
    "policy_versions",
    "result_counters",
    "results",
    "sessions",
    "staff",
    "staff_sessions",
)
"""Tables whose rows belong to an institution by ``institution_id``."""

PUBLISHED = ("framework_versions", "bank_versions", "item_versions")
APPENDED = ("answers", "audit", "policy_versions")
"""Rows that only an erasure, by the owner, may delete."""


def upgrade() -> None:
    create_scope()
    create_tables()
    isolate_institutions()
    refuse_changes()


def downgrade() -> None:
    drop_tables()
    op.execute("DROP FUNCTION toise_refuse_change()")
    op.execute("DROP FUNCTION toise_scope()")
    op.execute("DROP SCHEMA toise_private CASCADE")


def create_scope() -> None:
    """The institution a transaction has proved it may touch, None without a proof.

    The proof is ``<uuid>:<HMAC-SHA256>``, see app/db/scope.py. The function reads the key with its owner's
    rights; the service's role has no access to the table. Policies call it as ``(SELECT toise_scope())``,
    which PostgreSQL evaluates once per statement (5 µs).
    """
    op.execute("CREATE SCHEMA toise_private")
    op.execute(
        """
        CREATE TABLE toise_private.scope_key (
            only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
            inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
            outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION toise_scope() RETURNS uuid
        LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            claim text := current_setting('toise.institution', true);
            name text := left(claim, 36);
            key toise_private.scope_key%ROWTYPE;
        BEGIN
            IF claim IS NULL OR claim = '' THEN
                RETURN NULL;
            END IF;
            SELECT * INTO key FROM toise_private.scope_key;
            IF claim = name || ':' || encode(
                sha256(key.outer_pad || sha256(key.inner_pad || convert_to(name, 'UTF8'))), 'hex'
            ) THEN
                RETURN name::uuid;
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION toise_scope() FROM PUBLIC")


def isolate_institutions() -> None:
    for table in OWNED:
        force_row_security(table)
        op.execute(f"CREATE POLICY own ON {table} USING (institution_id = (SELECT toise_scope()))")
    force_row_security("institutions")
    op.execute("CREATE POLICY own ON institutions USING (id = (SELECT toise_scope()))")
    # Maintenance goes through the institutions one by one; their owner may list them, and nothing else.
    op.execute("CREATE POLICY listed ON institutions FOR SELECT TO CURRENT_USER USING (true)")
    force_row_security("directory")
    op.execute("CREATE POLICY own ON directory USING (institution_id = (SELECT toise_scope()))")
    op.execute(
        "CREATE POLICY presented ON directory FOR SELECT USING (key = current_setting('toise.key', true))"
    )


def force_row_security(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def refuse_changes() -> None:
    op.execute(
        """
        CREATE FUNCTION toise_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END
        $$
        """
    )
    for table in PUBLISHED:
        refuse(table, "UPDATE OR DELETE OR TRUNCATE")
    for table in APPENDED:
        refuse(table, "UPDATE OR TRUNCATE")


def refuse(table: str, acts: str) -> None:
    """For everyone, the owner included, and whatever session_replication_role says."""
    op.execute(
        f"CREATE TRIGGER never_changes BEFORE {acts} ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION toise_refuse_change()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changes")


def create_tables() -> None:
    op.create_table(
        "framework_versions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_versions")),
        sa.UniqueConstraint("framework", "version", name=op.f("uq_framework_versions_framework_version")),
    )
    op.create_table(
        "institutions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institutions")),
        sa.UniqueConstraint("slug", name=op.f("uq_institutions_slug")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "api_clients",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_api_clients_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_clients_client_id")),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_api_clients_institution_id_id")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_audit_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_institution_id_at", "audit", ["institution_id", "at"], unique=False)
    op.create_table(
        "bank_versions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_versions.id"],
            name=op.f("fk_bank_versions_framework_version_id_framework_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_versions")),
        sa.UniqueConstraint("bank", "number", name=op.f("uq_bank_versions_bank_number")),
    )
    op.create_table(
        "directory",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_directory_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory")),
    )
    op.create_index(op.f("ix_directory_institution_id"), "directory", ["institution_id"], unique=False)
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
            name=op.f("fk_policy_versions_institution_id_institutions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_policy_versions_institution_id_id")),
    )
    op.create_table(
        "result_counters",
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
            name=op.f("fk_result_counters_institution_id_institutions"),
        ),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_result_counters")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('owner', 'manager', 'teacher')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_staff_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("institution_id", "email", name=op.f("uq_staff_institution_id_email")),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_staff_institution_id_id")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id", "client_id"],
            ["api_clients.institution_id", "api_clients.id"],
            name=op.f("fk_access_tokens_institution_id_client_id_api_clients"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_tokens")),
    )
    op.create_index(op.f("ix_access_tokens_client_id"), "access_tokens", ["client_id"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("framework_version_id", sa.UUID(), nullable=False),
        sa.Column("bank_version_id", sa.UUID(), nullable=False),
        sa.Column("policy_version_id", sa.UUID(), nullable=False),
        sa.Column("identification", sa.Text(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("simulated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "identification IN ('none', 'name', 'number')", name=op.f("ck_campaigns_identification")
        ),
        sa.CheckConstraint("closes_at IS NULL OR closes_at > opens_at", name=op.f("ck_campaigns_window")),
        sa.ForeignKeyConstraint(
            ["bank_version_id"], ["bank_versions.id"], name=op.f("fk_campaigns_bank_version_id_bank_versions")
        ),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_versions.id"],
            name=op.f("fk_campaigns_framework_version_id_framework_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "policy_version_id"],
            ["policy_versions.institution_id", "policy_versions.id"],
            name=op.f("fk_campaigns_institution_id_policy_version_id_policy_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_campaigns_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_campaigns_institution_id_id")),
    )
    op.create_table(
        "item_versions",
        sa.Column("bank_version_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_version_id"],
            ["bank_versions.id"],
            name=op.f("fk_item_versions_bank_version_id_bank_versions"),
        ),
        sa.PrimaryKeyConstraint("bank_version_id", "position", name=op.f("pk_item_versions")),
        sa.UniqueConstraint(
            "bank_version_id", "item_id", name=op.f("uq_item_versions_bank_version_id_item_id")
        ),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id", "staff_id"],
            ["staff.institution_id", "staff.id"],
            name=op.f("fk_staff_sessions_institution_id_staff_id_staff"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False)
    op.create_table(
        "participants",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("label_key", sa.Text(), nullable=True),
        sa.Column("resume_hash", sa.Text(), nullable=False),
        sa.Column("extra_time_percent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id", "campaign_id"],
            ["campaigns.institution_id", "campaigns.id"],
            name=op.f("fk_participants_institution_id_campaign_id_campaigns"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("campaign_id", "label_key", name=op.f("uq_participants_campaign_id_label_key")),
        sa.UniqueConstraint(
            "campaign_id", "resume_hash", name=op.f("uq_participants_campaign_id_resume_hash")
        ),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_participants_institution_id_id")),
    )
    op.create_table(
        "learner_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("participant_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id", "participant_id"],
            ["participants.institution_id", "participants.id"],
            name=op.f("fk_learner_tokens_institution_id_participant_id_participants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_learner_tokens")),
    )
    op.create_index(
        op.f("ix_learner_tokens_participant_id"), "learner_tokens", ["participant_id"], unique=False
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("participant_id", sa.UUID(), nullable=False),
        sa.Column("framework_version_id", sa.UUID(), nullable=False),
        sa.Column("bank_version_id", sa.UUID(), nullable=False),
        sa.Column("policy_version_id", sa.UUID(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("ineligible", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'finished') = (finished_at IS NOT NULL)", name=op.f("ck_sessions_finished")
        ),
        sa.CheckConstraint("(status = 'running') = (item_id IS NOT NULL)", name=op.f("ck_sessions_question")),
        sa.CheckConstraint("status IN ('running', 'finished')", name=op.f("ck_sessions_status")),
        sa.ForeignKeyConstraint(
            ["bank_version_id"], ["bank_versions.id"], name=op.f("fk_sessions_bank_version_id_bank_versions")
        ),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_versions.id"],
            name=op.f("fk_sessions_framework_version_id_framework_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "campaign_id"],
            ["campaigns.institution_id", "campaigns.id"],
            name=op.f("fk_sessions_institution_id_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "participant_id"],
            ["participants.institution_id", "participants.id"],
            name=op.f("fk_sessions_institution_id_participant_id_participants"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "policy_version_id"],
            ["policy_versions.institution_id", "policy_versions.id"],
            name=op.f("fk_sessions_institution_id_policy_version_id_policy_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("institution_id", "id", name=op.f("uq_sessions_institution_id_id")),
    )
    op.create_index(op.f("ix_sessions_campaign_id"), "sessions", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_sessions_participant_id"), "sessions", ["participant_id"], unique=False)
    op.create_index(
        "uq_sessions_running",
        "sessions",
        ["participant_id"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "answers",
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("response", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.CheckConstraint("score >= 0", name=op.f("ck_answers_score")),
        sa.CheckConstraint("step >= 1", name=op.f("ck_answers_step")),
        sa.ForeignKeyConstraint(
            ["institution_id", "session_id"],
            ["sessions.institution_id", "sessions.id"],
            name=op.f("fk_answers_institution_id_session_id_sessions"),
        ),
        sa.PrimaryKeyConstraint("session_id", "step", name=op.f("pk_answers")),
    )
    op.create_table(
        "results",
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("institution_id", sa.UUID(), server_default=sa.text("toise_scope()"), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("participant_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id", "campaign_id"],
            ["campaigns.institution_id", "campaigns.id"],
            name=op.f("fk_results_institution_id_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "participant_id"],
            ["participants.institution_id", "participants.id"],
            name=op.f("fk_results_institution_id_participant_id_participants"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id", "session_id"],
            ["sessions.institution_id", "sessions.id"],
            name=op.f("fk_results_institution_id_session_id_sessions"),
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_results")),
        sa.UniqueConstraint("institution_id", "position", name=op.f("uq_results_institution_id_position")),
    )
    op.create_index("ix_results_campaign_position", "results", ["campaign_id", "position"], unique=False)
    op.create_index(op.f("ix_results_participant_id"), "results", ["participant_id"], unique=False)


def drop_tables() -> None:
    op.drop_table("results")
    op.drop_table("answers")
    op.drop_table("sessions")
    op.drop_table("learner_tokens")
    op.drop_table("participants")
    op.drop_table("staff_sessions")
    op.drop_table("item_versions")
    op.drop_table("campaigns")
    op.drop_table("access_tokens")
    op.drop_table("staff")
    op.drop_table("result_counters")
    op.drop_table("policy_versions")
    op.drop_table("directory")
    op.drop_table("bank_versions")
    op.drop_table("audit")
    op.drop_table("api_clients")
    op.drop_table("throttle")
    op.drop_table("institutions")
    op.drop_table("framework_versions")
