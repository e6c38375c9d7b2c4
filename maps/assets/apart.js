// Signs that would lie on each other are moved beside each other, by the width of one: a finger hits the one it means.
// The gravest stays where it is.  A sign stands at most some thirty pixels from its place; zooming in brings it back.
"use strict";

window.mapApart = (() => {
  const SIGNS = ".leaflet-marker-icon[role=button]";
  const GAP = 25;
  const NEAR = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1], [2, 0], [-2, 0], [0, 2], [0, -2]];

  function settle(map) {
    const taken = [];
    const signs = [...map.getPane("markerPane").querySelectorAll(SIGNS)];
    signs.sort((a, b) => Number(a.dataset.rank ?? 9) - Number(b.dataset.rank ?? 9));
    for (const sign of signs) {
      const place = L.DomUtil.getPosition(sign);
      if (!place) continue;
      // as the icon was made: asking the page would lay it out anew for each
      const size = parseFloat(sign.style.width) || GAP;
      const free = NEAR.map(([x, y]) => [place.x + x * GAP, place.y + y * GAP]).find((at) => taken.every(
        (other) => Math.abs(other.x - at[0]) >= (other.size + size) / 2 || Math.abs(other.y - at[1]) >= (other.size + size) / 2,
      )) ?? [place.x, place.y];
      taken.push({ x: free[0], y: free[1], size: Math.max(size, GAP) });
      sign.style.marginLeft = `${free[0] - place.x - size / 2}px`;
      sign.style.marginTop = `${free[1] - place.y - size / 2}px`;
    }
  }

  return { settle };
})();
