"""Every sentence of the pages is in the English catalogue, once."""

import re
from collections import Counter
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "dispatch" / "web"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext.babel_extract")]


def test_nothing_is_left_untranslated() -> None:
    with (WEB / "translations/en/LC_MESSAGES/messages.po").open("rb") as handle:
        known = {m.id: m.string for m in read_po(handle) if m.id}
    used = {found[2] for found in extract_from_dir(str(WEB), METHODS, options_map={}, keywords={**DEFAULT_KEYWORDS, "_l": None})}
    assert used and not {text for text in used if not known.get(text)}
    assert not set(known) - used


def test_no_sentence_is_there_twice() -> None:
    """Two lines of work that each add a sentence leave it there twice after they are joined."""
    text = (WEB / "translations/en/LC_MESSAGES/messages.po").read_text("utf-8")
    found = Counter(line for line in text.splitlines() if line.startswith("msgid ") and line != 'msgid ""')
    assert found and not [line for line, times in found.items() if times > 1]


def test_gaps_for_values_are_the_same_in_both_languages() -> None:
    with (WEB / "translations/en/LC_MESSAGES/messages.po").open("rb") as handle:
        pairs = [(m.id, m.string) for m in read_po(handle) if m.id]
    gap = re.compile(r"%\(\w+\)[sd]")
    assert not [(zh, en) for zh, en in pairs if set(gap.findall(zh)) != set(gap.findall(str(en)))]
