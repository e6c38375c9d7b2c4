"""Kits as versioned bills of materials.

Revision: 0002, after 0001.  Going back drops the kit versions; they are reference data.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kit",
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("is_assumption", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("note_zh", sa.String(length=200), nullable=False),
        sa.Column("note_en", sa.String(length=200), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_code"], ["item.code"], name=op.f("fk_kit_item_code_item")),
        sa.PrimaryKeyConstraint("item_code", "version", name=op.f("pk_kit")),
    )


def downgrade() -> None:
    op.drop_table("kit")
