"""Calling members: links by message, their keys nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from dispatch.db import reading
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused, Unavailable
from dispatch.notices.channels import WebhookChannel
from dispatch.notices.model import OutMessage
from dispatch.teams.calls import Call, Summons, call_members, digest_of, note_sent, send_summons
from dispatch.teams.members import find_by_account, find_by_key
from dispatch.teams.model import Muster
from tests.notices.servers import hook_server
from tests.teams.conftest import NOW, Desk, S


class Line:
    """A way out that keeps what it is given, or fails for some addresses."""

    name = "webhook"

    def __init__(self, **failing: DispatchError) -> None:
        self.failing, self.sent = failing, []  # type: ignore[var-annotated]

    def send(self, batch: Sequence[OutMessage]) -> None:
        error = self.failing.get(f"to{batch[0].address}")
        if error:
            raise error
        self.sent += batch


def everything(desk: Desk) -> str:
    with reading(desk.engine) as session:
        tables = ("deployment", "deployment_member", "deployment_log", "audit", "notice", "delivery")
        return "".join(str(session.execute(text(f"SELECT * FROM {t}")).all()) for t in tables)


def test_a_key_opens_and_only_its_digest_is_kept(desk: Desk) -> None:
    code = desk.open()
    summons = desk.call(code)
    assert [s.member for s in summons] == ["M-0001", "M-0002", "M-0003"]
    assert len({s.key for s in summons}) == 3 and all(len(s.key) >= 32 for s in summons)
    with reading(desk.engine) as session:
        first = find_by_key(session, summons[0].key)
        assert (first.deployment, first.member, first.is_leader) == (code, "M-0001", True)
        assert not find_by_key(session, summons[1].key).is_leader
    kept = everything(desk)
    assert digest_of(summons[0].key) in kept
    assert not any(s.key in kept for s in summons) and summons[0].key not in repr(summons[0])


@pytest.mark.parametrize("key", ["", "wrong", "x" * 5000, "' OR 1=1 --"])
def test_a_wrong_key_opens_nothing(desk: Desk, key: str) -> None:
    desk.call(desk.open())
    with reading(desk.engine) as session, pytest.raises(NotFound, match="not valid") as caught:
        find_by_key(session, key)
    assert "链接无效" in caught.value.message_zh


def test_the_key_dies_with_the_deployment(desk: Desk) -> None:
    code = desk.open()
    key = desk.call(code)[0].key
    desk.move(code, S.STOOD_DOWN, "误报")
    with reading(desk.engine) as session:
        with pytest.raises(NotFound):
            find_by_key(session, key)
        with pytest.raises(NotFound):
            find_by_account(session, "viewer")
    assert desk.team().status == "available"


def test_calling_again_voids_the_former_link_and_a_form_counts_once(desk: Desk) -> None:
    code = desk.open()
    first = desk.call(code, "M-0001")[0].key
    again = desk.call(code, "M-0001")[0].key
    with reading(desk.engine) as session:
        assert find_by_key(session, again).member == "M-0001"
        with pytest.raises(NotFound):
            find_by_key(session, first)
    call = Call(code, "twice", ("M-0002",))
    assert [len(desk.do(call_members, call, "duty", NOW)) for _ in range(2)] == [1, 0]
    assert [s.member for s in desk.call(code)] == ["M-0003"]


def test_who_is_not_called(desk: Desk) -> None:
    code = desk.open()
    for wrong in ("M-0004", "M-9999"):
        with pytest.raises(InvalidInput, match=wrong):
            desk.call(code, wrong)
    with pytest.raises(Refused, match="may not direct"):
        desk.do(call_members, Call(code, "k"), "viewer", NOW)
    desk.call(code)
    with pytest.raises(Conflict, match="nobody left"):
        desk.call(code)
    desk.answer(code, "M-0001", Muster.MUSTERED)
    with pytest.raises(Conflict, match="nobody left"):
        desk.call(code, "M-0001")
    desk.move(code, S.STOOD_DOWN, "误报")
    with pytest.raises(Conflict, match="nobody is called"):
        desk.call(code)


def make_summons(desk: Desk) -> tuple[Summons, ...]:
    return desk.call(desk.open())


def test_the_message_holds_the_link(desk: Desk) -> None:
    summons, line = make_summons(desk), Line()
    sent, trouble = send_summons([line], summons, "https://d.example", NOW)
    # the third has no telephone
    assert (sent, trouble) == (("M-0001", "M-0002"), "")
    assert line.sent[0].address == summons[0].phone
    assert line.sent[0].link == f"https://d.example/my/{summons[0].key}"
    assert "11-09 01:00" in line.sent[0].words.zh


def test_nothing_leaves_without_a_way(desk: Desk) -> None:
    assert send_summons([], make_summons(desk), "", NOW) == ((), "")


def test_one_refused_does_not_stop_the_next_and_a_dead_line_does(desk: Desk) -> None:
    summons = make_summons(desk)
    first = f"to{summons[0].phone}"
    refusing = Line(**{first: Refused("no", zh="号码无效")})
    assert send_summons([refusing], summons, "", NOW) == (("M-0002",), "号码无效")
    dead = Line(**{first: Unavailable("down", zh="网关不通")})
    assert send_summons([dead], summons, "", NOW) == ((), "网关不通") and dead.sent == []


def test_through_a_real_webhook(desk: Desk) -> None:
    summons = make_summons(desk)
    with hook_server() as hook:
        sent, _ = send_summons([WebhookChannel(hook.url, "0123456789abcdef", desk.clock)], summons, "", NOW)
        assert sent == ("M-0001", "M-0002")
    desk.do(note_sent, summons[0].deployment, sent, summons, NOW)
    assert desk.log(summons[0].deployment, "call")[0]["detail"] == {"sent": ["M-0001", "M-0002"], "unsent": ["M-0003"]}
