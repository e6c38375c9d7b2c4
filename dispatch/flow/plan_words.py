"""What the coordinator is told while a draft is being improved.  Pure."""

from __future__ import annotations

from datetime import datetime

from dispatch.clock import to_local
from dispatch.errors import DispatchError
from dispatch.words import Words


def said(error: DispatchError | MemoryError) -> str:
    """An error as one Chinese sentence."""
    if isinstance(error, DispatchError):
        return error.message_zh
    return "求解所需内存超过上限；可调高 DISPATCH_SOLVER_MEMORY_MB 后重新生成"


def _hour(at: datetime) -> str:
    return f"{to_local(at):%H:%M}"


def interrupted(reason: tuple[str, str], plan_at: datetime | None) -> Words:
    """The work was cut off and is taken up again; ``reason`` (zh, en) says by what."""
    zh, en = reason
    if plan_at is None:
        return Words("draft.interrupted", f"{zh}，已重新开始求解。", f"{en}; solving starts again.")
    return Words(
        "draft.interrupted",
        f"{zh}；{_hour(plan_at)} 的方案仍然有效，正在继续改进。",
        f"{en}; the plan of {_hour(plan_at)} stands, and solving goes on from it.",
    )


def given_up(reason: tuple[str, str], plan_at: datetime) -> Words:
    """The work was cut off twice: the plan in hand became the proposal."""
    zh, en = reason
    return Words(
        "draft.given_up",
        f"{zh}，已是第二次；采用 {_hour(plan_at)} 已校验的方案。",
        f"{en}, for the second time; the verified plan of {_hour(plan_at)} was taken.",
    )


def memory(plan_at: datetime) -> Words:
    """The memory limit ended the search."""
    return Words(
        "draft.memory",
        f"求解达到内存上限而停止；采用 {_hour(plan_at)} 已校验的方案。",
        f"The search reached its memory limit and stopped; the verified plan of {_hour(plan_at)} was taken.",
    )


def anew(plan_at: datetime) -> Words:
    """What the plan rested on changed while nobody worked on it."""
    return Words(
        "draft.anew",
        f"库存、道路或车辆已有变化；{_hour(plan_at)} 的方案不再延续，已按最新情况重新求解。",
        f"Stock, roads or trucks have changed; the plan of {_hour(plan_at)} is not carried on, solving started anew.",
    )


def unverified() -> Words:
    """A better plan failed its check."""
    return Words(
        "draft.unverified",
        "有一个改进方案未通过独立校验，未采用；已校验的方案仍然有效。",
        "An improved plan failed its independent check and was not taken; the verified one stands.",
    )


def taken(actor: str) -> Words:
    """A person took the plan in hand."""
    return Words("draft.taken", f"{actor} 采用了当时的方案，停止改进。",
                 f"{actor} took the plan in hand; improving ended.")


def stopped(actor: str) -> Words:
    """A person ended the draft without a proposal."""
    return Words("draft.stopped", f"{actor} 停止了方案生成。", f"{actor} stopped the draft.")


DIED = ("求解进程中断", "The solving process stopped in mid-solve")
OVERRAN = ("求解超时，进程已被终止", "The search overran its time and was ended")
BROKE = ("求解过程出错", "The solving process met an error")
ENDED = ("工作进程已停止", "The worker was shut down")
SILENT = ("工作机失去联系", "The worker gave no sign of life")
