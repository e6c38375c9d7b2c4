"""Colours, weights and shapes per kind; never colour alone."""

from __future__ import annotations

ZONES = {
    "calm": {"fillColor": "#e8edf2", "color": "#9aa7b5", "weight": 0.7, "fillOpacity": 0.55},
    "blue": {"fillColor": "#3b7dd8", "color": "#1d4f91", "weight": 1.4, "fillOpacity": 0.45},
    "yellow": {"fillColor": "#f2c500", "color": "#8a7000", "weight": 1.6, "fillOpacity": 0.5,
               "dashArray": "1 4"},
    "orange": {"fillColor": "#f28c1e", "color": "#8f4a00", "weight": 1.9, "fillOpacity": 0.5,
               "dashArray": "6 3"},
    "red": {"fillColor": "#d7263d", "color": "#7d0f1e", "weight": 2.3, "fillOpacity": 0.5},
}
TRACKS = {
    "road": {"color": "#b8bfc7", "weight": 1, "opacity": 0.8},
    "closed": {"color": "#111111", "weight": 3, "dashArray": "2 6"},
    "route": {"color": "#0b6e4f", "weight": 3, "opacity": 0.75},
}
SIGNS = {"region": "◆", "league": "■", "county": "●", "team": "✚", "team_unready": "✛", "red": "红", "orange": "橙",
         "yellow": "黄", "blue": "蓝"}
