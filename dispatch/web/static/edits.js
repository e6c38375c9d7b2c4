// Editing a plan: the slider beside its number, undo and redo by keys, loads dragged between trucks, a road
// chosen on the map, a busy button while a plan is solved again.  Without this file the forms alone are used.
import "./once.js";

for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  const field = document.getElementById(slider.dataset.for);
  const show = () => {
    slider.value = field.value;
  };
  slider.hidden = false;
  slider.addEventListener("input", () => {
    field.value = slider.value;
  });
  field.addEventListener("input", show);
  show();
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    // after the browser has read the form: a disabled button would not be sent
    setTimeout(() => {
      button.disabled = true;
      button.textContent = form.dataset.busy;
    }, 0);
  });
}

// Ctrl+Z and Ctrl+Shift+Z, left to the fields while somebody types in one
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.closest("input, textarea, select")) return;
  const button = document.getElementById(event.shiftKey ? "redo" : "undo");
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

const form = document.getElementById("loads-edit");
const said = document.getElementById("load-said");
let dragged = null;

function choiceOf(load, truck) {
  return [...(load.querySelector("select")?.options ?? [])].find((option) => option.value === truck.dataset.truck);
}

for (const load of document.querySelectorAll(".load[draggable=true]")) {
  load.addEventListener("dragstart", (event) => {
    dragged = load;
    event.dataTransfer.setData("text/plain", load.dataset.load);
    event.dataTransfer.effectAllowed = "move";
    for (const truck of document.querySelectorAll(`.truck[data-yard="${CSS.escape(load.dataset.yard)}"]`)) {
      truck.classList.toggle("takes", Boolean(choiceOf(load, truck)));
    }
  });
  load.addEventListener("dragend", () => {
    dragged = null;
    document.querySelectorAll(".truck").forEach((truck) => truck.classList.remove("takes", "over"));
  });
}

for (const truck of document.querySelectorAll(".truck")) {
  truck.addEventListener("dragover", (event) => {
    if (!dragged || dragged.closest(".truck") === truck) return;
    event.preventDefault();
    truck.classList.add("over");
  });
  truck.addEventListener("dragleave", () => truck.classList.remove("over"));
  truck.addEventListener("drop", (event) => {
    event.preventDefault();
    const load = dragged;
    if (!load || load.closest(".truck") === truck) return;
    const choice = choiceOf(load, truck);
    if (!choice) {
      said.textContent = said.dataset.no;
      return;
    }
    load.querySelector("select").value = choice.value;
    said.textContent = form.dataset.busy;
    form.requestSubmit();
  });
}

// a road chosen on the map fills the list of roads; the list alone does the same without a map
const pick = document.getElementById("pick-road");
const box = document.querySelector(".map .folium-map");
const map = box ? window[box.id] : null;
let roads = null;

function choose(road) {
  const list = document.getElementById("road");
  list.value = String(road.id);
  roads.remove();
  roads = null;
  pick.setAttribute("aria-pressed", "false");
  list.focus();
  list.scrollIntoView({ block: "center" });
}

async function show() {
  const answer = await fetch(pick.dataset.from);
  if (!answer.ok || answer.redirected) return location.reload();
  roads = L.layerGroup();
  for (const road of await answer.json()) {
    L.polyline(road.line, { color: "#6b3fa0", weight: 10, opacity: 0.35 })
      .bindTooltip(document.createTextNode(road.name).textContent.replaceAll("<", "&lt;"))
      .on("click", () => choose(road))
      .addTo(roads);
  }
  roads.addTo(map);
  pick.setAttribute("aria-pressed", "true");
  box.scrollIntoView({ block: "center" });
}

if (pick && map) {
  pick.hidden = false;
  pick.addEventListener("click", () => {
    if (roads) {
      roads.remove();
      roads = null;
      pick.setAttribute("aria-pressed", "false");
    } else {
      show();
    }
  });
}
