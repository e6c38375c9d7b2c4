"""People, kit, vehicles, drills and deployments of the relief teams.

Revision: 0010, after 0009.  The log book of a deployment is only ever added to.
Going back drops all of it: take a backup first.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "deployment", "deployment_log", "deployment_member", "team_attendance", "team_certificate", "team_drill",
    "team_kit", "team_member", "team_next_of_kin", "team_readiness", "team_vehicle",
)
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER deployment_log_no_{verb.lower()} BEFORE {verb} ON deployment_log BEGIN "
    f"SELECT RAISE(ABORT, 'the log book is only ever added to'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION log_is_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the log book is only ever added to'; END $$",
    "CREATE TRIGGER deployment_log_no_change BEFORE UPDATE OR DELETE ON deployment_log "
    "FOR EACH ROW EXECUTE FUNCTION log_is_fact()",
    "CREATE TRIGGER deployment_log_no_truncate BEFORE TRUNCATE ON deployment_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION log_is_fact()",
)
# the role exists only where an administrator or the owner could make it
POSTGRES_RIGHTS = f"""
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON {", ".join(TABLES)} TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON deployment_log FROM dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON deployment_log FROM PUBLIC;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table('deployment',
        sa.Column('code', sa.String(length=40), nullable=False),
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('county', sa.String(length=6), nullable=False),
        sa.Column('proposal', sa.String(length=40), nullable=True),
        sa.Column('state', sa.String(length=12), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('alerted_at', UtcDateTime(), nullable=False),
        sa.Column('muster_by', UtcDateTime(), nullable=False),
        sa.Column('expected_at', UtcDateTime(), nullable=True),
        sa.Column('on_site_at', UtcDateTime(), nullable=True),
        sa.Column('tour_ends_at', UtcDateTime(), nullable=True),
        sa.Column('rested_at', UtcDateTime(), nullable=True),
        sa.Column('last_check_in_at', UtcDateTime(), nullable=True),
        sa.Column('relieves', sa.String(length=40), nullable=True),
        sa.Column('created_by', sa.String(length=80), nullable=False),
        sa.Column('submit_key', sa.String(length=120), nullable=False),
        sa.CheckConstraint("state IN ('alerted', 'mustering', 'en_route', 'on_site', 'handover', 'returning', 'resting', 'closed', 'stood_down')", name=op.f('ck_deployment_state_known')),
        sa.ForeignKeyConstraint(['county'], ['county.adcode'], name=op.f('fk_deployment_county_county')),
        sa.ForeignKeyConstraint(['relieves'], ['deployment.code'], name=op.f('fk_deployment_relieves_deployment')),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_deployment_team_code_team')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_deployment')),
        sa.UniqueConstraint('submit_key', name=op.f('uq_deployment_submit_key'))
    )
    op.create_index(op.f('ix_deployment_proposal'), 'deployment', ['proposal'], unique=False)
    op.create_index(op.f('ix_deployment_team_code'), 'deployment', ['team_code'], unique=False)
    op.create_index('uq_deployment_team_out', 'deployment', ['team_code'], unique=True, sqlite_where=sa.text("state NOT IN ('closed', 'stood_down')"), postgresql_where=sa.text("state NOT IN ('closed', 'stood_down')"))
    op.create_table('team_drill',
        sa.Column('code', sa.String(length=40), nullable=False),
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('held_on', sa.Date(), nullable=False),
        sa.Column('title', sa.String(length=120), nullable=False),
        sa.Column('recorded_by', sa.String(length=80), nullable=False),
        sa.Column('recorded_at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_team_drill_team_code_team')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_team_drill'))
    )
    op.create_index(op.f('ix_team_drill_team_code'), 'team_drill', ['team_code'], unique=False)
    op.create_table('team_kit',
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('item', sa.String(length=40), nullable=False),
        sa.Column('have', sa.Integer(), nullable=False),
        sa.Column('checked_on', sa.Date(), nullable=False),
        sa.CheckConstraint('have >= 0', name=op.f('ck_team_kit_have_not_negative')),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_team_kit_team_code_team')),
        sa.PrimaryKeyConstraint('team_code', 'item', name=op.f('pk_team_kit'))
    )
    op.create_table('team_member',
        sa.Column('code', sa.String(length=20), nullable=False),
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('status', sa.String(length=12), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=True),
        sa.Column('roles', sa.String(length=200), nullable=False),
        sa.Column('languages', sa.String(length=80), nullable=False),
        sa.Column('account', sa.String(length=40), nullable=True),
        sa.Column('applied_at', UtcDateTime(), nullable=False),
        sa.Column('applied_by', sa.String(length=80), nullable=False),
        sa.Column('reviewed_at', UtcDateTime(), nullable=True),
        sa.Column('reviewed_by', sa.String(length=80), nullable=True),
        sa.Column('review_note', sa.String(length=400), nullable=False),
        sa.Column('left_at', UtcDateTime(), nullable=True),
        sa.Column('erased_at', UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('staff', 'volunteer')", name=op.f('ck_team_member_kind_known')),
        sa.CheckConstraint("status IN ('applied', 'active', 'paused', 'refused', 'left')", name=op.f('ck_team_member_status_known')),
        sa.ForeignKeyConstraint(['account'], ['account.name'], name=op.f('fk_team_member_account_account')),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_team_member_team_code_team')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_team_member')),
        sa.UniqueConstraint('account', name=op.f('uq_team_member_account'))
    )
    op.create_index(op.f('ix_team_member_team_code'), 'team_member', ['team_code'], unique=False)
    op.create_index('uq_team_member_phone_here', 'team_member', ['phone'], unique=True, sqlite_where=sa.text("status IN ('applied', 'active', 'paused')"), postgresql_where=sa.text("status IN ('applied', 'active', 'paused')"))
    op.create_table('team_readiness',
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('per_mille', sa.Integer(), nullable=True),
        sa.Column('factors', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_team_readiness_team_code_team')),
        sa.PrimaryKeyConstraint('team_code', 'day', name=op.f('pk_team_readiness'))
    )
    op.create_table('team_vehicle',
        sa.Column('plate', sa.String(length=20), nullable=False),
        sa.Column('team_code', sa.String(length=20), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('seats', sa.Integer(), nullable=False),
        sa.Column('is_fit', sa.Boolean(), nullable=False),
        sa.Column('checked_on', sa.Date(), nullable=False),
        sa.CheckConstraint('seats >= 0', name=op.f('ck_team_vehicle_seats_not_negative')),
        sa.ForeignKeyConstraint(['team_code'], ['team.code'], name=op.f('fk_team_vehicle_team_code_team')),
        sa.PrimaryKeyConstraint('plate', name=op.f('pk_team_vehicle'))
    )
    op.create_index(op.f('ix_team_vehicle_team_code'), 'team_vehicle', ['team_code'], unique=False)
    op.create_table('deployment_log',
        sa.Column('id', BIG_ID, autoincrement=True, nullable=False),
        sa.Column('deployment', sa.String(length=40), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('recorded_at', UtcDateTime(), nullable=False),
        sa.Column('actor', sa.String(length=80), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('detail', sa.Text(), nullable=False),
        sa.Column('lon', sa.Double(), nullable=True),
        sa.Column('lat', sa.Double(), nullable=True),
        sa.Column('submit_key', sa.String(length=120), nullable=False),
        sa.CheckConstraint("kind IN ('state', 'call', 'answer', 'check_in', 'report', 'alarm', 'note')", name=op.f('ck_deployment_log_kind_known')),
        sa.ForeignKeyConstraint(['deployment'], ['deployment.code'], name=op.f('fk_deployment_log_deployment_deployment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deployment_log')),
        sa.UniqueConstraint('submit_key', name=op.f('uq_deployment_log_submit_key'))
    )
    op.create_index(op.f('ix_deployment_log_deployment'), 'deployment_log', ['deployment'], unique=False)
    op.create_table('deployment_member',
        sa.Column('deployment', sa.String(length=40), nullable=False),
        sa.Column('member', sa.String(length=20), nullable=False),
        sa.Column('muster', sa.String(length=12), nullable=False),
        sa.Column('key_sha256', sa.String(length=64), nullable=True),
        sa.Column('called_at', UtcDateTime(), nullable=False),
        sa.Column('answered_at', UtcDateTime(), nullable=True),
        sa.Column('last_seen_at', UtcDateTime(), nullable=True),
        sa.CheckConstraint("muster IN ('called', 'coming', 'declined', 'mustered', 'back')", name=op.f('ck_deployment_member_muster_known')),
        sa.ForeignKeyConstraint(['deployment'], ['deployment.code'], name=op.f('fk_deployment_member_deployment_deployment')),
        sa.ForeignKeyConstraint(['member'], ['team_member.code'], name=op.f('fk_deployment_member_member_team_member')),
        sa.PrimaryKeyConstraint('deployment', 'member', name=op.f('pk_deployment_member')),
        sa.UniqueConstraint('key_sha256', name=op.f('uq_deployment_member_key_sha256'))
    )
    op.create_table('team_attendance',
        sa.Column('drill', sa.String(length=40), nullable=False),
        sa.Column('member', sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(['drill'], ['team_drill.code'], name=op.f('fk_team_attendance_drill_team_drill')),
        sa.ForeignKeyConstraint(['member'], ['team_member.code'], name=op.f('fk_team_attendance_member_team_member')),
        sa.PrimaryKeyConstraint('drill', 'member', name=op.f('pk_team_attendance'))
    )
    op.create_table('team_certificate',
        sa.Column('id', BIG_ID, autoincrement=True, nullable=False),
        sa.Column('member', sa.String(length=20), nullable=False),
        sa.Column('skill', sa.String(length=20), nullable=False),
        sa.Column('issued_on', sa.Date(), nullable=False),
        sa.Column('expires_on', sa.Date(), nullable=True),
        sa.Column('issuer', sa.String(length=120), nullable=False),
        sa.Column('number', sa.String(length=60), nullable=False),
        sa.CheckConstraint('expires_on IS NULL OR expires_on >= issued_on', name=op.f('ck_team_certificate_expires_after_issue')),
        sa.ForeignKeyConstraint(['member'], ['team_member.code'], name=op.f('fk_team_certificate_member_team_member')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_team_certificate')),
        sa.UniqueConstraint('member', 'skill', 'issued_on', name=op.f('uq_team_certificate_member_skill_issued_on'))
    )
    op.create_index(op.f('ix_team_certificate_member'), 'team_certificate', ['member'], unique=False)
    op.create_table('team_next_of_kin',
        sa.Column('member', sa.String(length=20), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('relation', sa.String(length=20), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(['member'], ['team_member.code'], name=op.f('fk_team_next_of_kin_member_team_member')),
        sa.PrimaryKeyConstraint('member', name=op.f('pk_team_next_of_kin'))
    )
    op.add_column('team', sa.Column('organisation', sa.String(length=120), nullable=True))
    op.add_column('team', sa.Column('self_sufficient_h', sa.Integer(), nullable=True))
    op.add_column('team', sa.Column('tour_days', sa.Integer(), nullable=True))
    op.add_column('team', sa.Column('rested_at', UtcDateTime(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for text in SQLITE_GUARDS:
            op.execute(text)
        return
    for text in (*POSTGRES_GUARDS, POSTGRES_RIGHTS):
        op.execute(text)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER deployment_log_no_{verb}")
    op.drop_column('team', 'rested_at')
    op.drop_column('team', 'tour_days')
    op.drop_column('team', 'self_sufficient_h')
    op.drop_column('team', 'organisation')
    op.drop_table('team_next_of_kin')
    op.drop_index(op.f('ix_team_certificate_member'), table_name='team_certificate')
    op.drop_table('team_certificate')
    op.drop_table('team_attendance')
    op.drop_table('deployment_member')
    op.drop_index(op.f('ix_deployment_log_deployment'), table_name='deployment_log')
    op.drop_table('deployment_log')
    op.drop_index(op.f('ix_team_vehicle_team_code'), table_name='team_vehicle')
    op.drop_table('team_vehicle')
    op.drop_table('team_readiness')
    op.drop_index('uq_team_member_phone_here', table_name='team_member', sqlite_where=sa.text("status IN ('applied', 'active', 'paused')"), postgresql_where=sa.text("status IN ('applied', 'active', 'paused')"))
    op.drop_index(op.f('ix_team_member_team_code'), table_name='team_member')
    op.drop_table('team_member')
    op.drop_table('team_kit')
    op.drop_index(op.f('ix_team_drill_team_code'), table_name='team_drill')
    op.drop_table('team_drill')
    op.drop_index('uq_deployment_team_out', table_name='deployment', sqlite_where=sa.text("state NOT IN ('closed', 'stood_down')"), postgresql_where=sa.text("state NOT IN ('closed', 'stood_down')"))
    op.drop_index(op.f('ix_deployment_team_code'), table_name='deployment')
    op.drop_index(op.f('ix_deployment_proposal'), table_name='deployment')
    op.drop_table('deployment')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION log_is_fact()")
