"""The teams of a decision as plain values for the proposal.  Pure."""

from __future__ import annotations

from typing import Any

from dispatch.flow.model import Decision, Inputs


def team_part(inputs: Inputs, decision: Decision) -> dict[str, Any]:
    """Who goes, who stays and why, what is missing, what is left bare."""
    result = decision.teams
    return {
        "teams": [
            {**_team(inputs, a.team_code), **_county(inputs, a.county),
             "departs_at": a.departs_at.isoformat(), "arrives_at": a.arrives_at.isoformat(),
             "tour_ends_at": a.tour_ends_at.isoformat() if a.tour_ends_at else None, "rides": a.rides,
             "is_pinned": a.is_pinned, "reason": a.reason.as_dict()}
            for a in result.assignments
        ],
        "team_stays": [{**_team(inputs, s.team_code), "reason": s.reason.as_dict()} for s in result.stays],
        "team_bare": [
            {"zh": b.zh, "en": b.en, "move_up": b.move_up.as_dict() if b.move_up else None,
             "since": b.since.isoformat(), "until": b.until.isoformat(), "is_beyond": b.is_beyond}
            for b in result.bare
        ],
        "team_gaps": [
            {**_county(inputs, s.county), "cause": s.cause.as_dict(), "remedy": s.remedy.as_dict(), "missing": s.missing}
            for s in result.shortfalls
        ],
        "team_proof": {"is_optimal": result.is_optimal, "values": [list(pair) for pair in result.values]},
    }


def _team(inputs: Inputs, code: str) -> dict[str, str]:
    team = next(c.team for c in inputs.candidates if c.team.code == code)
    return {"team": code, "team_zh": team.name_zh, "team_en": team.name_en}


def _county(inputs: Inputs, code: str) -> dict[str, str]:
    zh, en = inputs.names[code]
    return {"county": code, "county_zh": zh, "county_en": en}
