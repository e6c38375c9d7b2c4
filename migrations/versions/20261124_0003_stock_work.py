"""Stock documents, lots with origin, counts, money, rooms and uploads.

Revision: 0003, after 0002.  Going back drops documents, gifts, money and uploads and the
new facts of lots: export them first.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER money_movement_no_{verb.lower()} BEFORE {verb} ON money_movement BEGIN "
    f"SELECT RAISE(ABORT, 'movements are facts: reverse them, never {verb.lower()}'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_GUARDS = (
    "CREATE TRIGGER money_movement_no_change BEFORE UPDATE OR DELETE ON money_movement "
    "FOR EACH ROW EXECUTE FUNCTION movement_is_fact()",
    "CREATE TRIGGER money_movement_no_truncate BEFORE TRUNCATE ON money_movement "
    "FOR EACH STATEMENT EXECUTE FUNCTION movement_is_fact()",
    "CREATE TRIGGER movement_no_truncate BEFORE TRUNCATE ON movement "
    "FOR EACH STATEMENT EXECUTE FUNCTION movement_is_fact()",
)
# The application's role may add facts and never change them; the owner keeps migrations to itself.
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    CREATE ROLE dispatch_app NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN RAISE NOTICE 'the role dispatch_app has to be made by an administrator';
  WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO dispatch_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON movement, money_movement FROM dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON movement, money_movement FROM PUBLIC;
  END IF;
END $$;
"""


def upgrade() -> None:
    widen_lots()
    create_documents()
    create_money()
    create_rooms_and_uploads()
    if op.get_bind().dialect.name == "sqlite":
        for text in SQLITE_GUARDS:
            op.execute(text)
        return
    for text in (*POSTGRES_GUARDS, POSTGRES_RIGHTS):
        op.execute(text)


def widen_lots() -> None:
    op.add_column("lot", sa.Column("donor", sa.String(length=120), nullable=True))
    op.add_column("lot", sa.Column("producer", sa.String(length=120), nullable=True))
    op.add_column("lot", sa.Column("area", sa.String(length=6), nullable=True))
    op.add_column("lot", sa.Column("unit_cost_fen", sa.BigInteger(), nullable=True))
    op.add_column(
        "lot",
        sa.Column("inspection", sa.String(length=10), server_default="passed", nullable=False),
    )
    op.add_column("lot", sa.Column("kit_version", sa.String(length=40), nullable=True))
    op.add_column("lot", sa.Column("donation", sa.String(length=40), nullable=True))
    op.drop_index(op.f("ix_movement_lot_code"), table_name="movement")
    op.create_index("ix_movement_lot_code_id", "movement", ["lot_code", "id"], unique=False)
    op.create_index("ix_movement_recorded_at", "movement", ["recorded_at"], unique=False)


def create_documents() -> None:
    op.create_table(
        "stock_document",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("warehouse", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submit_key", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind || ':' || status IN ('inspection:posted', 'issue:posted', 'kit_break:posted', 'kit_build:posted', 'loss:cancelled', 'loss:posted', 'loss:refused', 'loss:requested', 'putaway:posted', 'receipt:posted', 'repack:posted', 'return:posted', 'stocktake:cancelled', 'stocktake:counting', 'stocktake:posted', 'transfer:approved', 'transfer:cancelled', 'transfer:claimed', 'transfer:loaded', 'transfer:received', 'transfer:refused', 'transfer:requested')",
            name=op.f("ck_stock_document_status_of_kind"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stock_document")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_stock_document_submit_key")),
    )
    op.create_index(op.f("ix_stock_document_kind"), "stock_document", ["kind"], unique=False)
    op.create_index(
        op.f("ix_stock_document_warehouse"), "stock_document", ["warehouse"], unique=False
    )
    op.create_table(
        "stock_document_event",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["stock_document.code"],
            name=op.f("fk_stock_document_event_document_stock_document"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_document_event")),
    )
    op.create_index(
        op.f("ix_stock_document_event_document"), "stock_document_event", ["document"], unique=False
    )
    op.create_table(
        "stock_count",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("lot_code", sa.String(length=60), nullable=False),
        sa.Column("counter", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_count_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["document"],
            ["stock_document.code"],
            name=op.f("fk_stock_count_document_stock_document"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_code"], ["lot.code"], name=op.f("fk_stock_count_lot_code_lot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint(
            "document",
            "place",
            "lot_code",
            "counter",
            name=op.f("uq_stock_count_document_place_lot_code_counter"),
        ),
    )
    op.create_index(op.f("ix_stock_count_document"), "stock_count", ["document"], unique=False)
    op.create_table(
        "freeze",
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("lot_code", sa.String(length=60), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["lot_code"], ["lot.code"], name=op.f("fk_freeze_lot_code_lot")),
        sa.PrimaryKeyConstraint("place", "lot_code", name=op.f("pk_freeze")),
    )


def create_money() -> None:
    op.create_table(
        "donation",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("donor", sa.String(length=120), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("designation", sa.String(length=120), nullable=True),
        sa.Column("agreement", sa.String(length=120), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("kind IN ('money', 'goods')", name=op.f("ck_donation_kind_known")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_donation_amount_not_negative")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_donation")),
    )
    op.create_table(
        "money_movement",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("from_account", sa.String(length=80), nullable=False),
        sa.Column("to_account", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=160), nullable=False),
        sa.Column("reverses_id", BIG_ID, nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_money_movement_amount_positive")),
        sa.CheckConstraint(
            "from_account <> to_account", name=op.f("ck_money_movement_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["money_movement.id"],
            name=op.f("fk_money_movement_reverses_id_money_movement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_movement")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_money_movement_idempotency_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_money_movement_reverses_id")),
    )
    op.create_index(
        op.f("ix_money_movement_document"), "money_movement", ["document"], unique=False
    )
    op.create_index(
        op.f("ix_money_movement_from_account"), "money_movement", ["from_account"], unique=False
    )
    op.create_index(
        op.f("ix_money_movement_to_account"), "money_movement", ["to_account"], unique=False
    )
    op.create_table(
        "money_balance",
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_fen >= 0", name=op.f("ck_money_balance_not_negative")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_money_balance")),
    )


def create_rooms_and_uploads() -> None:
    op.create_table(
        "facility",
        sa.Column("warehouse_code", sa.String(length=20), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger(), nullable=False),
        sa.Column("load_kg", sa.Integer(), nullable=False),
        sa.Column("storekeeper", sa.String(length=40), nullable=False),
        sa.Column("bookkeeper", sa.String(length=40), nullable=False),
        sa.Column("is_assumption", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "area_m2 > 0 AND volume_cm3 > 0 AND load_kg > 0", name=op.f("ck_facility_room_positive")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_code"],
            ["warehouse.code"],
            name=op.f("fk_facility_warehouse_code_warehouse"),
        ),
        sa.PrimaryKeyConstraint("warehouse_code", name=op.f("pk_facility")),
    )
    op.create_table(
        "warehouse_check",
        sa.Column("warehouse_code", sa.String(length=20), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["warehouse_code"],
            ["warehouse.code"],
            name=op.f("fk_warehouse_check_warehouse_code_warehouse"),
        ),
        sa.PrimaryKeyConstraint("warehouse_code", "criterion", name=op.f("pk_warehouse_check")),
    )
    op.create_table(
        "upload",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('previewed','quarantined','committed','undone')",
            name=op.f("ck_upload_status_known"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_upload")),
    )


def downgrade() -> None:
    for table in (
        "upload",
        "warehouse_check",
        "facility",
        "money_balance",
        "money_movement",
        "donation",
        "freeze",
        "stock_count",
        "stock_document_event",
        "stock_document",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER movement_no_truncate ON movement")
    op.drop_index("ix_movement_recorded_at", "movement")
    op.drop_index("ix_movement_lot_code_id", "movement")
    op.create_index("ix_movement_lot_code", "movement", ["lot_code"])
    for column in (
        "donation",
        "kit_version",
        "inspection",
        "unit_cost_fen",
        "area",
        "producer",
        "donor",
    ):
        op.drop_column("lot", column)
