"""Messages folded into one situation."""

from datetime import timedelta
from itertools import permutations

from dispatch.alerts.model import Colour, LossCounts
from dispatch.alerts.timeline import fold
from tests.builders import AT, make_alert

NAMES = {"150522": ("科左后旗", "Horqin Left Rear")}


def one(*alerts, hours: int = 1):  # type: ignore[no-untyped-def]
    (situation,) = fold(alerts, AT + timedelta(hours=hours), NAMES)
    return situation


def test_an_update_replaces_what_it_refers_to() -> None:
    update = make_alert(identifier="A-2", msg_type="Update", references=("A-1",),
                        colour=Colour.ORANGE, sent=AT + timedelta(minutes=30))
    assert one(make_alert(), update).colour is Colour.ORANGE


def test_arrival_order_does_not_matter() -> None:
    alerts = [
        make_alert(colour=Colour.YELLOW),
        make_alert(identifier="A-2", msg_type="Update", references=("A-1",), sent=AT + timedelta(minutes=5)),
        make_alert(identifier="A-3", hazard="road_ice", colour=Colour.ORANGE, sent=AT + timedelta(minutes=9)),
    ]
    assert len({repr(one(*order)) for order in permutations(alerts)}) == 1


def test_a_cancel_or_expiry_ends_it() -> None:
    cancel = make_alert(identifier="A-2", msg_type="Cancel", references=("A-1",), counties=(), sent=AT + timedelta(minutes=5))
    assert fold([make_alert(), cancel], AT + timedelta(hours=1), NAMES) == ()
    assert fold([make_alert()], AT + timedelta(hours=25), NAMES) == ()


def test_losses_keep_it_open_and_later_figures_win() -> None:
    first = make_alert(counts=LossCounts(dead_missing=1, affected=10))
    later = make_alert(identifier="A-2", colour=None, counts=LossCounts(affected=20), sent=AT + timedelta(hours=2))
    situation = one(first, later, hours=30)
    assert situation.counts == LossCounts(dead_missing=1, affected=20)
    assert situation.colour is None


def test_another_league_is_another_situation() -> None:
    other = make_alert(identifier="A-2", counties=("152921",))
    assert len(fold([make_alert(), other], AT + timedelta(hours=1), NAMES)) == 2


def test_exercises_are_never_folded() -> None:
    assert fold([make_alert(status="Exercise")], AT + timedelta(hours=1), NAMES) == ()
