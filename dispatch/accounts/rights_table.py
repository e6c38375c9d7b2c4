"""The table of rights as a page of text.  Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dispatch.accounts.rights import RIGHTS, ROLES, Right
from dispatch.places import TIERS

SHORT = {"region": "R", "league": "L", "county": "C"}
HEAD = """# Who may do what, where

Made by `dispatch account rights --markdown` from `dispatch/accounts/rights.py`; a test compares the two and walks every address for
every role at every level of place. R region, L league, C county; an empty field is no right. What an act reaches within its level
(one's own league, one's own stores, the grade of a response) is in the last column and is checked by the command itself.
"""
PUBLIC_WORDS = {
    "public": "Open without a login", "link": "Open to whoever holds the link of a paper or message",
}


def as_markdown(addresses: Mapping[str, str]) -> str:
    """The whole table, then which addresses each act is (``addresses``: act → endpoints)."""
    lines = [HEAD, "| act | " + " | ".join(role.replace("_", " ") for role in ROLES) + " | beyond the table |", "|---|" + "---|" * (len(ROLES) + 1)]
    lines += [_row(right) for right in RIGHTS]
    lines += ["", "## Addresses of each act", "", "| act | addresses |", "|---|---|"]
    for act, endpoints in addresses.items():
        lines.append(f"| {PUBLIC_WORDS.get(act, f'`{act}`')} | {' '.join(f'`{name}`' for name in endpoints.split())} |")
    lines += [f"| `{right.act}` | command line and other commands only |" for right in RIGHTS if right.act not in addresses]
    return "\n".join(lines) + "\n"


def _row(right: Right) -> str:
    cells = ["".join(SHORT[tier] for tier in TIERS if tier in right.levels.get(role, ())) for role in ROLES]
    return f"| `{right.act}` {right.zh} · {right.en} | " + " | ".join(cells) + f" | {right.more} |"
