"""The audit record as a chain: each act with the hash of itself and of all before it.

Revision: 0011, after 0010.  Acts already there are chained as they stand, so a change made before
this revision cannot be seen; from then on the record is only ever added to, by trigger and right.
Going back drops the hashes and keeps the acts.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.audit.chain import FIELDS, START, link
from dispatch.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 5_000
AUDIT = sa.table("audit", sa.column("id", sa.BigInteger), sa.column("at", UtcDateTime), *(sa.column(name, sa.Text) for name in FIELDS[1:]),
                 sa.column("chain", sa.Text))
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit BEGIN "
    f"SELECT RAISE(ABORT, 'the audit record is only ever added to'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION audit_is_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the audit record is only ever added to'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_fact()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_fact()",
)
# the role exists only where an administrator or the owner could make it
POSTGRES_RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch_app') THEN
    GRANT SELECT, UPDATE ON audit_head TO dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM dispatch_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("acts", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("seen", sa.String(length=64), nullable=False, server_default=""))
        batch.add_column(sa.Column("chain", sa.String(length=64), nullable=False, server_default=""))
    acts, chain = _chain_what_is_there(op.get_bind())
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("seen", server_default=None)
        batch.alter_column("chain", server_default=None)
    op.execute(f"INSERT INTO audit_head (id, acts, chain) VALUES (1, {acts}, '{chain}')")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for text in SQLITE_GUARDS if is_sqlite else (*POSTGRES_GUARDS, POSTGRES_RIGHTS):
        op.execute(text)


def _chain_what_is_there(bind: sa.Connection) -> tuple[int, str]:
    acts, last, chain = 0, 0, START
    while rows := bind.execute(sa.select(AUDIT).where(AUDIT.c.id > last).order_by(AUDIT.c.id).limit(BATCH)).all():
        hashes = []
        for row in rows:
            chain = link(chain, row._mapping)
            hashes.append({"key": row.id, "hash": chain})
        bind.execute(sa.update(AUDIT).where(AUDIT.c.id == sa.bindparam("key")).values(chain=sa.bindparam("hash")), hashes)
        acts, last = acts + len(rows), rows[-1].id
    return acts, chain


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_no_{verb}")
    else:
        for name in ("audit_no_change", "audit_no_truncate"):
            op.execute(f"DROP TRIGGER {name} ON audit")
        op.execute("DROP FUNCTION audit_is_fact()")
    with op.batch_alter_table("audit") as batch:
        batch.drop_column("chain")
        batch.drop_column("seen")
    op.drop_table("audit_head")
