"""Who did not come to a drill, and people asked beside the teams.

Revision: 0015, after 0014.  Going back loses who was absent or excused, and those people.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
STANDINGS = "standing IN ('asked', 'present', 'absent', 'excused')"
GRANT = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON planned_drill_away, planned_drill_person TO dispatch_app;
  END IF;
END $$
"""


def upgrade() -> None:
    with op.batch_alter_table("planned_drill_team") as batch:
        batch.add_column(sa.Column("standing", sa.String(10), nullable=False, server_default="asked"))
    op.execute("UPDATE planned_drill_team SET standing = 'present' WHERE team_drill IS NOT NULL")
    with op.batch_alter_table("planned_drill_team") as batch:
        batch.alter_column("standing", existing_type=sa.String(10), existing_nullable=False, server_default=None)
        batch.create_check_constraint(op.f("ck_planned_drill_team_standing_known"), STANDINGS)
    op.create_table(
        "planned_drill_away",
        sa.Column("drill", sa.String(20), nullable=False),
        sa.Column("member", sa.String(20), nullable=False),
        sa.Column("standing", sa.String(10), nullable=False),
        sa.CheckConstraint("standing IN ('absent', 'excused')", name=op.f("ck_planned_drill_away_standing_known")),
        sa.ForeignKeyConstraint(["drill"], ["planned_drill.code"], name=op.f("fk_planned_drill_away_drill_planned_drill")),
        sa.ForeignKeyConstraint(["member"], ["team_member.code"], name=op.f("fk_planned_drill_away_member_team_member")),
        sa.PrimaryKeyConstraint("drill", "member", name=op.f("pk_planned_drill_away")),
    )
    op.create_table(
        "planned_drill_person",
        sa.Column("drill", sa.String(20), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("standing", sa.String(10), nullable=False),
        sa.CheckConstraint(STANDINGS, name=op.f("ck_planned_drill_person_standing_known")),
        sa.ForeignKeyConstraint(["drill"], ["planned_drill.code"], name=op.f("fk_planned_drill_person_drill_planned_drill")),
        sa.PrimaryKeyConstraint("drill", "name", name=op.f("pk_planned_drill_person")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GRANT)


def downgrade() -> None:
    op.drop_table("planned_drill_person")
    op.drop_table("planned_drill_away")
    with op.batch_alter_table("planned_drill_team") as batch:
        batch.drop_constraint(op.f("ck_planned_drill_team_standing_known"), type_="check")
        batch.drop_column("standing")
