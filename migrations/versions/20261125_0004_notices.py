"""Notices, read marks, subscriptions and the outbox.

Revision: 0004, after 0003.  Going back drops every notice and what was sent: export them first.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Rights given before cover the tables of that day only.  A notice is a fact: added, never changed.
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT ON notice TO dispatch_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON notice_read, subscription, delivery TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    create_notices()
    create_outbox()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_RIGHTS)


def create_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("min_role", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("words_code", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("tier IN ('region', 'league', 'county')", name=op.f("ck_notice_tier_known")),
        sa.CheckConstraint(
            "min_role IN ('viewer', 'storekeeper', 'planner', 'approver', 'administrator')",
            name=op.f("ck_notice_min_role_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('alert', 'level', 'proposal', 'deadline', 'escalation', 'stand_down', 'report_conflict', 'policy', 'work')",
            name=op.f("ck_notice_kind_known"),
        ),
        sa.CheckConstraint("urgency IN ('now', 'soon', 'digest')", name=op.f("ck_notice_urgency_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notice_dedupe_key")),
    )
    op.create_index(op.f("ix_notice_posted_at"), "notice", ["posted_at"], unique=False)
    op.create_table(
        "notice_read",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("notice_id", BIG_ID, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_notice_read_account_account")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id_notice")),
        sa.PrimaryKeyConstraint("account", "notice_id", name=op.f("pk_notice_read")),
    )


def create_outbox() -> None:
    op.create_table(
        "subscription",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("min_urgency", sa.String(length=10), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'webhook')", name=op.f("ck_subscription_channel_known")),
        sa.CheckConstraint(
            "min_urgency IN ('now', 'soon', 'digest')", name=op.f("ck_subscription_min_urgency_known")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_subscription_account_account")),
        sa.PrimaryKeyConstraint("account", "channel", "address", name=op.f("pk_subscription")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("notice_id", BIG_ID, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'webhook')", name=op.f("ck_delivery_channel_known")),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'failed', 'withheld')", name=op.f("ck_delivery_status_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_delivery_attempts_not_negative")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "notice_id", "channel", "address", name=op.f("uq_delivery_notice_id_channel_address")
        ),
    )
    op.create_index("ix_delivery_status_next_try_at", "delivery", ["status", "next_try_at"], unique=False)


def downgrade() -> None:
    for table in ("delivery", "subscription", "notice_read", "notice"):
        op.drop_table(table)
