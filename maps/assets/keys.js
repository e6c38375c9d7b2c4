// One stop of the Tab key for all things on a map; arrow keys go from there to the next thing in their direction,
// Home to the gravest.  Enter opens (scene.js).  Without it a person without a mouse would step through hundreds.
"use strict";

window.mapKeys = (() => {
  const THINGS = ".leaflet-marker-icon[role=button], path[role=button]";
  // Chromium stops also at shapes that only listen for the focus, as those with a tooltip do
  const ALL = `${THINGS}, path.leaflet-interactive`;
  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  // something aside counts as this much farther than something straight ahead
  const ASIDE = 2;

  const middle = (thing) => {
    const box = thing.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const rank = (thing) => Number(thing.dataset.rank ?? 9);
  const gravest = (things) => things.reduce((best, thing) => (best && rank(best) <= rank(thing) ? best : thing), null);

  function nearest(things, from, cost) {
    let best = null;
    let least = Infinity;
    for (const thing of things) {
      const [x, y] = middle(thing);
      const far = cost(x - from[0], y - from[1]);
      if (far < least) [best, least] = [thing, far];
    }
    return best;
  }

  function follow(map) {
    const box = map.getContainer();
    const things = () => [...box.querySelectorAll(THINGS)];
    const state = { at: null, name: "", where: [0, 0], hadFocus: false };
    let isWaiting = false;

    function take(thing) {
      if (state.at && state.at !== thing) state.at.setAttribute("tabindex", "-1");
      thing.setAttribute("tabindex", "0");
      Object.assign(state, { at: thing, name: thing.getAttribute("aria-label"), where: middle(thing) });
    }

    // after something was drawn anew: still one stop, and whoever stood on a thing that went stands on what came for it
    function tidy() {
      isWaiting = false;
      const all = things();
      const isGone = !state.at || !state.at.isConnected;
      const heir = isGone && state.at
        ? all.find((t) => t.getAttribute("aria-label") === state.name) || nearest(all, state.where, Math.hypot)
        : state.at;
      const here = heir || gravest(all);
      for (const thing of box.querySelectorAll(ALL)) if (thing !== here && thing.getAttribute("tabindex") !== "-1") thing.setAttribute("tabindex", "-1");
      if (!here) return;
      take(here);
      if (isGone && state.hadFocus && document.activeElement === document.body) here.focus({ preventScroll: true });
    }

    function later() {
      if (!isWaiting) requestAnimationFrame(tidy);
      isWaiting = true;
    }

    box.addEventListener("focusin", (event) => {
      const thing = event.target.closest(THINGS);
      state.hadFocus = Boolean(thing);
      if (thing) take(thing);
    });
    box.addEventListener("focusout", (event) => { if (event.relatedTarget) state.hadFocus = false; });
    box.addEventListener("keydown", (event) => {
      const way = WAYS[event.key];
      if (!event.target.closest(THINGS) || (!way && event.key !== "Home") || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const others = things().filter((thing) => thing !== event.target);
      const ahead = (dx, dy) => {
        const on = dx * way[0] + dy * way[1];
        const off = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
        return on > 1 && off <= on * ASIDE ? on + ASIDE * off : Infinity;
      };
      const next = way ? nearest(others, middle(event.target), ahead) : gravest(things());
      if (next) next.focus();
    }, true);
    new MutationObserver(later).observe(box, { childList: true, subtree: true });
    later();
  }

  return { follow };
})();
