"""Every sentence of the pages is in the English catalogue."""

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
