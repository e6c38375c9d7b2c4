"""A report as one HTML file that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from dispatch.drills.report_blocks import Block, Document, Heading, Picture, Table, Text

STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#1b2430;--quiet:#5b6777;--line:#d5dbe3;--mark:#a3001b}
@media (prefers-color-scheme:dark){:root{--ground:#11161d;--ink:#e6ebf2;--quiet:#9aa7b8;--line:#3a4656;--mark:#ff8a8a}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.5 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:960px;margin:0 auto;padding:16px}h1{font-size:20px;margin:0}h2{font-size:16px;margin:24px 0 8px;border-bottom:1px solid var(--line)}
.drill{color:var(--mark);font-weight:700;border:2px solid var(--mark);display:inline-block;padding:2px 8px;margin:0 0 8px}.sub{color:var(--quiet);margin:0 0 8px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{position:absolute;left:-9999px}th,td{text-align:left;vertical-align:top;padding:4px 8px;border-bottom:1px solid var(--line)}
img{display:block;width:100%;height:auto;background:#fff}li{overflow-wrap:anywhere}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}img,tr{break-inside:avoid}}
"""


def render_html(shown: Document, pictures: dict[str, bytes]) -> bytes:
    """The page; ``pictures`` are SVG by name."""
    lang = "zh-CN" if shown.lang == "zh" else "en"
    body = "\n".join(_block(block, pictures) for block in shown.blocks)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<p class="drill">{escape(shown.drill)}</p>\n<h1>{escape(shown.title)}</h1>\n<p class="sub">{escape(shown.subtitle)}</p>\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    ).encode()


def _block(block: Block, pictures: dict[str, bytes]) -> str:
    if isinstance(block, Heading):
        return f"<h2>{escape(block.text)}</h2>"
    if isinstance(block, Text):
        if block.is_list:
            return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>"
        return "".join(f"<p>{escape(line)}</p>" for line in block.lines)
    if isinstance(block, Picture):
        return f'<img alt="{escape(block.alt)}" src="data:image/svg+xml;base64,{b64encode(pictures[block.name]).decode()}">'
    return _table(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in table.rows)
    return (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}"><table><caption>{escape(table.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>")
