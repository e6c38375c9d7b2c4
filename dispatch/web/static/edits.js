// Editing a plan: the slider beside its number, undo and redo by keys, loads dragged between trucks, a road
// chosen on the map, a busy button while a plan is solved again.  Without this file the forms alone are used.
import "./once.js";

// listeners stand on the document: parts of the page are replaced while it follows its data
function showSliders() {
  for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
    slider.hidden = false;
    slider.value = document.getElementById(slider.dataset.for).value;
  }
}
showSliders();
document.addEventListener("live:changed", showSliders);
document.addEventListener("input", (event) => {
  if (event.target.matches("input[type=range][data-for]")) {
    document.getElementById(event.target.dataset.for).value = event.target.value;
  } else {
    const slider = document.querySelector(`input[type=range][data-for="${CSS.escape(event.target.id)}"]`);
    if (slider) slider.value = event.target.value;
  }
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || !event.target.matches("form[data-busy]")) return;
  // after the browser has read the form: a disabled button would not be sent
  setTimeout(() => {
    button.disabled = true;
    button.textContent = event.target.dataset.busy;
  }, 0);
});

// Ctrl+Z and Ctrl+Shift+Z, left to the fields while somebody types in one
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.closest("input, textarea, select")) return;
  const button = document.getElementById(event.shiftKey ? "redo" : "undo");
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

let dragged = null;

function choiceOf(load, truck) {
  return [...(load.querySelector("select")?.options ?? [])].find((option) => option.value === truck.dataset.truck);
}

function truckAt(event) {
  const truck = event.target.closest?.(".truck");
  return dragged && truck && truck !== dragged.closest(".truck") ? truck : null;
}

function leave(...marks) {
  for (const mark of marks) document.querySelectorAll(`.truck.${mark}`).forEach((truck) => truck.classList.remove(mark));
}

document.addEventListener("dragstart", (event) => {
  const load = event.target.closest?.(".load[draggable=true]");
  if (!load) return;
  dragged = load;
  event.dataTransfer.setData("text/plain", load.dataset.load);
  event.dataTransfer.effectAllowed = "move";
  for (const truck of document.querySelectorAll(`.truck[data-yard="${CSS.escape(load.dataset.yard)}"]`)) {
    truck.classList.toggle("takes", Boolean(choiceOf(load, truck)));
  }
});

document.addEventListener("dragend", () => {
  dragged = null;
  leave("takes", "over");
});

document.addEventListener("dragover", (event) => {
  const truck = truckAt(event);
  leave("over");
  if (!truck) return;
  event.preventDefault();
  truck.classList.add("over");
});

document.addEventListener("drop", (event) => {
  const truck = truckAt(event);
  if (!truck) return;
  event.preventDefault();
  const said = document.getElementById("load-said");
  const form = document.getElementById("loads-edit");
  const choice = choiceOf(dragged, truck);
  if (!choice) {
    said.textContent = said.dataset.no;
    return;
  }
  dragged.querySelector("select").value = choice.value;
  said.textContent = form.dataset.busy;
  form.requestSubmit();
});

// a road chosen on the map fills the list of roads; the list alone does the same without a map
const box = document.querySelector(".map .folium-map");
const map = box ? window[box.id] : null;
let roads = null;

function press(isOn) {
  document.getElementById("pick-road")?.setAttribute("aria-pressed", String(isOn));
}

function putAway() {
  roads?.remove();
  roads = null;
  press(false);
}

function choose(road) {
  const list = document.getElementById("road");
  list.value = String(road.id);
  putAway();
  list.focus();
  list.scrollIntoView({ block: "center" });
}

async function show(address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return location.reload();
  roads = L.layerGroup();
  for (const road of await answer.json()) {
    const words = document.createElement("span");
    words.textContent = road.name;
    L.polyline(road.line, { color: "#6b3fa0", weight: 10, opacity: 0.35 })
      .bindTooltip(words)
      .on("click", () => choose(road))
      .addTo(roads);
  }
  roads.addTo(map);
  press(true);
  box.scrollIntoView({ block: "center" });
}

function offerMap() {
  const pick = document.getElementById("pick-road");
  if (pick && map) pick.hidden = false;
}
offerMap();
document.addEventListener("live:changed", offerMap);
document.addEventListener("click", (event) => {
  const pick = event.target.closest?.("#pick-road");
  if (!pick) return;
  if (roads) putAway();
  else show(pick.dataset.from);
});
