"""Alternatives of a proposal: the same question weighed otherwise, in figures.

Revision: 0009, after 0008.  Going back drops them; they are worked out again when asked for.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# the role exists only where an administrator or the owner could make it
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON alternative TO dispatch_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "alternative",
        sa.Column("proposal", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.code"], name=op.f("fk_alternative_proposal_proposal")),
        sa.PrimaryKeyConstraint("proposal", "mode", name=op.f("pk_alternative")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_RIGHTS)


def downgrade() -> None:
    op.drop_table("alternative")
