"""The after-action report of a stored score: HTML and PDF, Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from dispatch.drills.report_blocks import Picture, document
from dispatch.drills.report_findings import findings
from dispatch.drills.report_html import render_html
from dispatch.drills.report_input import Told
from dispatch.drills.report_pdf import render_pdf
from dispatch.drills.report_plots import draw
from dispatch.drills.report_rules import load_report_rules

LANGUAGES = ("zh", "en")


def report_files(told: Told, others: Sequence[Told] = ()) -> dict[str, bytes]:
    """File name → bytes; the same scores give the same bytes.

    ``others`` are scores of other drills or years it is set beside.
    """
    found = findings(told, load_report_rules())
    on = datetime.combine(told.on, time(), UTC)
    files = {}
    for lang in LANGUAGES:
        shown = document(told, found, others, lang)
        names = [block.name for block in shown.blocks if isinstance(block, Picture)]
        stem = f"{told.score['scenario']}.{lang}"
        files[f"{stem}.html"] = render_html(shown, {name: draw(name, told, lang, "svg") for name in names})
        files[f"{stem}.pdf"] = render_pdf(shown, {name: draw(name, told, lang, "png") for name in names}, on)
    return files
