"""The style sheet of a map and its drawings, made of the styles: one source for map, legend and test."""

from __future__ import annotations

from maps.style import SHAPES, SIGNS, THEMES, TRACKS, ZONES, Sign, TrackStyle, ZoneStyle

TILE = 14
BASE = """
.map .leaflet-container { background:var(--map-ground); color:#14202e; }
.folium-map { position:absolute; inset:0; } .map-zone { fill-opacity:1; stroke-opacity:1; stroke-linejoin:round; } .map-halo { fill:none; stroke:var(--map-plate); pointer-events:none; }
.map-track { fill:none; stroke-linecap:butt; } .map-pattern path { fill:none; stroke:var(--map-ink); stroke-width:1.3; } .map-casing { fill:none; stroke:var(--map-plate); stroke-opacity:.9; }
.leaflet-interactive:focus-visible { outline:3px solid #14202e; outline-offset:2px; } .leaflet-interactive:focus { outline-offset:2px; }
.sign-box { background:none; border:0; } .sign { display:flex; align-items:center; justify-content:center; width:100%; height:100%; overflow:visible; } .sign svg,.key svg { display:block; overflow:visible; flex:none; }
.sign b,.zone-label b { background:#fff; color:#14202e; border:1px solid #14202e; border-radius:3px; padding:0 3px; font-size:12px; line-height:16px; white-space:nowrap; }
.sign b { margin-left:-2px; } .sign .mark { background:#14202e; color:#fff; border-radius:8px; } .zone-label { pointer-events:none; display:flex; align-items:center; justify-content:center; }
.gathered { border:2px solid #14202e; border-radius:50%; background:#fff; color:#14202e; font-weight:700; font-size:12px; display:flex; align-items:center; justify-content:center; } .gathered.grave { border-color:#a3001b; border-width:4px; }
.leaflet-popup-content { margin:12px 16px; font-size:14px; overflow-wrap:anywhere; max-height:40vh; overflow:auto; } .leaflet-popup-content p { margin:4px 0; } .leaflet-popup-content a { display:inline-block; min-height:44px; line-height:44px; }
.leaflet-tooltip { white-space:normal; width:max-content; max-width:min(320px,70vw); overflow-wrap:anywhere; max-height:12em; overflow:hidden; } .is-old { opacity:.55; } .is-far .track-road { display:none; }
.leaflet-bar a { width:44px !important; height:44px !important; line-height:44px !important; } .leaflet-control-layers-toggle { width:44px !important; height:44px !important; } .leaflet-control-layers label { margin:0; min-height:32px; } .leaflet-control-layers label span { display:flex; align-items:center; gap:6px; min-height:32px; } .leaflet-control-layers-expanded { max-height:70vh; overflow:auto; }
.map-keys { list-style:none; margin:0; padding:0; display:grid; grid-template-columns:repeat(auto-fill,minmax(150px,1fr)); gap:2px 12px; font-size:12px; } .map-keys li { display:flex; align-items:center; gap:8px; } .map-keys li[hidden] { display:none; } .key { display:inline-flex; flex:none; width:30px; height:22px; align-items:center; justify-content:center; background:var(--map-calm); border-radius:3px; }
"""


def stylesheet() -> str:
    """Rules for every kind in both themes."""
    light, dark = (" ".join(f"--map-{n}:{v};" for n, v in THEMES[theme].items()) for theme in ("light", "dark"))
    # the dark values stand twice: as the system asks, and as the person asks
    rules = [f":root {{ {light} }}", f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}',
             f':root[data-theme="dark"] {{ {dark} }}', BASE]
    rules += [_zone_rule(kind, style) for kind, style in ZONES.items()]
    rules += [_track_rule(kind, style) for kind, style in TRACKS.items()]
    rules += [_sign_rule(kind, sign) for kind, sign in SIGNS.items()]
    return "\n".join(rules)


def _zone_rule(kind: str, style: ZoneStyle) -> str:
    tint = f".tint-{kind} {{ fill:var(--map-{style.colour}); }}"
    dash = f" stroke-dasharray:{style.dash.replace(' ', ',')};" if style.dash else ""
    if style.is_outline:
        return f"{tint} .zone-{kind} {{ fill:none; stroke:var(--map-{style.colour}); stroke-width:{style.weight}px;{dash} }}"
    fill = "" if style.pattern else f" fill:var(--map-{style.colour});"
    return f"{tint} .zone-{kind} {{{fill} stroke:var(--map-{style.edge}); stroke-width:{style.weight}px;{dash} }}"


def _track_rule(kind: str, style: TrackStyle) -> str:
    dash = f" stroke-dasharray:{style.dash.replace(' ', ',')};" if style.dash else ""
    line = f".track-{kind} {{ stroke:var(--map-{style.colour}); stroke-width:{style.weight}px;{dash} }}"
    return f"{line} .casing-{kind} {{ stroke-width:{style.weight + 4}px; }}" if style.has_casing else line


def _sign_rule(kind: str, sign: Sign) -> str:
    fill = f"var(--map-{sign.colour})" if sign.fill == "full" else "var(--map-plate)"
    dash = f" stroke-dasharray:{sign.dash.replace(' ', ',')};" if sign.dash else ""
    return (f".sign-{kind} .body {{ fill:{fill}; stroke:var(--map-{sign.colour}); stroke-width:2.4;{dash} }} "
            f".sign-{kind} .level {{ fill:var(--map-{sign.colour}); }} .sign-{kind} .halo {{ fill:none; stroke:var(--map-plate); stroke-width:6; }}")


def drawings() -> str:
    """The hidden drawings that map and legend refer to: the patterns of areas."""
    patterns = "".join(
        f'<pattern id="pattern-{kind}" class="map-pattern" width="{TILE}" height="{TILE}" patternUnits="userSpaceOnUse">'
        f'<rect class="tint-{kind}" width="{TILE}" height="{TILE}"/><path d="{style.pattern}"/></pattern>'
        for kind, style in ZONES.items() if style.pattern
    )
    return f'<svg width="0" height="0" aria-hidden="true" focusable="false" class="map-drawings"><defs>{patterns}</defs></svg>'


def sign_svg(kind: str) -> str:
    """A sign as inline SVG."""
    sign = SIGNS[kind]
    path = SHAPES[sign.shape]
    level = '<path class="level" d="M3 12H21V21H3Z"/>' if sign.fill == "low" else ""
    return (f'<svg class="sign-{kind}" width="{sign.size}" height="{sign.size}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
            f'<path class="halo" d="{path}"/><path class="body" d="{path}"/>{level}</svg>')


def key_html(kind: str) -> str:
    """What stands before a line of the legend: the area, the line or the sign of a kind."""
    if kind in ZONES:
        style = ZONES[kind]
        fill = f' fill="url(#pattern-{kind})"' if style.pattern else ""
        inner = f'<rect class="zone-{kind}" x="2" y="2" width="26" height="18"{fill}/>'
        return f'<span class="key"><svg width="30" height="22" aria-hidden="true">{inner}</svg></span>'
    if kind in TRACKS:
        casing = f'<path class="map-casing casing-{kind}" d="M0 11H30"/>' if TRACKS[kind].has_casing else ""
        return f'<span class="key"><svg width="30" height="22" aria-hidden="true">{casing}<path class="map-track track-{kind}" d="M0 11H30"/></svg></span>'
    if kind in SIGNS:
        return f'<span class="key sign">{sign_svg(kind)}{_mark(kind)}</span>'
    return '<span class="key"></span>'


def _mark(kind: str) -> str:
    return f'<b class="mark">{SIGNS[kind].mark}</b>' if SIGNS[kind].mark else ""
