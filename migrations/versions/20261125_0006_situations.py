"""Situations with their reports and judgements, levels over time, clocks, policies, drafts to make.

Revision: 0006, after 0005.
Going back drops reports, judgements and the history of levels: export them first.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = ("situation_report", "situation_entry", "activation")
TABLES = (
    "demo_time", "draft_job", "plan_policy", "deadline", "activation", "intake_lock", "situation_entry",
    "situation_report", "alert_reference", "situation_member", "situation",
)
RIGHTS = f"""
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON {", ".join(TABLES)} TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON {", ".join(FACTS)} FROM dispatch_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    create_situations()
    create_levels()
    create_jobs()
    create_demo_time()
    if op.get_bind().dialect.name == "sqlite":
        for table in FACTS:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                    f"SELECT RAISE(ABORT, 'reports and decisions are facts: add a new one, never {verb.lower()}'); END"
                )
        return
    for table in FACTS:
        op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                   "FOR EACH ROW EXECUTE FUNCTION movement_is_fact()")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                   "FOR EACH STATEMENT EXECUTE FUNCTION movement_is_fact()")
    op.execute(RIGHTS)


def create_situations() -> None:
    op.create_table(
        "situation",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("hazard_group", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("merged_into", sa.String(length=60), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("strong", sa.JSON(), nullable=False),
        sa.CheckConstraint("status IN ('open','ended','merged')", name="ck_situation_status_known"),
        sa.ForeignKeyConstraint(["merged_into"], ["situation.code"], name="fk_situation_merged_into_situation"),
        sa.PrimaryKeyConstraint("code", name="pk_situation"),
    )
    op.create_index("ix_situation_hazard_group", "situation", ["hazard_group"])
    op.create_index("ix_situation_merged_into", "situation", ["merged_into"])
    op.create_index("ix_situation_status", "situation", ["status"])
    op.create_table(
        "situation_member",
        sa.Column("document", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("hazard_group", sa.String(length=20), nullable=False),
        sa.Column("sent", UtcDateTime(), nullable=False),
        sa.Column("leagues", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["alert_document.id"], name="fk_situation_member_document_alert_document"),
        sa.ForeignKeyConstraint(["situation"], ["situation.code"], name="fk_situation_member_situation_situation"),
        sa.PrimaryKeyConstraint("document", "part", name="pk_situation_member"),
    )
    op.create_index("ix_situation_member_situation", "situation_member", ["situation"])
    op.create_index("ix_situation_member_hazard_group", "situation_member", ["hazard_group", "sent"])
    op.create_table(
        "alert_reference",
        sa.Column("document", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("identifier", sa.String(length=120), nullable=False),
        sa.Column("stem", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["alert_document.id"], name="fk_alert_reference_document_alert_document"),
        sa.PrimaryKeyConstraint("document", "identifier", name="pk_alert_reference"),
    )
    op.create_index("ix_alert_reference_stem", "alert_reference", ["stem"])
    op.add_column("alert_document", sa.Column("stem", sa.String(length=120)))
    op.create_index("ix_alert_document_stem", "alert_document", ["stem"])
    op.create_table(
        "situation_report",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("hazard", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("reporter", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.CheckConstraint("certainty IN ('estimated','reported','verified')", name="ck_situation_report_certainty_known"),
        sa.CheckConstraint("kind IN ('initial','follow_up','verified','nil')", name="ck_situation_report_kind_known"),
        sa.ForeignKeyConstraint(["situation"], ["situation.code"], name="fk_situation_report_situation_situation"),
        sa.PrimaryKeyConstraint("code", name="pk_situation_report"),
        sa.UniqueConstraint("idempotency_key", name="uq_situation_report_idempotency_key"),
    )
    op.create_index("ix_situation_report_place", "situation_report", ["place"])
    op.create_index("ix_situation_report_situation", "situation_report", ["situation"])
    op.create_table(
        "situation_entry",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('forecast','government','lowered','observation')", name="ck_situation_entry_kind_known"),
        sa.ForeignKeyConstraint(["situation"], ["situation.code"], name="fk_situation_entry_situation_situation"),
        sa.PrimaryKeyConstraint("id", name="pk_situation_entry"),
    )
    op.create_index("ix_situation_entry_situation", "situation_entry", ["situation"])
    op.create_table(
        "intake_lock",
        sa.Column("hazard_group", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("hazard_group", name="pk_intake_lock"),
    )


def create_levels() -> None:
    op.create_table(
        "activation",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("change", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("milder_since", UtcDateTime(), nullable=True),
        sa.Column("engine_level", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.String(length=60), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.CheckConstraint("change IN ('raised','milder','again','lowered','special','ended')", name="ck_activation_change_known"),
        sa.CheckConstraint("level IS NULL OR level BETWEEN 1 AND 4", name="ck_activation_level_known"),
        sa.ForeignKeyConstraint(["situation"], ["situation.code"], name="fk_activation_situation_situation"),
        sa.PrimaryKeyConstraint("id", name="pk_activation"),
    )
    op.create_index("ix_activation_situation", "activation", ["situation"])
    op.create_table(
        "deadline",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("met_by", sa.String(length=80), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["situation"], ["situation.code"], name="fk_deadline_situation_situation"),
        sa.PrimaryKeyConstraint("id", name="pk_deadline"),
    )
    op.create_index("ix_deadline_due_at", "deadline", ["due_at"])
    op.create_index("ix_deadline_situation", "deadline", ["situation"])
    op.create_table(
        "plan_policy",
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("base_version", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('proposed','approved','rejected')", name="ck_plan_policy_status_known"),
        sa.PrimaryKeyConstraint("version", name="pk_plan_policy"),
    )


def create_jobs() -> None:
    op.create_table(
        "draft_job",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("proposal", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('queued','running','done','failed','outdated')", name="ck_draft_job_status_known"),
        sa.PrimaryKeyConstraint("id", name="pk_draft_job"),
        sa.UniqueConstraint("situation", "state_hash", name="uq_draft_job_state"),
    )
    op.create_index("ix_draft_job_situation", "draft_job", ["situation"])
    op.create_index("ix_draft_job_status", "draft_job", ["status"])


def create_demo_time() -> None:
    op.create_table(
        "demo_time",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_demo_time"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_alert_document_stem", "alert_document")
    op.drop_column("alert_document", "stem")
