"""Every move of a proposal by every role: allowed ones only, never one's own."""

from itertools import product

import pytest

from dispatch.errors import Conflict, Refused
from dispatch.proposals.approval import MAY, Asked, Standing, find_refusal
from dispatch.proposals.model import TRANSITIONS, ProposalStatus
from dispatch.proposals.snapshot import content_hash

ROLES = ("viewer", "storekeeper", "planner", "approver", "administrator")


@pytest.mark.parametrize("status,target,role", list(product(ProposalStatus, ProposalStatus, ROLES)))
def test_the_table_of_moves_is_the_only_way(status: ProposalStatus, target: ProposalStatus, role: str) -> None:
    standing = Standing("P-1", status, "duty", "h", True)
    refusal = find_refusal(standing, Asked("other", role, target, "h", comment="why"))
    allowed = role in MAY.get(target, ()) and target in TRANSITIONS[status]
    assert (refusal is None) == allowed


SUBMITTED = Standing("P-1", ProposalStatus.SUBMITTED, "duty", "h", True)


@pytest.mark.parametrize("asked,kind", [
    (Asked("duty", "approver", ProposalStatus.APPROVED, "h"), Refused),
    (Asked("other", "approver", ProposalStatus.APPROVED, "old"), Conflict),
    (Asked("other", "approver", ProposalStatus.APPROVED, None), Conflict),
    (Asked("duty", "approver", ProposalStatus.RETURNED, "h"), Refused),
])
def test_second_person_and_what_was_seen(asked: Asked, kind: type[Exception]) -> None:
    assert isinstance(find_refusal(SUBMITTED, asked), kind)


def test_who_edited_a_plan_may_return_it_and_never_approve_it() -> None:
    standing = Standing("P-1", ProposalStatus.SUBMITTED, "duty", "h", True, frozenset({"other"}))
    refusal = find_refusal(standing, Asked("other", "approver", ProposalStatus.APPROVED, "h"))
    assert isinstance(refusal, Refused) and "edited" in refusal.message
    assert find_refusal(standing, Asked("other", "approver", ProposalStatus.RETURNED, "h", comment="why")) is None
    assert find_refusal(standing, Asked("third", "approver", ProposalStatus.APPROVED, "h")) is None


def test_an_unverified_proposal_is_never_approved() -> None:
    standing = Standing("P-1", ProposalStatus.SUBMITTED, "duty", "h", False)
    assert isinstance(find_refusal(standing, Asked("other", "approver", ProposalStatus.APPROVED, "h")), Refused)


def test_the_hash_is_of_the_content_not_of_its_order() -> None:
    assert content_hash({"a": 1, "b": "棉"}) == content_hash({"b": "棉", "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
