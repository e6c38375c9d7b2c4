"""The life of a proposal: a table of allowed moves."""

from __future__ import annotations

from enum import StrEnum


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


EDITABLE = frozenset({ProposalStatus.DRAFT, ProposalStatus.RETURNED})
TRANSITIONS: dict[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.DRAFT: frozenset({ProposalStatus.SUBMITTED, ProposalStatus.SUPERSEDED}),
    ProposalStatus.SUBMITTED: frozenset(
        {ProposalStatus.APPROVED, ProposalStatus.RETURNED, ProposalStatus.SUPERSEDED}
    ),
    ProposalStatus.RETURNED: frozenset({ProposalStatus.SUBMITTED, ProposalStatus.SUPERSEDED}),
    ProposalStatus.APPROVED: frozenset(),
    ProposalStatus.SUPERSEDED: frozenset(),
}
