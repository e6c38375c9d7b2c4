"""What a password must be: long, and hard to guess for somebody who knows the person."""

from __future__ import annotations

from zxcvbn import zxcvbn

from dispatch.accounts.rules import LoginRule
from dispatch.errors import InvalidInput


def check_password(password: str, about: tuple[str, ...], rule: LoginRule) -> None:
    """Raise ``InvalidInput`` where it is too short, too long or too easy; ``about``: words of its owner."""
    if not rule.password_least <= len(password) <= rule.password_most:
        raise InvalidInput(
            f"A password has {rule.password_least} to {rule.password_most} characters; this one has {len(password)}.",
            remedy="Take a sentence of several words, spaces and Chinese characters included.",
            zh=f"密码须为 {rule.password_least} 至 {rule.password_most} 个字符，当前为 {len(password)} 个。", remedy_zh="可使用由几个词组成的句子，允许空格和汉字。",
        )
    # the estimate's cost grows with the square of the length, and its answer not beyond this
    found = zxcvbn(password[:72], user_inputs=[*about, "dispatch", "redcross", "neimenggu", "hongshizihui"], max_length=72)
    if found["score"] < rule.password_score:
        raise InvalidInput(
            "This password is easy to guess.", remedy="Take several words that do not belong together; no names, dates or keyboard rows.",
            zh="该密码容易被猜中。", remedy_zh="请使用几个互不相关的词，不要用姓名、日期或键盘顺序。",
        )
