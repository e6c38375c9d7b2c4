"""The audit record's page: who may read it, the proof, the file to take along."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from dispatch.audit.queries import verify_export
from tests.web.conftest import Person

LogIn = Callable[[str], Person]


@pytest.mark.parametrize("name", ["duty", "approver", "store", "viewer"])
def test_others_do_not_read_it(log_in: LogIn, name: str) -> None:
    person = log_in(name)
    assert person.client.get("/audit/").status_code == 403
    assert person.post("/stock", "/audit/export").status_code == 403
    assert log_in("nobody").client.get("/audit/").status_code == 302


def test_acts_are_found_and_the_proof_is_an_act_itself(log_in: LogIn) -> None:
    auditor = log_in("auditor")
    page = auditor.get("/audit/?action=alert.accepted")
    assert "alert.accepted" in page and "proposal." not in page
    answer = auditor.post("/audit/", "/audit/verify").get_data(as_text=True)
    assert "校验链完整" in answer
    assert "acts=" in auditor.get("/audit/?action=audit.verify")


def test_a_changed_record_is_told_on_the_page(log_in: LogIn, demo: Engine) -> None:
    auditor = log_in("auditor")
    with demo.begin() as connection:
        if demo.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_no_update"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        first = connection.scalar(text("SELECT MIN(id) FROM audit"))
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE id = :id"), {"id": first})
    assert f"第 1 条记录（编号 {first}）与其校验链不符" in auditor.post("/audit/", "/audit/verify").get_data(as_text=True)


def test_the_file_proves_itself_elsewhere(log_in: LogIn) -> None:
    answer = log_in("admin").post("/audit/", "/audit/export")
    lines = answer.get_data(as_text=True).splitlines()
    assert verify_export(lines).broken is None and "audit.export" in lines[-1]
