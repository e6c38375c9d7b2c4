"""What a class of truck is fit for.

Revision: 0007, after 0006.
The classes that came with the system get the skills they come with from now on; others have
none until somebody says so.  Going back drops the skills.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KNOWN = {
    "V10": "cold_start", "V18": "snow cold_start", "V80": "snow cold_start", "V150": "snow cold_start",
    "V300": "snow cold_start",
}


def upgrade() -> None:
    with op.batch_alter_table("vehicle_class") as table:
        table.add_column(sa.Column("skills", sa.String(100), nullable=False, server_default=""))
    classes = sa.table("vehicle_class", sa.column("code", sa.String), sa.column("skills", sa.String))
    for code, skills in KNOWN.items():
        op.execute(classes.update().where(classes.c.code == code).values(skills=skills))


def downgrade() -> None:
    with op.batch_alter_table("vehicle_class") as table:
        table.drop_column("skills")
