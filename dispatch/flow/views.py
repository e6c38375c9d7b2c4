"""What the inbox and the situation page show: read once, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.alerts.figures import Board, Figure, board, development
from dispatch.alerts.model import LossCounts, Situation
from dispatch.alerts.reports import MEASURE_NAMES, Report
from dispatch.alerts.situations import codes_of, get_row, list_rows, load
from dispatch.alerts.tables import SituationMemberRow, SituationRow
from dispatch.alerts.timeline import all_reports, describe, is_open
from dispatch.boundaries import load_boundaries
from dispatch.clock import to_local
from dispatch.flow.course import course
from dispatch.flow.gather import judge, read_ground
from dispatch.flow.recall import recall_list
from dispatch.geography.store import list_counties
from dispatch.needs.exposure import first_estimate
from dispatch.needs.exposure_table import load_exposure
from dispatch.places import REGION_ADCODE
from dispatch.plans.clocks import NAMES, state
from dispatch.plans.escalation import Standing, in_force
from dispatch.plans.ground import Ground
from dispatch.plans.model import Activation
from dispatch.plans.policy import Policy
from dispatch.plans.store import list_deadlines, standing_of
from dispatch.plans.tables import DeadlineRow
from dispatch.proposals.drafts import list_drafts
from dispatch.proposals.tables import ProposalRow

MOST_DRAFTS = 5


def inbox(session: Session, at: datetime, *, ended: bool = False) -> list[dict[str, Any]]:
    """One line per situation, the gravest and newest first; ended ones on request."""
    ground = read_ground(session)
    rows = list_rows(session, "ended" if ended else "open")
    lines = [_line(session, row, at, ground) for row in rows]
    shown = [line for line in lines if ended or line["is_open"] or line["is_active"]]
    return sorted(shown, key=lambda x: (not x["is_active"], x["level"] or 5, x["next_due"] or "9", x["code"]))


def quiet(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Situations nobody ended that have gone quiet by themselves: over, no response in force."""
    ground = read_ground(session)
    lines = [_line(session, row, at, ground) for row in list_rows(session)]
    return [line for line in lines if not line["is_open"] and not line["is_active"]]


def _line(session: Session, row: SituationRow, at: datetime, ground: Ground) -> dict[str, Any]:
    material = load(session, row.code)
    situation = describe(row.code, material, at, ground.names)
    codes = codes_of(session, row.code)
    standing = standing_of(session, codes)
    due = [d for d in list_deadlines(session, codes) if d.met_at is None]
    latest = session.execute(
        select(ProposalRow.code, ProposalRow.status).where(ProposalRow.situation.in_(codes))
        .order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc()).limit(1)
    ).first()
    return {
        **_head(situation, standing), "status": row.status,
        "is_open": is_open(situation), "messages": _count_messages(session, row.code),
        "reports": len(material.reports), "counties": len(situation.counties),
        "figures": _figures(board(all_reports(material, at)).get(REGION_ADCODE, {}), at),
        "next_due": due[0].due_at.isoformat() if due else None,
        "next_due_name": _deadline_words(due[0].name) if due else None,
        "missed": sum(d.due_at <= at for d in due),
        "proposal": latest[0] if latest else None, "proposal_status": latest[1] if latest else None,
        "asks": _asks(situation, standing, at, None),
    }


def _head(situation: Situation, standing: Standing) -> dict[str, Any]:
    return {
        "code": situation.code, "hazard": situation.hazard, "title_zh": situation.title_zh,
        "title_en": situation.title_en, "level": standing.level if standing.is_active else None,
        "stage": standing.stage if standing.is_active else "watch", "is_active": standing.is_active,
        "is_special": standing.is_active and standing.level is None,
        "since": standing.since.isoformat() if standing.since else None,
        "colour": situation.colour.value if situation.colour else None,
        "started_at": situation.started_at.isoformat(), "as_of": situation.as_of.isoformat(),
        "is_cancelled": situation.is_cancelled,
    }


def _count_messages(session: Session, code: str) -> int:
    query = select(func.count(func.distinct(SituationMemberRow.document))).where(SituationMemberRow.situation == code)
    return session.scalar(query) or 0


def _asks(situation: Situation, standing: Standing, at: datetime, policy: Policy | None) -> list[dict[str, str]]:
    """What waits for a person: warnings over, a step down that has become possible."""
    found = []
    if standing.is_active and situation.is_cancelled and standing.milder_since:
        found.append({"zh": "预警已全部解除，响应仍在生效：请人工决定是否终止",
                      "en": "All warnings are over, the response still stands: a person must decide whether to end it"})
    if policy and standing.is_active and standing.milder_since and at >= standing.milder_since + policy.hold:
        found.append({"zh": "观察期已满，可人工降级", "en": "The hold is over: a person may step down"})
    return found


def situation_view(session: Session, code: str, at: datetime) -> dict[str, Any]:
    """Everything the situation page shows."""
    ground = read_ground(session)
    row = get_row(session, code)
    codes = codes_of(session, row.code)
    material = load(session, row.code)
    situation = describe(row.code, material, at, ground.names)
    answer, standing, policy = judge(session, situation, ground)
    force = in_force(answer, standing, policy, situation)
    reports = all_reports(material, at)
    figures = board(reports)
    return {
        **_head(situation, standing), "status": row.status, "is_open": is_open(situation),
        "merged": codes[1:], "counties": _counties(situation, ground),
        "asks": _asks(situation, standing, at, policy),
        "milder_since": standing.milder_since.isoformat() if standing.milder_since else None,
        "free_at": (standing.milder_since + policy.hold).isoformat() if standing.milder_since else None,
        "answer": _answer(answer, ground), "force": _force(force, policy),
        "policy": {"version": policy.version, "title_zh": policy.title_zh, "title_en": policy.title_en,
                   "is_assumption": policy.is_assumption, "source": policy.source},
        "deadlines": [_deadline(d, at) for d in list_deadlines(session, codes)],
        "places": _places(figures, situation.heard, ground, at),
        "development": _development(reports), "conflicts": _conflicts(figures, ground),
        "timeline": course(session, codes, material, ground),
        "proposals": _proposals(session, codes),
        "jobs": list_drafts(session, codes, at, MOST_DRAFTS),
        "recall": recall_list(session, codes) if row.status == "ended" or standing.change == "lowered" else [],
        "forecast": _stated(situation.forecast), "government": _governments(situation, ground),
        "lowered": list(situation.lowered), "lowered_codes": list(policy.lowered_codes),
        "observations": {n: getattr(situation.observations, n) for n in situation.observations.__slots__
                         if getattr(situation.observations, n) is not None and n != "epicentre"},
        "temperature_c": situation.temperature_c,
        "estimates": _estimates(session, situation, ground),
    }


def to_decide(session: Session, code: str, at: datetime) -> dict[str, Any]:
    """The part of a situation page that changes while drafts are made: proposals and drafts."""
    codes = codes_of(session, get_row(session, code).code)
    return {"code": codes[0], "proposals": _proposals(session, codes),
            "jobs": list_drafts(session, codes, at, MOST_DRAFTS)}


def _estimates(session: Session, situation: Situation, ground: Ground) -> list[dict[str, Any]]:
    """The first estimate per county, as long as nobody has reported people."""
    people = (situation.counts.need_aid, situation.counts.relocated, situation.counts.affected)
    if any(n is not None for n in people):
        return []
    table = load_exposure(to_local(situation.as_of).date())
    counties = {c.adcode: c for c in list_counties(session)}
    return [
        {"name_zh": ground.name(e.county)[0], "name_en": ground.name(e.county)[1], "measure": e.measure,
         "p10": e.p10, "p50": e.p50, "p90": e.p90, "zh": e.words.zh, "en": e.words.en}
        for e in first_estimate(situation, counties, load_boundaries(), table) if e.p90
    ]


def _counties(situation: Situation, ground: Ground) -> list[dict[str, Any]]:
    return [
        {"adcode": c, "name_zh": ground.name(c)[0], "name_en": ground.name(c)[1], "colour": colour.value,
         "hazards": {h: k.value for h, k in situation.county_hazards.get(c, {}).items()},
         "heard": situation.heard[c].isoformat() if c in situation.heard else None}
        for c, colour in situation.counties.items()
    ]


def _answer(answer: Activation, ground: Ground) -> dict[str, Any]:
    def criterion(c: Any) -> dict[str, Any]:
        return {"zh": c.words.zh, "en": c.words.en, "met": c.met, "level": c.level, "source": c.source,
                "is_assumption": c.is_assumption, "tier": c.tier, "basis": c.basis,
                "place_zh": ground.name(c.place)[0], "place_en": ground.name(c.place)[1]}

    return {
        "level": answer.level, "stage": answer.stage, "kind": answer.kind,
        "reasons": [w.as_dict() for w in answer.reasons],
        "criteria": sorted((criterion(c) for c in answer.criteria), key=lambda c: (not c["met"], c["level"])),
        "places": [{"tier": p.tier, "place": p.place, "name_zh": ground.name(p.place)[0],
                    "name_en": ground.name(p.place)[1], "level": p.level} for p in answer.places],
        "next_up_level": answer.next_up_level,
        "next_up": [{**s.words.as_dict(), "place_zh": ground.name(s.place)[0],
                     "place_en": ground.name(s.place)[1]} for s in answer.next_up],
        "next_down": [{**s.words.as_dict(), "place_zh": ground.name(s.place)[0],
                       "place_en": ground.name(s.place)[1]} for s in answer.next_down],
    }


def _force(force: Activation, policy: Policy) -> dict[str, Any]:
    actions = policy.levels[force.level or 4]
    return {
        "level": force.level, "stage": force.stage, "kind": force.kind, "lead_tier": force.lead_tier,
        "special": force.special, "duty": force.duty.as_dict(), "approved_by": force.approved_by.as_dict(),
        "proposed_by": force.proposed_by.as_dict(), "stock_share_percent": force.stock_share_percent,
        "opens_safety_stock": force.opens_safety_stock, "source_tiers": list(force.source_tiers),
        "teams_to_send": force.teams_to_send, "money_zh": actions.money_zh, "money_en": actions.money_en,
    }


def _deadline_words(name: str) -> dict[str, str]:
    zh, en = NAMES[name]
    return {"zh": zh, "en": en}


def _deadline(row: DeadlineRow, at: datetime) -> dict[str, Any]:
    return {
        "name": row.name, **_deadline_words(row.name), "tier": row.tier,
        "due_at": row.due_at.isoformat(), "state": state(row.due_at, row.met_at, at),
        "met_at": row.met_at.isoformat() if row.met_at else None, "met_by": row.met_by,
        "escalated_at": row.escalated_at.isoformat() if row.escalated_at else None,
        "left_s": int((row.due_at - at).total_seconds()),
    }


def _figure(figure: Figure, at: datetime) -> dict[str, Any]:
    return {
        "value": figure.value, "as_of": figure.as_of.isoformat(), "reporter": figure.reporter,
        "certainty": figure.certainty, "parts": figure.parts, "rival": figure.rival,
        "is_correction": figure.is_correction, "is_stale": figure.is_stale(at),
        "age": age(at - figure.as_of),
    }


def age(span: timedelta) -> dict[str, str]:
    """A span of time in short words."""
    minutes = max(0, int(span.total_seconds()) // 60)
    if minutes < 60:
        return {"zh": f"{minutes} 分钟前", "en": f"{minutes} min ago"}
    if minutes < 48 * 60:
        return {"zh": f"{minutes // 60} 小时前", "en": f"{minutes // 60} h ago"}
    return {"zh": f"{minutes // 1440} 天前", "en": f"{minutes // 1440} d ago"}


def _figures(figures: dict[str, Figure], at: datetime) -> dict[str, dict[str, Any]]:
    return {name: _figure(figures[name], at) for name in LossCounts.__slots__ if name in figures}


def _places(figures: Board, heard: dict[str, datetime], ground: Ground, at: datetime) -> list[dict[str, Any]]:
    return [
        {"place": p, "name_zh": ground.name(p)[0], "name_en": ground.name(p)[1],
         "figures": _figures(figures.get(p, {}), at),
         "heard": age(at - heard[p]) if p in heard else None}
        for p in sorted({*figures, *heard})
    ]


def _conflicts(figures: Board, ground: Ground) -> list[dict[str, Any]]:
    return [
        {"place_zh": ground.name(p)[0], "place_en": ground.name(p)[1], "zh": MEASURE_NAMES[m][0],
         "en": MEASURE_NAMES[m][1], "value": f.value, "rival": f.rival}
        for p, here in figures.items() for m, f in here.items() if f.rival is not None
    ]


def _development(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """The whole's figures over time, for a small chart and its table twin."""
    lines = development(reports, REGION_ADCODE)
    return [
        {"measure": name, "zh": MEASURE_NAMES[name][0], "en": MEASURE_NAMES[name][1],
         "points": [{"at": p.at.isoformat(), "value": p.value} for p in points]}
        for name, points in lines.items() if points
    ]


def _stated(counts: LossCounts | None) -> dict[str, int]:
    if counts is None:
        return {}
    return {n: getattr(counts, n) for n in counts.__slots__ if getattr(counts, n) is not None}


def _governments(situation: Situation, ground: Ground) -> list[dict[str, Any]]:
    return [{"place": p, "name_zh": ground.name(p)[0], "name_en": ground.name(p)[1], "level": level}
            for p, level in situation.government.items()]


def _proposals(session: Session, codes: Sequence[str]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(ProposalRow.code, ProposalRow.status, ProposalRow.level, ProposalRow.created_at)
        .where(ProposalRow.situation.in_(codes))
        .order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc())
    )
    return [{"code": c, "status": s, "level": lv, "created_at": t.isoformat()} for c, s, lv, t in rows]
