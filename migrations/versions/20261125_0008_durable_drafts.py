"""How far a draft has come: its progress, the plan in hand with a preview, a note, the wish to stop.

Revision: 0008, after 0007.
Going back drops the plans in hand of drafts under way (they are solved anew) and turns stopped
drafts into outdated ones; proposals are not touched.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = "status IN ('queued','running','done','failed','outdated')"
AFTER = "status IN ('queued','running','done','failed','outdated','stopped')"
# revision 0006 named it so: the convention was applied to a whole name
OLD_RULE = "ck_draft_job_ck_draft_job_status_known"
RULE = "ck_draft_job_status_known"


def new_columns() -> list[sa.Column]:
    return [
        sa.Column("asked", sa.Integer(), server_default="1", nullable=False),
        sa.Column("stepped_at", UtcDateTime(), nullable=True),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("slices", sa.Integer(), server_default="0", nullable=False),
        sa.Column("versions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("incumbent", sa.JSON(), nullable=True),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("preview_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.JSON(), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), server_default=sa.false(), nullable=False),
    ]


def upgrade() -> None:
    with op.batch_alter_table("draft_job") as table:
        for column in new_columns():
            table.add_column(column)
        table.drop_constraint(op.f(OLD_RULE), type_="check")
        table.create_check_constraint(op.f(RULE), AFTER)


def downgrade() -> None:
    op.execute("UPDATE draft_job SET status = 'outdated' WHERE status = 'stopped'")
    with op.batch_alter_table("draft_job") as table:
        table.drop_constraint(op.f(RULE), type_="check")
        table.create_check_constraint(op.f(OLD_RULE), BEFORE)
        for column in new_columns():
            table.drop_column(column.name)
