"""First tables: places, stock, roads, teams, warnings, proposals, waybills, accounts, audit.

Revision: 0001, after nothing.  Going back drops everything: all data is lost.
"""

from alembic import op

from dispatch.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
