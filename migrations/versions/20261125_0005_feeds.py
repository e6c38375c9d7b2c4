"""What is remembered of each address polled for warnings.

Revision: 0005, after 0004.  Going back forgets it: the next poll takes known documents
again and finds them to be duplicates.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# the role exists only where an administrator or the owner could make it
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON feed_state TO dispatch_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "feed_state",
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("etag", sa.String(length=300), nullable=False),
        sa.Column("modified", sa.String(length=100), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("polled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_feed_state")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_RIGHTS)


def downgrade() -> None:
    op.drop_table("feed_state")
