"""Two roles more: who leads exercises, and who audits.

Revision: 0013, after 0012.  Going back makes viewers of them.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = ("viewer", "storekeeper", "planner", "approver", "administrator")
ROLES = ("viewer", "storekeeper", "planner", "approver", "exercise_leader", "auditor", "administrator")


def upgrade() -> None:
    _allow(ROLES)


def downgrade() -> None:
    op.execute("UPDATE account SET role = 'viewer' WHERE role IN ('exercise_leader', 'auditor')")
    _allow(BEFORE)


def _allow(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint(op.f("ck_account_role_known"), type_="check")
        batch.create_check_constraint(op.f("ck_account_role_known"), "role IN (" + ", ".join(f"'{r}'" for r in roles) + ")")
