"""What happens on the road: positions, road reports, receipts by stop, claims, waybills that are called off.

Revision: 0012, after 0011.  Positions, road reports, receipts and the steps of a claim are only ever added to.
Going back drops all of it, and waybills called off or broken down stand as issued or departed again:
take a backup first.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime
from dispatch.spatial import ShapelyGeometry

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = ("position_report", "road_report", "receipt", "receipt_photo", "claim_event")
TABLES = ("claim_event", "claim", "receipt_photo", "receipt", "position_report", "road_report")
RULE = "ck_waybill_status_known"
BEFORE = "status IN ('issued', 'departed', 'received')"
AFTER = "status IN ('issued', 'departed', 'received', 'cancelled', 'stranded', 'returned')"
POSTGRES_FACTS = (
    "CREATE FUNCTION report_is_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'reports and receipts are facts: add a new one, never change one'; END $$"
)
# the role exists only where an administrator or the owner could make it
POSTGRES_RIGHTS = f"""
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON {", ".join(TABLES)} TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON {", ".join(FACTS)} FROM dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON {", ".join(FACTS)} FROM PUBLIC;
  END IF;
END $$;
"""


def upgrade() -> None:
    create_reports()
    create_receipts()
    create_claims()
    allow_states(AFTER)
    if op.get_bind().dialect.name == "sqlite":
        for table in FACTS:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                    f"SELECT RAISE(ABORT, 'reports and receipts are facts: add a new one, never {verb.lower()} one'); END"
                )
        return
    op.execute(POSTGRES_FACTS)
    for table in FACTS:
        op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                   "FOR EACH ROW EXECUTE FUNCTION report_is_fact()")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                   "FOR EACH STATEMENT EXECUTE FUNCTION report_is_fact()")
    op.execute(POSTGRES_RIGHTS)


def create_reports() -> None:
    op.create_table(
        "road_report",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("said_by", sa.String(length=80), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("place", ShapelyGeometry("POINT"), nullable=True),
        sa.Column("submit_key", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed' AND percent = 0) OR (state = 'slow' AND percent BETWEEN 1 AND 99) "
            "OR (state = 'open' AND percent = 100)",
            name=op.f("ck_road_report_state_known"),
        ),
        sa.CheckConstraint("kind IN ('phone', 'call')", name=op.f("ck_road_report_kind_known")),
        sa.CheckConstraint("until IS NULL OR until > said_at", name=op.f("ck_road_report_until_after_said")),
        sa.ForeignKeyConstraint(["edge_id"], ["road_edge.id"], name=op.f("fk_road_report_edge_id_road_edge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_report")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_road_report_submit_key")),
    )
    op.create_index("ix_road_report_edge_id_said_at", "road_report", ["edge_id", "said_at"])
    op.create_table(
        "position_report",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("place", ShapelyGeometry("POINT"), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=True),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("submit_key", sa.String(length=120), nullable=False),
        sa.CheckConstraint("kind IN ('gps', 'phone', 'call')", name=op.f("ck_position_report_kind_known")),
        sa.ForeignKeyConstraint(["county"], ["county.adcode"], name=op.f("fk_position_report_county_county")),
        sa.ForeignKeyConstraint(["waybill"], ["waybill.code"], name=op.f("fk_position_report_waybill_waybill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_report")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_position_report_submit_key")),
    )
    op.create_index("ix_position_report_waybill_said_at", "position_report", ["waybill", "said_at"])


def create_receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("submit_key", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["county"], ["county.adcode"], name=op.f("fk_receipt_county_county")),
        sa.ForeignKeyConstraint(["waybill"], ["waybill.code"], name=op.f("fk_receipt_waybill_waybill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_receipt_submit_key")),
        sa.UniqueConstraint("waybill", "county", name=op.f("uq_receipt_waybill_county")),
    )
    op.create_table(
        "receipt_photo",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("receipt", BIG_ID, nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["receipt.id"], name=op.f("fk_receipt_photo_receipt_receipt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_photo")),
        sa.UniqueConstraint("receipt", "sha256", name=op.f("uq_receipt_photo_receipt_sha256")),
    )


def create_claims() -> None:
    op.create_table(
        "claim",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("receipt", BIG_ID, nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=False),
        sa.Column("line", sa.String(length=12), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("lot", sa.String(length=60), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("damaged >= 0 AND short >= 0 AND damaged + short > 0", name=op.f("ck_claim_something_missing")),
        sa.CheckConstraint(
            "state IN ('open', 'explained', 'settled', 'written_off')", name=op.f("ck_claim_state_known")
        ),
        sa.ForeignKeyConstraint(["county"], ["county.adcode"], name=op.f("fk_claim_county_county")),
        sa.ForeignKeyConstraint(["item"], ["item.code"], name=op.f("fk_claim_item_item")),
        sa.ForeignKeyConstraint(["lot"], ["lot.code"], name=op.f("fk_claim_lot_lot")),
        sa.ForeignKeyConstraint(["receipt"], ["receipt.id"], name=op.f("fk_claim_receipt_receipt")),
        sa.ForeignKeyConstraint(["waybill"], ["waybill.code"], name=op.f("fk_claim_waybill_waybill")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_claim")),
        sa.UniqueConstraint("waybill", "line", name=op.f("uq_claim_waybill_line")),
    )
    op.create_index("ix_claim_state", "claim", ["state"])
    op.create_table(
        "claim_event",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("claim", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("submit_key", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["claim"], ["claim.code"], name=op.f("fk_claim_event_claim_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_event")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_claim_event_submit_key")),
    )
    op.create_index("ix_claim_event_claim", "claim_event", ["claim"])


def allow_states(rule: str) -> None:
    """Another set of states for waybills; SQLite makes the table anew, so its events step aside."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TEMPORARY TABLE kept_event AS SELECT * FROM waybill_event")
        op.execute("DELETE FROM waybill_event")
    with op.batch_alter_table("waybill") as table:
        table.drop_constraint(op.f(RULE), type_="check")
        table.create_check_constraint(op.f(RULE), rule)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO waybill_event SELECT * FROM kept_event")
        op.execute("DROP TABLE kept_event")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in FACTS:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
    for table in TABLES:
        op.drop_table(table)
    op.execute("UPDATE waybill SET status = 'issued' WHERE status = 'cancelled'")
    op.execute("UPDATE waybill SET status = 'departed' WHERE status IN ('stranded', 'returned')")
    allow_states(BEFORE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION report_is_fact()")
