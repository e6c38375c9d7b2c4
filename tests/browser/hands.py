"""Two ways to work a page: with a pointer, and with the keys alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_STEPS = 600
IS_HERE = "(wanted) => document.activeElement === wanted"
IS_SEEN = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""


class Hand(Protocol):
    """Presses, fills and chooses what stands on a page."""

    def press(self, wanted: Locator) -> None:
        """Follow a link, press a button, open a part."""

    def fill(self, wanted: Locator, text: str) -> None:
        """Write into a field what shall stand in it."""

    def choose(self, wanted: Locator, value: str) -> None:
        """Take one of a list's lines."""


class Pointer:
    """Mouse or finger."""

    def press(self, wanted: Locator) -> None:
        wanted.click()

    def fill(self, wanted: Locator, text: str) -> None:
        wanted.fill(text)

    def choose(self, wanted: Locator, value: str) -> None:
        wanted.select_option(value)


class Keys:
    """Tab, Enter and letters; what has the focus must be seen to have it."""

    def press(self, wanted: Locator) -> None:
        self._reach(wanted).keyboard.press("Enter")

    def fill(self, wanted: Locator, text: str) -> None:
        page = self._reach(wanted)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)

    def choose(self, wanted: Locator, value: str) -> None:
        page = self._reach(wanted)
        for _ in range(int(wanted.evaluate("(list, value) => [...list.options].findIndex((o) => o.value === value) - list.selectedIndex", value))):
            page.keyboard.press("ArrowDown")
        assert wanted.input_value() == value

    def _reach(self, wanted: Locator) -> Page:
        """Step on until the wanted thing has the focus."""
        page = wanted.page
        for _ in range(MOST_STEPS):
            # looked up anew each time: a page that follows its data may have put another in its place
            if wanted.evaluate(IS_HERE):
                assert page.evaluate(IS_SEEN), f"nobody sees that {wanted} has the focus"
                return page
            page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_STEPS} steps with the Tab key do not reach {wanted}")
