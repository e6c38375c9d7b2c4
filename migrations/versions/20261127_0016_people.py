"""Login attempts, sessions, keys of programs, authority lent or taken; second factors of accounts.

Revision: 0016, after 0015.  Going back logs everybody out and forgets second factors and keys.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW_TABLES = ("break_glass", "delegation", "api_key", "web_session", "login_attempt")
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON login_attempt, web_session, api_key, delegation, break_glass TO dispatch_app;
    GRANT USAGE, SELECT ON SEQUENCE login_attempt_id_seq, delegation_id_seq, break_glass_id_seq TO dispatch_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("password_changed_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("disabled_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("factor_secret", sa.String(length=300), nullable=False, server_default=""))
        batch.add_column(sa.Column("factor_step", sa.BigInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("recovery_hashes", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("account") as batch:
        for name in ("must_change", "factor_secret", "factor_step", "recovery_hashes"):
            batch.alter_column(name, server_default=None)
    _who_comes_in()
    _authority()
    if op.get_bind().dialect.name != "sqlite":
        op.execute(POSTGRES_RIGHTS)


def _of_account(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([c], ["account.name"], name=op.f(f"fk_{table}_{c}_account")) for c in columns]


def _who_comes_in() -> None:
    op.create_table(
        "login_attempt",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("remote", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index(op.f("ix_login_attempt_name_at"), "login_attempt", ["name", "at"])
    op.create_index(op.f("ix_login_attempt_at"), "login_attempt", ["at"])
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("began_at", "seen_at", "proved_at")),
        sa.Column("remote", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=160), nullable=False),
        *_of_account("web_session", "account"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_account"), "web_session", ["account"])
    op.create_table(
        "api_key",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("made_at", "expires_at")),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("used_at", "revoked_at")),
        sa.CheckConstraint("scope IN ('read', 'gps', 'notices', 'all')", name=op.f("ck_api_key_scope_known")),
        *_of_account("api_key", "account"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_account"), "api_key", ["account"])


def _authority() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("giver", sa.String(length=40), nullable=False),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("begins_at", "ends_at")),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("giver <> receiver", name=op.f("ck_delegation_two_people")),
        *_of_account("delegation", "giver", "receiver"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_giver"), "delegation", ["giver"])
    op.create_index(op.f("ix_delegation_receiver"), "delegation", ["receiver"])
    op.create_table(
        "break_glass",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("began_at", "ends_at")),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=40), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        *_of_account("break_glass", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(op.f("ix_break_glass_account"), "break_glass", ["account"])
    op.create_index(op.f("ix_break_glass_ends_at"), "break_glass", ["ends_at"])


def downgrade() -> None:
    for table in NEW_TABLES:
        op.drop_table(table)
    with op.batch_alter_table("account") as batch:
        for name in ("recovery_hashes", "factor_step", "factor_secret", "disabled_at", "must_change", "password_changed_at"):
            batch.drop_column(name)
