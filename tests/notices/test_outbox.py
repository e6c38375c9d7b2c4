"""Sent once, gathered, tried again, given up in sight; several workers; exercises stay in."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.db import reading, transaction
from dispatch.notices import outbox
from dispatch.notices.digest import MOST_IN_ONE, Batch, make_batches
from dispatch.notices.model import OutMessage, Subscription, Urgency
from dispatch.notices.outbox import OutboxRules, Report, deliver_due, list_deliveries, requeue
from dispatch.notices.tables import DeliveryRow
from tests.builders import make_notice
from tests.notices.conftest import Office

ADDRESS = "duty@tl.example"
MAIL = Subscription("league", "email", ADDRESS, Urgency.DIGEST)


def rows(office: Office, status: str) -> list[dict[str, Any]]:
    with reading(office.engine) as session:
        return list_deliveries(session, status)


def pass_minutes(office: Office, minutes: int) -> None:
    office.clock.at += timedelta(minutes=minutes)


def test_sent_once(office: Office) -> None:
    office.subscribe(MAIL, Subscription("region", "webhook", "值班群"))
    office.post(make_notice("a"))
    assert office.deliver() == Report(messages=2, sent=2)
    assert office.deliver() == Report()
    office.post(make_notice("a"))
    assert office.deliver() == Report()
    assert [target for target, _ in office.box.mails] == [ADDRESS]
    assert [body["to"] for body in office.hook.bodies()] == ["值班群"]
    assert len(rows(office, "sent")) == 2


def test_several_make_one_message_after_the_window(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(*(make_notice(f"n{i}", urgency=Urgency.SOON) for i in range(3)))
    pass_minutes(office, 14)
    assert office.deliver() == Report()
    pass_minutes(office, 1)
    assert office.deliver() == Report(messages=1, sent=3)
    ((_, mail),) = office.box.mails
    assert "共 3 条" in mail["Subject"]


def test_a_flood_makes_full_messages(office: Office) -> None:
    """More waits than is looked at in one go; each address still gets as few messages as can be."""
    office.subscribe(*(Subscription("league", "email", f"p{i}@tl.example") for i in range(10)))
    office.post(*(make_notice(f"n{i}") for i in range(MOST_IN_ONE + 10)))
    assert office.deliver() == Report(messages=20, sent=600)


def test_an_urgent_one_goes_at_once_and_takes_the_waiting_along(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("d", urgency=Urgency.DIGEST), make_notice("u"))
    assert office.deliver() == Report(messages=1, sent=2)
    ((_, mail),) = office.box.mails
    assert mail["Subject"].startswith("【紧急】")
    assert mail.get_content().index("【紧急】") < mail.get_content().index("【汇总】")


def test_tried_again_after_a_failure_with_growing_pauses(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    office.box.refuse_data = 2
    assert office.deliver() == Report(retried=1)
    (row,) = rows(office, "queued")
    assert row["attempts"] == 1 and "451" in row["error"]
    assert office.deliver() == Report()
    pass_minutes(office, 1)
    assert office.deliver() == Report(retried=1)
    pass_minutes(office, 1)
    assert office.deliver() == Report()
    pass_minutes(office, 1)
    assert office.deliver() == Report(messages=1, sent=1)
    assert len(office.box.mails) == 1


def test_given_up_in_sight_and_put_back_by_hand(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    office.box.refuse_recipients.add(ADDRESS)
    rules = OutboxRules(retry_after=(timedelta(minutes=1), timedelta(minutes=1)))
    reports = []
    for _ in range(4):
        reports.append(office.deliver(rules))
        pass_minutes(office, 1)
    assert reports == [Report(retried=1), Report(retried=1), Report(failed=1), Report()]
    (row,) = rows(office, "failed")
    assert row["attempts"] == 3 and "no such user" in row["error"]
    office.box.refuse_recipients.clear()
    with transaction(office.engine) as session:
        assert requeue(session, [row["id"]], office.clock.now()) == 1
        assert requeue(session, [row["id"]], office.clock.now()) == 0
    assert office.deliver(rules) == Report(messages=1, sent=1)


def test_one_bad_address_does_not_stop_the_others(office: Office) -> None:
    office.subscribe(MAIL, Subscription("chief", "email", "chief@tl.example"))
    office.box.refuse_recipients.add("chief@tl.example")
    office.post(make_notice("a"))
    assert office.deliver() == Report(messages=1, sent=1, retried=1)
    assert [target for target, _ in office.box.mails] == [ADDRESS]


def test_a_dead_channel_is_asked_once_a_pass_and_the_other_works(office: Office) -> None:
    office.subscribe(MAIL, Subscription("chief", "webhook", "a"), Subscription("region", "webhook", "b"))
    office.hook.status = 503
    office.post(make_notice("a"))
    assert office.deliver() == Report(messages=1, sent=1, retried=1)
    assert len(office.hook.calls) == 1
    assert sorted(row["attempts"] for row in rows(office, "queued")) == [0, 1]


def test_without_channels_everything_waits(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    assert deliver_due(office.engine, (), office.clock) == Report()
    assert len(rows(office, "queued")) == 1


def test_a_stale_message_is_withheld_not_sent(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    pass_minutes(office, 24 * 60 + 1)
    assert office.deliver() == Report(withheld=1)
    assert office.box.mails == [] and "waited too long" in rows(office, "withheld")[0]["error"]


def test_exercises_stay_inside_unless_allowed(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("e", is_exercise=True))
    assert office.deliver() == Report(withheld=1)
    assert office.deliver(OutboxRules(exercise_outside=True)) == Report()
    assert office.box.mails == [] and len(rows(office, "withheld")) == 1
    office.post(make_notice("e2", is_exercise=True), make_notice("real"))
    assert office.deliver(OutboxRules(exercise_outside=True)) == Report(messages=2, sent=2)
    subjects = [str(mail["Subject"]) for _, mail in office.box.mails]
    assert sorted(("【演练】" in s, "[EXERCISE]" in s) for s in subjects) == [(False, False), (True, True)]


@dataclass
class SlowChannel:
    """Keeps what it got; with ``gate`` it waits in the middle of sending."""

    gate: threading.Barrier | None = None
    got: list[OutMessage] = field(default_factory=list)
    name: str = "email"

    def send(self, batch: Sequence[OutMessage]) -> None:
        self.got.extend(batch)
        if self.gate is not None:
            self.gate.wait(timeout=60)
            self.gate.wait(timeout=60)


def test_what_one_worker_is_sending_no_other_takes(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    slow, gate = SlowChannel(threading.Barrier(2)), SlowChannel()
    assert slow.gate is not None
    thread = threading.Thread(target=deliver_due, args=(office.engine, (slow,), office.clock))
    thread.start()
    slow.gate.wait(timeout=60)
    assert deliver_due(office.engine, (gate,), office.clock) == Report()
    slow.gate.wait(timeout=60)
    thread.join(timeout=60)
    assert len(slow.got) == 1 and gate.got == [] and len(rows(office, "sent")) == 1


def test_two_workers_at_once_send_each_notice_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gap between looking and leasing is held open, so that both stand in it."""
    def make_slowly(*arguments: Any) -> tuple[Batch, ...]:
        time.sleep(0.05)
        return make_batches(*arguments)

    monkeypatch.setattr(outbox, "make_batches", make_slowly)
    office.subscribe(*(Subscription("league", "email", f"p{i}@tl.example") for i in range(6)))
    office.post(make_notice("a"), make_notice("b"))
    start, reports = threading.Barrier(2), []

    def work() -> None:
        start.wait(timeout=60)
        reports.append(office.deliver())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sum(report.sent for report in reports) == 12
    assert sum(report.messages for report in reports) == len(office.box.mails) == 6
    assert len({target for target, _ in office.box.mails}) == 6
    assert len(rows(office, "sent")) == 12


class Killed(BaseException):
    """The worker's process ends."""


@dataclass
class DyingChannel:
    """Sends and dies before anything can be marked."""

    sent: int = 0
    name: str = "email"

    def send(self, batch: Sequence[OutMessage]) -> None:
        self.sent += len(batch)
        raise Killed


def die(office: Office, channel: DyingChannel, rules: OutboxRules) -> None:
    try:
        deliver_due(office.engine, (channel,), office.clock, rules)
    except Killed:
        return


def test_a_crash_between_send_and_mark_sends_again_after_the_lease(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    dying = DyingChannel()
    die(office, dying, OutboxRules())
    assert dying.sent == 1
    pass_minutes(office, 4)
    assert office.deliver() == Report()
    pass_minutes(office, 1)
    assert office.deliver() == Report(messages=1, sent=1)


def test_a_message_that_kills_its_workers_is_given_up(office: Office) -> None:
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    dying, rules = DyingChannel(), OutboxRules(retry_after=(timedelta(minutes=1),))
    for _ in range(4):
        die(office, dying, rules)
        pass_minutes(office, 6)
    assert dying.sent == 2
    assert "it may have arrived" in rows(office, "failed")[0]["error"]


def test_a_worker_past_its_lease_marks_nothing_of_anothers(office: Office) -> None:
    """The slow worker's lease ran out and the message was sent by another."""
    office.subscribe(MAIL)
    office.post(make_notice("a"))
    slow = SlowChannel(threading.Barrier(2))
    assert slow.gate is not None
    reports: list[Report] = []
    thread = threading.Thread(target=lambda: reports.append(deliver_due(office.engine, (slow,), office.clock)))
    thread.start()
    slow.gate.wait(timeout=60)
    pass_minutes(office, 5)
    assert office.deliver() == Report(messages=1, sent=1)
    slow.gate.wait(timeout=60)
    thread.join(timeout=60)
    assert reports == [Report(messages=1, sent=0)]
    with reading(office.engine) as session:
        assert session.scalars(select(DeliveryRow.attempts)).all() == [2]
