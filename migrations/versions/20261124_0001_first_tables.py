"""First tables: places, stock, roads, teams, warnings, proposals, waybills, accounts, audit.

Revision: 0001, after nothing.  Going back drops everything: all data is lost.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime
from dispatch.spatial import ShapelyGeometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER movement_no_{verb.lower()} BEFORE {verb} ON movement BEGIN "
    f"SELECT RAISE(ABORT, 'movements are facts: reverse them, never {verb.lower()}'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION movement_is_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'movements are facts: reverse them, never change them'; END $$",
    "CREATE TRIGGER movement_no_change BEFORE UPDATE OR DELETE ON movement "
    "FOR EACH ROW EXECUTE FUNCTION movement_is_fact()",
)


def upgrade() -> None:
    create_places()
    create_people_and_record()
    create_stock()
    create_roads_and_teams()
    create_proposals_and_waybills()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for text in SQLITE_GUARDS if is_sqlite else POSTGRES_GUARDS:
        op.execute(text)


def create_places() -> None:
    op.create_table(
        "league",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("adcode", name=op.f("pk_league")),
    )
    op.create_table(
        "county",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("league_adcode", sa.String(length=6), nullable=False),
        sa.Column("seat", ShapelyGeometry("POINT"), nullable=False),
        sa.Column("area_km2", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("is_district", sa.Boolean(), nullable=False),
        sa.Column("shape", ShapelyGeometry("GEOMETRY"), nullable=False),
        sa.ForeignKeyConstraint(
            ["league_adcode"], ["league.adcode"], name=op.f("fk_county_league_adcode_league")
        ),
        sa.PrimaryKeyConstraint("adcode", name=op.f("pk_county")),
    )


def create_people_and_record() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("display_zh", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer', 'storekeeper', 'planner', 'approver', 'administrator')",
            name=op.f("ck_account_role_known"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "alert_document",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("accepted_key", sa.String(length=300), nullable=True),
        sa.Column("identifier", sa.String(length=120), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("parsed", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "status IN ('accepted','duplicate','quarantined','exercise')",
            name=op.f("ck_alert_document_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_document")),
        sa.UniqueConstraint("accepted_key", name=op.f("uq_alert_document_accepted_key")),
    )
    op.create_index(
        op.f("ix_alert_document_identifier"), "alert_document", ["identifier"], unique=False
    )


def create_stock() -> None:
    op.create_table(
        "item",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("unit_zh", sa.String(length=20), nullable=False),
        sa.Column("unit_en", sa.String(length=20), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("persons_per_unit", sa.Integer(), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.CheckConstraint("volume_cm3 > 0", name=op.f("ck_item_volume_positive")),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_item_weight_positive")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_item")),
    )
    op.create_table(
        "warehouse",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("serves_adcode", sa.String(length=6), nullable=False),
        sa.Column("league_adcode", sa.String(length=6), nullable=False),
        sa.Column("county_adcode", sa.String(length=6), nullable=False),
        sa.Column("location", ShapelyGeometry("POINT"), nullable=False),
        sa.CheckConstraint(
            "tier IN ('region', 'league', 'county')", name=op.f("ck_warehouse_tier_known")
        ),
        sa.ForeignKeyConstraint(
            ["county_adcode"], ["county.adcode"], name=op.f("fk_warehouse_county_adcode_county")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("serves_adcode", name=op.f("uq_warehouse_serves_adcode")),
    )
    op.create_table(
        "minimum_stock",
        sa.Column("warehouse_code", sa.String(length=20), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_minimum_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["item_code"], ["item.code"], name=op.f("fk_minimum_stock_item_code_item")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_code"],
            ["warehouse.code"],
            name=op.f("fk_minimum_stock_warehouse_code_warehouse"),
        ),
        sa.PrimaryKeyConstraint("warehouse_code", "item_code", name=op.f("pk_minimum_stock")),
    )
    op.create_table(
        "lot",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("restriction", sa.String(length=40), nullable=True),
        sa.Column("condition", sa.String(length=20), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_code"], ["item.code"], name=op.f("fk_lot_item_code_item")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_item_code"), "lot", ["item_code"], unique=False)
    op.create_table(
        "movement",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("lot_code", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("from_place", sa.String(length=80), nullable=False),
        sa.Column("to_place", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=160), nullable=False),
        sa.Column("reverses_id", BIG_ID, nullable=True),
        sa.CheckConstraint("from_place <> to_place", name=op.f("ck_movement_two_places")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_movement_quantity_positive")),
        sa.ForeignKeyConstraint(["lot_code"], ["lot.code"], name=op.f("fk_movement_lot_code_lot")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["movement.id"], name=op.f("fk_movement_reverses_id_movement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_movement_idempotency_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_movement_reverses_id")),
    )
    op.create_index("ix_movement_document", "movement", ["document"], unique=False)
    op.create_index("ix_movement_lot_code", "movement", ["lot_code"], unique=False)
    op.create_table(
        "balance",
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("lot_code", sa.String(length=60), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_balance_on_hand_not_negative")),
        sa.CheckConstraint("reserved <= on_hand", name=op.f("ck_balance_reserved_within_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_balance_reserved_not_negative")),
        sa.ForeignKeyConstraint(["lot_code"], ["lot.code"], name=op.f("fk_balance_lot_code_lot")),
        sa.PrimaryKeyConstraint("place", "lot_code", name=op.f("pk_balance")),
    )
    op.create_table(
        "reservation",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("lot_code", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('held', 'used', 'released')", name=op.f("ck_reservation_status_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["lot_code"], ["lot.code"], name=op.f("fk_reservation_lot_code_lot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    op.create_index(op.f("ix_reservation_owner"), "reservation", ["owner"], unique=False)


def create_roads_and_teams() -> None:
    op.create_table(
        "road_edge",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_adcode", sa.String(length=6), nullable=False),
        sa.Column("to_adcode", sa.String(length=6), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("road_class", sa.String(length=12), nullable=False),
        sa.Column("refs", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.String(length=1), nullable=False),
        sa.CheckConstraint("distance_m > 0", name=op.f("ck_road_edge_distance_positive")),
        sa.ForeignKeyConstraint(
            ["from_adcode"], ["county.adcode"], name=op.f("fk_road_edge_from_adcode_county")
        ),
        sa.ForeignKeyConstraint(
            ["to_adcode"], ["county.adcode"], name=op.f("fk_road_edge_to_adcode_county")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_edge")),
    )
    op.create_table(
        "vehicle_class",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("payload_kg", sa.Integer(), nullable=False),
        sa.Column("volume_cm3", sa.Integer(), nullable=False),
        sa.Column("fixed_cost_fen", sa.Integer(), nullable=False),
        sa.Column("cost_per_km_fen", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "payload_kg > 0 AND volume_cm3 > 0", name=op.f("ck_vehicle_class_capacity_positive")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_vehicle_class")),
    )
    op.create_table(
        "vehicle",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("class_code", sa.String(length=10), nullable=False),
        sa.Column("warehouse_code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_code"], ["vehicle_class.code"], name=op.f("fk_vehicle_class_code_vehicle_class")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_code"], ["warehouse.code"], name=op.f("fk_vehicle_warehouse_code_warehouse")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_vehicle")),
    )
    op.create_table(
        "team",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("league_adcode", sa.String(length=6), nullable=False),
        sa.Column("home_county", sa.String(length=6), nullable=False),
        sa.Column("speciality", sa.String(length=20), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("volunteers", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("is_assumption", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('available', 'standby', 'mustering', 'en_route', 'on_site', 'returning', 'resting', 'unavailable')",
            name=op.f("ck_team_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["home_county"], ["county.adcode"], name=op.f("fk_team_home_county_county")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_team")),
    )


def create_proposals_and_waybills() -> None:
    op.create_table(
        "proposal",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=60), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("submitted_by", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'returned', 'superseded')",
            name=op.f("ck_proposal_status_known"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_situation"), "proposal", ["situation"], unique=False)
    op.create_index(op.f("ix_proposal_state_hash"), "proposal", ["state_hash"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("proposal", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal"], ["proposal.code"], name=op.f("fk_decision_proposal_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_proposal"), "decision", ["proposal"], unique=False)
    op.create_table(
        "waybill",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("proposal", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "status IN ('issued', 'departed', 'received')", name=op.f("ck_waybill_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["proposal"], ["proposal.code"], name=op.f("fk_waybill_proposal_proposal")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_waybill")),
    )
    op.create_index(op.f("ix_waybill_proposal"), "waybill", ["proposal"], unique=False)
    op.create_table(
        "waybill_event",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["waybill"], ["waybill.code"], name=op.f("fk_waybill_event_waybill_waybill")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waybill_event")),
    )
    op.create_index(op.f("ix_waybill_event_waybill"), "waybill_event", ["waybill"], unique=False)


def downgrade() -> None:
    for table in (
        "waybill_event",
        "waybill",
        "decision",
        "proposal",
        "team",
        "vehicle",
        "vehicle_class",
        "road_edge",
        "reservation",
        "balance",
        "movement",
        "lot",
        "minimum_stock",
        "warehouse",
        "item",
        "alert_document",
        "audit",
        "account",
        "county",
        "league",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION movement_is_fact()")
