"""Values that are valid by default; a test names only what it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from dispatch.alerts.author import Exercise, Issuer
from dispatch.alerts.entries import Entry
from dispatch.alerts.model import Alert, Colour, LossCounts, Situation
from dispatch.alerts.reports import Report
from dispatch.allocation.problem import AllocationProblem, Offer, Rule
from dispatch.geo import LonLat
from dispatch.inventory.model import Tier, Warehouse
from dispatch.needs.model import NeedLine
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.places import County
from dispatch.plans.engine import assess
from dispatch.plans.ground import Ground
from dispatch.plans.model import Activation
from dispatch.plans.policy import load_policy
from dispatch.routing.model import RoadEdge, Shipment, Vehicle, VehicleClass
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import load_routing
from dispatch.routing.roads import RoadConditions, TravelMatrix, build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.teams.model import Team
from dispatch.teams.problem import Candidate, TeamProblem
from dispatch.teams.rules import load_team_rule
from dispatch.words import Words

AT = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)
WORDS = Words("test", "测试", "test")
POLICY = load_policy(date(2024, 7, 1))
SPEEDS = load_speeds()
ROUTING = load_routing()

GROUND = Ground()


def judged(situation: Situation, **changes: Any) -> Activation:
    """What the engine says of a situation at its own moment under the shipped policy."""
    return assess(situation, changes.pop("policy", POLICY), situation.as_of, replace(GROUND, **changes))


CAP_TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier><sender>{sender}</sender><sent>{sent}</sent>
  <status>{status}</status><msgType>{msg_type}</msgType><scope>Public</scope>{references}
  <info><language>zh-CN</language><category>Met</category><event>{event}</event>
    <urgency>Expected</urgency><severity>{severity}</severity><certainty>Likely</certainty>
    <expires>{expires}</expires><headline>{headline}</headline>{parameters}
    <area><areaDesc>测试区</areaDesc>{area}</area></info>
</alert>"""


def cap_xml(**changes: str) -> bytes:
    """A CAP document: a red snowstorm warning for Horqin Left Rear Banner, in force at ``AT``."""
    fields = {
        "identifier": "15050041600000_20211108155000_1", "sender": "weather@example.invalid",
        "sent": "2021-11-08T15:50:00+08:00", "status": "Actual", "msg_type": "Alert",
        "references": "", "event": "暴雪", "severity": "Extreme",
        "expires": "2021-11-09T15:50:00+08:00", "headline": "暴雪红色预警", "parameters": "",
        "area": "<geocode><valueName>adcode</valueName><value>150522</value></geocode>",
    }
    return CAP_TEMPLATE.format(**{**fields, **changes}).encode()


def make_alert(**changes: Any) -> Alert:
    """A red blizzard warning for one banner."""
    base = Alert(
        identifier="A-1", sender="w", sent=AT, status="Actual", msg_type="Alert",
        hazard="blizzard", colour=Colour.RED, headline="暴雪红色预警", description="",
        effective=AT, expires=AT + timedelta(hours=24), counties=("150522",),
    )
    return replace(base, **changes)


def make_situation(**changes: Any) -> Situation:
    """A red blizzard in one banner, no losses reported."""
    base = Situation(
        code="S-1", hazard="blizzard", title_zh="测试", title_en="test", started_at=AT, as_of=AT,
        colour=Colour.RED, hazards={"blizzard": Colour.RED}, counties={"150522": Colour.RED},
        counts=LossCounts(), counts_at=None, roads=(), alert_identifiers=("A-1",),
    )
    return replace(base, **changes)


def make_need(county: str = "150522", item: str = "QUILT", quantity: int = 100, **changes: Any) -> NeedLine:
    """A need due in twelve hours."""
    return replace(NeedLine(county, item, quantity, AT + timedelta(hours=12), 1, WORDS), **changes)


def make_offer(warehouse: str = "WH-150522", lot: str = "L1", quantity: int = 100, **changes: Any) -> Offer:
    """Units of a quilt lot good for two years."""
    base = Offer(warehouse, warehouse, warehouse, lot, "QUILT", quantity, date(2023, 1, 1), None)
    return replace(base, **changes)


def make_allocation(needs: tuple[NeedLine, ...], offers: tuple[Offer, ...], **changes: Any) -> AllocationProblem:
    """A problem in which every warehouse is an hour from every county."""
    base = AllocationProblem(
        needs=needs, offers=offers,
        travel_s={(o.warehouse_code, n.county): 3600 for o in offers for n in needs},
        departs_at=AT, hazard="blizzard", item_weight_g={"QUILT": 3000},
        item_names={"QUILT": ("棉被", "quilt")},
        county_names={n.county: (n.county, n.county) for n in needs},
    )
    return replace(base, **changes)


def make_edge(number: int, a: str, b: str, km: int = 100, **changes: Any) -> RoadEdge:
    """An open national road."""
    return replace(RoadEdge(number, a, b, km * 1000, "national", f"G{number}", "A"), **changes)


def make_matrix(edges: list[RoadEdge], percent: dict[int, int] | None = None) -> TravelMatrix:
    """Travel between all ends of the edges in good weather."""
    ends = {end for e in edges for end in (e.from_adcode, e.to_adcode)}
    return build_matrix(edges, SPEEDS, RoadConditions({}, percent or {}), ends)


CLASSES = {
    "V18": VehicleClass("V18", "4.2米货车", "Truck 4.2 m", 1800, 16_000_000, 30_000, 220, "test"),
    "V80": VehicleClass("V80", "6.8米货车", "Truck 6.8 m", 8000, 36_000_000, 60_000, 400, "test"),
}


def make_shipment(number: int, county: str, kg: int = 500, **changes: Any) -> Shipment:
    """A shipment from WH-A due in twelve hours."""
    base = Shipment(
        number, "WH-A", county, kg * 1000, kg * 5000, AT + timedelta(hours=12), 1,
        (("QUILT", f"LOT-{number}", kg // 3),),
    )
    return replace(base, **changes)


def make_routing(shipments: tuple[Shipment, ...], matrix: TravelMatrix, **changes: Any) -> RoutingProblem:
    """Two small trucks and a large one at WH-A, which stands in county a."""
    fields = {
        "shipments": shipments, "matrix": matrix, "classes": CLASSES, "warehouse_county": {"WH-A": "a"},
        "vehicles": (Vehicle("A-V18-1", "V18", "WH-A"), Vehicle("A-V18-2", "V18", "WH-A"),
                     Vehicle("A-V80-1", "V80", "WH-A")),
        "departs_at": AT, "load_s": 3600, "unload_s": 1800, "driving": ROUTING.driving, "rates": ROUTING.rates,
    }
    return RoutingProblem(**{**fields, **changes})


def make_team(code: str, home: str = "a", **changes: Any) -> Team:
    """A league team ready to go."""
    base = Team(code, code, code, "league", "150500", home, "relief", 8, 20, "available", True)
    return replace(base, **changes)


def make_candidate(code: str, home: str = "a", **changes: Any) -> Candidate:
    """A ready team; changes of the team itself by the names of its fields."""
    of_team = {k: changes.pop(k) for k in list(changes) if k in Team.__slots__}
    return replace(Candidate(make_team(code, home, **of_team), 900, True), **changes)


def make_team_problem(sites: dict[str, int], teams: tuple[Candidate, ...], **changes: Any) -> TeamProblem:
    """Every team two hours from every site."""
    base = TeamProblem(
        sites=sites, candidates=teams,
        travel_s={(c.team.home_county, s): 7200 for c in teams for s in sites},
        alerted_at=AT, muster_s=7200, teams_wanted=len(sites),
        names={s: (s, s) for s in sites}, weights=load_team_rule().weights,
    )
    return replace(base, **changes)


def make_notice(key: str = "n-1", place: str = "150500", tier: str = "league", role: str = "viewer", **changes: Any) -> Notice:
    """An urgent level change told to Tongliao and the region."""
    base = Notice(
        audience=Audience(place, tier, role), kind=Kind.LEVEL, subject=Subject("S-1", "/situations/S-1"),
        words=Words("level_raised", "通辽市暴雪：启动Ⅱ级响应", "Tongliao blizzard: level II activated"),
        urgency=Urgency.NOW, dedupe_key=key,
    )
    return replace(base, **changes)


def make_report(place: str = "150522", minutes: int = 0, **changes: Any) -> Report:
    """A first report of one banner, received as it was written; figures are given by measure name."""
    measures = {name: changes.pop(name) for name in LossCounts.__slots__ if name in changes}
    moment = AT + timedelta(minutes=minutes)
    base = Report(
        code=f"R-{place}-{changes.get('township', '')}-{minutes}", kind="follow_up", hazard="blizzard", place=place,
        as_of=moment, received_at=moment, reporter="duty", counts=LossCounts(**measures),
    )
    return replace(base, **changes)


def make_entry(kind: str, minutes: int = 0, **body: Any) -> Entry:
    """A judgement of the duty officer."""
    return Entry(kind, AT + timedelta(minutes=minutes), "duty", body)


def make_site(code: str, tier: Tier, serves: str, county: str, **changes: Any) -> Warehouse:
    """A warehouse somewhere in its league."""
    base = Warehouse(code, code, code, tier, serves, county[:4] + "00", county, LonLat(122.3, 43.6))
    return replace(base, **changes)


def make_exercise(**changes: Any) -> Exercise:
    """A red blizzard exercise for one banner, issued by Tongliao at ``AT``."""
    base = Exercise(
        issuer=Issuer("150500", "000", "drill@example.invalid"), sent=AT, hazard="blizzard",
        colour=Colour.RED, headline="演练：暴雪红色预警", counties=("150522",),
        expires=AT + timedelta(hours=24),
    )
    return replace(base, **changes)


def random_allocation(chance: Random, most_needs: int = 5, most_offers: int = 8, **changes: Any) -> AllocationProblem:
    """Any small problem: two items, expiring and bound lots, stock held back, roads closed or missing."""
    counties = ["150521", "150522", "150525", "152921", "150102"][: chance.randint(1, most_needs)]
    needs = [
        make_need(c, i, chance.randint(0, 30), priority=chance.randint(1, 4),
                  due_at=AT + timedelta(hours=chance.randint(1, 30)))
        for c in counties for i in ("QUILT", "STOVE") if chance.random() < 0.8
    ] or [make_need(counties[0])]
    offers: list[Offer] = []
    withheld: list[Offer] = []
    for number in range(chance.randint(0, most_offers)):
        rule = chance.choice([None, None, None, Rule.SAFETY_STOCK, Rule.TIER, Rule.LEVEL])
        offer = make_offer(
            f"W{chance.randint(0, 3)}", f"L{number}", chance.randint(0, 40), held_by=rule,
            item_code=chance.choice(["QUILT", "STOVE"]),
            expires_on=chance.choice([None, AT.date() + timedelta(days=chance.randint(0, 3)), date(2023, 1, 1)]),
            restriction=chance.choice([None, None, "blizzard", "flood"]),
            area=chance.choice([None, None, None, "150500", "152900"]),
        )
        (withheld if rule else offers).append(offer)
    open_s: dict[tuple[str, str], int] = {}
    closed_s: dict[tuple[str, str], int] = {}
    for pair in [(f"W{w}", c) for w in range(4) for c in counties]:
        kind, seconds = chance.random(), chance.randint(600, 180_000)
        if kind < 0.9:
            closed_s[pair] = seconds
        if kind < 0.7:
            open_s[pair] = seconds
    base = replace(
        make_allocation((), ()), needs=tuple(needs), offers=tuple(offers), travel_s=open_s, closed_travel_s=closed_s, withheld=tuple(withheld),
        item_weight_g={"QUILT": 3000, "STOVE": 25_000}, item_volume_cm3={"QUILT": 20_000, "STOVE": 90_000},
        item_names={"QUILT": ("棉被", "quilt"), "STOVE": ("火炉", "stove")},
        county_names={n.county: (n.county, n.county) for n in needs},
    )
    return replace(base, **changes)


def make_county(adcode: str = "150522", **changes: Any) -> County:
    """A banner of 100,000 people on 10,000 km²."""
    base = County(adcode, "测试旗", "Test Banner", "150500", LonLat(122.4, 43.0), 10_000, 100_000, False)
    return replace(base, **changes)


def plan_text(version: str = "2025-03-01/1", valid_from: str = "2025-03-01", **changes: str) -> str:
    """The shipped plan under another version and day; ``changes`` replace the right side of a key where
    it first stands (``relocated`` is the region's)."""
    text = POLICY.text
    for key, value in {"version": f'"{version}"', "from": valid_from, **changes}.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, count=1, flags=re.M)
    return text
