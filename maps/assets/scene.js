// Draws the layers of a scene on a Leaflet map, and draws them again when newer data comes.
// Every text is set as text, never as HTML; no style attribute is written, only classes and attributes.
"use strict";

window.sceneMap = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const CELL_PX = 52;
  const GATHER_UNTIL_ZOOM = 9;
  const AROUND = 0.3;
  const PADDING = [16, 16];
  // from so close on, roads nobody reported on are drawn too
  const ROADS_FROM_ZOOM = 6.5;
  const kinds = JSON.parse(document.getElementById("map-kinds").textContent);
  const lang = document.documentElement.lang || "zh-CN";
  const clock = new Intl.DateTimeFormat(lang, { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
  const layers = new Map();
  const maps = new Set();
  let opened = null;

  function now() {
    const told = Date.parse(document.body.dataset.at || document.body.dataset.now);
    return Number.isNaN(told) ? Date.now() : told;
  }

  function age(iso) {
    const minutes = Math.round((Date.parse(iso) - now()) / 60000);
    const words = Math.abs(minutes) < 60 ? relative.format(minutes, "minute")
      : Math.abs(minutes) < 2880 ? relative.format(Math.round(minutes / 60), "hour")
        : relative.format(Math.round(minutes / 1440), "day");
    return `${clock.format(new Date(iso))} · ${words}`;
  }

  function line(name, words) {
    const found = document.createElement(name);
    found.textContent = words;
    return found;
  }

  function card(said) {
    const box = document.createElement("div");
    const name = said.name || said.text || "";
    box.append(line("strong", name));
    if (said.state) box.append(line("p", said.state));
    if (said.text && said.text !== name) box.append(line("p", said.text));
    if (said.as_of) {
      const when = line("p", "");
      const time = line("time", age(said.as_of));
      time.dateTime = said.as_of;
      when.append(time);
      box.append(when);
    }
    // only pages of this host
    if (said.href && said.href.startsWith("/") && !said.href.startsWith("//")) {
      const link = line("a", lang.startsWith("zh") ? "打开" : "Open");
      link.href = said.href;
      box.append(link);
    }
    return box;
  }

  function words(said) {
    return [said.name, said.state, said.text === said.name ? "" : said.text].filter(Boolean).join(" · ");
  }

  function say(shape, said) {
    shape.bindTooltip(line("span", words(said)), { sticky: true });
    shape.bindPopup(() => card(said), { maxWidth: 320, autoPanPadding: [16, 16] });
    shape.on("popupopen", () => { opened = said.code || null; });
    shape.on("popupclose", () => { opened = null; });
    shape.said = said;
  }

  // a shape one can reach with Tab and open with Enter
  function reachable(shape, said) {
    shape.on("add", () => {
      const drawn = shape.getElement();
      if (!drawn || said.rank === undefined || said.rank > 8) return;
      drawn.setAttribute("tabindex", "0");
      drawn.setAttribute("role", "button");
      drawn.dataset.rank = said.rank;
      drawn.setAttribute("aria-label", words(said));
      drawn.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          shape.openPopup();
        }
      });
    });
  }

  function zone(feature) {
    const said = feature.properties;
    const style = kinds.zones[said.kind] || {};
    const parts = [];
    const shape = L.geoJSON(feature, { style: { className: `map-zone zone-${said.kind}`, fill: !style.outline } }).getLayers()[0];
    if (style.pattern) shape.on("add", () => shape.getElement().setAttribute("fill", `url(#pattern-${said.kind})`));
    if (style.outline) parts.push(L.geoJSON(feature, { interactive: false, style: { className: "map-casing", weight: 7, fill: false } }).getLayers()[0]);
    say(shape, said);
    reachable(shape, said);
    parts.push(shape);
    if (said.label) {
      const box = document.createElement("b");
      box.textContent = said.label;
      parts.push(L.marker([said.label_at[1], said.label_at[0]], {
        interactive: false, keyboard: false, icon: L.divIcon({ html: box, className: "zone-label", iconSize: [48, 20], iconAnchor: [24, 10] }),
      }));
    }
    return parts;
  }

  function track(feature) {
    const said = feature.properties;
    const points = feature.geometry.coordinates.map(([lon, lat]) => [lat, lon]);
    const parts = [];
    if ((kinds.tracks[said.kind] || {}).casing) parts.push(L.polyline(points, { interactive: false, className: `map-casing casing-${said.kind}` }));
    const shape = L.polyline(points, { className: `map-track track-${said.kind}${said.is_old ? " is-old" : ""}` });
    say(shape, said);
    reachable(shape, said);
    parts.push(shape);
    return parts;
  }

  function sign(said) {
    const found = kinds.signs[said.kind];
    const box = document.createElement("span");
    box.className = `sign${said.is_old ? " is-old" : ""}`;
    if (found) {
      // the drawings come from this host's own style table, not from data
      box.innerHTML = found.svg;
      if (found.mark) {
        const mark = line("b", found.mark);
        mark.className = "mark";
        box.append(mark);
      }
    }
    if (said.label) box.append(line("b", said.label));
    return box;
  }

  function marker(feature) {
    const said = feature.properties;
    const [lon, lat] = feature.geometry.coordinates;
    const size = Math.max(24, (kinds.signs[said.kind] || { size: 18 }).size);
    const shape = L.marker([lat, lon], {
      keyboard: true, alt: words(said), zIndexOffset: (9 - (said.rank ?? 9)) * 100,
      icon: L.divIcon({ html: sign(said), className: "sign-box", iconSize: [size, size], iconAnchor: [size / 2, size / 2] }),
    });
    say(shape, said);
    shape.on("add", () => {
      shape.getElement().setAttribute("aria-label", words(said));
      shape.getElement().dataset.rank = said.rank ?? 9;
    });
    return [shape];
  }

  function gathered(map, cell) {
    const grave = cell.some((feature) => (feature.properties.rank ?? 9) <= 1);
    const middle = cell.reduce(([a, b], f) => [a + f.geometry.coordinates[0] / cell.length, b + f.geometry.coordinates[1] / cell.length], [0, 0]);
    const shape = L.marker([middle[1], middle[0]], {
      keyboard: true,
      icon: L.divIcon({ html: line("span", String(cell.length)), className: `gathered${grave ? " grave" : ""}`, iconSize: [34, 34] }),
    });
    const names = cell.slice(0, 5).map((f) => f.properties.name || f.properties.text).join("、") + (cell.length > 5 ? " …" : "");
    shape.bindTooltip(line("span", names));
    shape.on("add", () => {
      shape.getElement().setAttribute("aria-label", `${cell.length}: ${names}`);
      shape.getElement().dataset.rank = Math.min(...cell.map((feature) => feature.properties.rank ?? 9));
    });
    shape.on("click", () => {
      const box = L.latLngBounds(cell.map((f) => [f.geometry.coordinates[1], f.geometry.coordinates[0]]));
      map.fitBounds(box.pad(0.2), { maxZoom: GATHER_UNTIL_ZOOM });
    });
    return shape;
  }

  // Points of a layer that gathers: those in view only, and those that would overlap as one with a number.
  function points(entry) {
    const { map, group, points: all } = entry;
    entry.pointGroup.clearLayers();
    const view = map.getBounds().pad(AROUND);
    const seen = all.filter((f) => view.contains([f.geometry.coordinates[1], f.geometry.coordinates[0]]));
    const cells = new Map();
    for (const feature of seen) {
      const [lon, lat] = feature.geometry.coordinates;
      const at = map.project([lat, lon], map.getZoom());
      const name = entry.gathers ? `${Math.floor(at.x / CELL_PX)}:${Math.floor(at.y / CELL_PX)}` : `${cells.size}`;
      cells.set(name, [...(cells.get(name) || []), feature]);
    }
    const isApart = map.getZoom() >= GATHER_UNTIL_ZOOM;
    for (const cell of cells.values()) {
      if (cell.length === 1 || (isApart && cell.length < 6)) for (const feature of cell) marker(feature).forEach((m) => entry.pointGroup.addLayer(m));
      else entry.pointGroup.addLayer(gathered(map, cell));
    }
    if (!group.hasLayer(entry.pointGroup)) group.addLayer(entry.pointGroup);
    mapApart.settle(map);
  }

  function fill(entry, data) {
    entry.group.clearLayers();
    entry.gathers = Boolean(data.gathers);
    entry.data = data;
    const isPoint = (feature) => feature.geometry.type === "Point";
    entry.points = data.features.filter(isPoint);
    entry.pointGroup = L.layerGroup();
    for (const feature of data.features.filter((f) => !isPoint(f))) {
      const parts = feature.geometry.type === "LineString" ? track(feature) : zone(feature);
      parts.forEach((part) => entry.group.addLayer(part));
    }
    points(entry);
  }

  function draw(map, group, key, dataId) {
    const block = document.getElementById(dataId);
    const entry = { map, group, key, url: block.dataset.url };
    layers.set(key, entry);
    fill(entry, JSON.parse(block.textContent));
    map.on("moveend", () => { if (entry.gathers) points(entry); });
    if (!maps.has(map)) {
      maps.add(map);
      const far = () => map.getContainer().classList.toggle("is-far", map.getZoom() < ROADS_FROM_ZOOM);
      map.on("zoomend", far);
      far();
      L.control.scale({ imperial: false }).addTo(map);
      map.on("overlayadd overlayremove", legend);
      // Leaflet itself only hears of the window's size, not of its own place on the page
      new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
      map.getContainer().setAttribute("role", "region");
      mapKeys.follow(map);
      // the controls are put on the map after the layers
      setTimeout(() => nameControls(map.getContainer()), 0);
      // Leaflet hears keys only while the map itself has the focus, not a thing on it
      map.getContainer().addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });
    }
  }

  function nameControls(box) {
    if (!lang.startsWith("zh")) return;
    for (const [part, name] of [["zoom-in", "放大"], ["zoom-out", "缩小"], ["layers-toggle", "图层"]]) {
      const control = box.querySelector(`.leaflet-control-${part}`);
      control?.setAttribute("title", name);
      control?.setAttribute("aria-label", name);
    }
  }

  // Looks at a box; as long as nobody moved the map it looks there again when its size changes.
  function look(map, box, closest) {
    let isOurs = false;
    let isMoved = false;
    const fit = () => {
      isOurs = true;
      map.fitBounds(box, { padding: PADDING, maxZoom: closest, animate: false });
      isOurs = false;
    };
    fit();
    map.on("dragstart", () => { isMoved = true; });
    map.on("zoomstart", () => { isMoved = isMoved || !isOurs; });
    map.on("resize", () => { if (!isMoved) fit(); });
  }

  // the legend explains what is on, and nothing else
  function legend() {
    for (const row of document.querySelectorAll(".map-keys [data-layer]")) {
      const entry = layers.get(row.dataset.layer);
      if (entry) row.hidden = !entry.map.hasLayer(entry.group);
    }
  }

  // Asks for a layer anew; a 304 leaves the map alone, and so does an answer that is not data.
  async function refresh(key) {
    const entry = layers.get(key);
    if (!entry || !entry.url) return false;
    const answer = await fetch(entry.url, { cache: "no-store", headers: entry.etag ? { "If-None-Match": entry.etag } : {} });
    if (answer.status === 304 || !answer.ok || answer.redirected) return false;
    entry.etag = answer.headers.get("ETag");
    const data = await answer.json();
    const before = opened;
    fill(entry, data);
    if (before) show(before);
    return true;
  }

  async function refreshAll() {
    const asked = [...layers.values()].filter((entry) => entry.url && entry.map.hasLayer(entry.group));
    const answers = await Promise.all(asked.map((entry) => refresh(entry.key)));
    return answers.some(Boolean);
  }

  // Finds a thing by its code, brings it into view and opens what is said of it.
  function show(code, zoom) {
    for (const entry of layers.values()) {
      const feature = entry.data.features.find((f) => f.properties.code === code);
      if (!feature) continue;
      if (!entry.map.hasLayer(entry.group)) entry.group.addTo(entry.map);
      const box = L.geoJSON(feature).getBounds();
      if (zoom) entry.map.fitBounds(box.pad(0.1), { maxZoom: zoom });
      L.popup({ maxWidth: 320 }).setLatLng(feature.properties.label_at ? [feature.properties.label_at[1], feature.properties.label_at[0]] : box.getCenter()).setContent(card(feature.properties)).openOn(entry.map);
      return true;
    }
    return false;
  }

  return { draw, look, refresh, refreshAll, show, layers };
})();
