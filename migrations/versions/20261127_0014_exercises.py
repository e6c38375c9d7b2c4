"""The calendar of drills, who was asked to them, and lessons.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
GRANT = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON planned_drill, planned_drill_team, lesson TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
  END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "planned_drill",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("scenario", sa.String(120)),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(6), nullable=False),
        sa.Column("leader", sa.String(80), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("held_on", sa.Date()),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("status IN ('planned', 'held', 'cancelled')", name=op.f("ck_planned_drill_status_known")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_planned_drill")),
    )
    op.create_index(op.f("ix_planned_drill_planned_on"), "planned_drill", ["planned_on"])
    op.create_table(
        "planned_drill_team",
        sa.Column("drill", sa.String(20), nullable=False),
        sa.Column("team_code", sa.String(20), nullable=False),
        sa.Column("team_drill", sa.String(40)),
        sa.ForeignKeyConstraint(["drill"], ["planned_drill.code"], name=op.f("fk_planned_drill_team_drill_planned_drill")),
        sa.ForeignKeyConstraint(["team_code"], ["team.code"], name=op.f("fk_planned_drill_team_team_code_team")),
        sa.ForeignKeyConstraint(["team_drill"], ["team_drill.code"], name=op.f("fk_planned_drill_team_team_drill_team_drill")),
        sa.PrimaryKeyConstraint("drill", "team_code", name=op.f("pk_planned_drill_team")),
    )
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("zh", sa.String(400), nullable=False),
        sa.Column("en", sa.String(400), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.String(80)),
        sa.Column("closed_at", AT),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (evidence = '')", name=op.f("ck_lesson_closed_with_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("source", "zh", name=op.f("uq_lesson_source_zh")),
    )
    op.create_index(op.f("ix_lesson_due_on"), "lesson", ["due_on"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GRANT)


def downgrade() -> None:
    op.drop_table("lesson")
    op.drop_table("planned_drill_team")
    op.drop_table("planned_drill")
