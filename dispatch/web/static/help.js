// Keys that lead about, the list of them, and the tour.  Without this file the help page says the same.
// Keys of one letter do nothing while somebody types, and can be switched off (they are kept off on this device).
const OFF = "keys-off";
const AT = "tour-at";
const PATIENCE_MS = 1500;
const dialog = document.getElementById("keys-dialog");
const box = document.getElementById("tour");

const rows = [...(dialog?.querySelectorAll(".key-list tr") ?? [])].map((row) => [...row.querySelectorAll("kbd")].map((key) => key.textContent).join(" "));
const places = { "g b": "/", "g a": "/alerts", "g p": "/proposals/", "g w": "/waybills", "g r": "/roads", "g s": "/stock", "g t": "/teams/", "g h": "/help" };
let first = "";
let firstAt = 0;

for (const tick of document.querySelectorAll("[data-keys-off]")) {
  tick.checked = localStorage.getItem(OFF) === "1";
  tick.addEventListener("change", () => {
    if (tick.checked) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
    document.querySelectorAll("[data-keys-off]").forEach((other) => { other.checked = tick.checked; });
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (localStorage.getItem(OFF) === "1" || document.querySelector("dialog[open]")) return;
  if (event.key === "?" && dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const now = Date.now();
  const pair = now - firstAt < PATIENCE_MS ? `${first} ${event.key}` : event.key;
  [first, firstAt] = [event.key, now];
  if (places[pair] && rows.includes(pair)) {
    event.preventDefault();
    location.assign(places[pair]);
  }
});

// The tour: a box beside what it speaks of, never over it; it goes on from page to page in this tab only.
let steps = [];

function end() {
  sessionStorage.removeItem(AT);
  box.hidden = true;
  document.querySelectorAll(".toured").forEach((old) => old.classList.remove("toured"));
}

function show(number) {
  const step = steps[number];
  document.querySelectorAll(".toured").forEach((old) => old.classList.remove("toured"));
  const target = document.querySelector(step.at);
  box.querySelector("h2").textContent = step.title;
  box.querySelector(".tour-text").textContent = step.text;
  box.querySelector(".tour-count").textContent = box.dataset.count.replace("{n}", number + 1).replace("{k}", steps.length);
  box.querySelector("[data-tour=back]").disabled = number === 0;
  box.querySelector("[data-tour=on]").hidden = number === steps.length - 1;
  box.hidden = false;
  if (target) {
    target.classList.add("toured");
    target.scrollIntoView({ block: "center" });
  }
  box.querySelector("h2").focus({ preventScroll: true });
}

function go(number) {
  sessionStorage.setItem(AT, String(number));
  if (location.pathname === steps[number].page) show(number);
  else location.assign(steps[number].page);
}

async function tour() {
  const isAsked = new URLSearchParams(location.search).get("tour") === "1";
  const kept = sessionStorage.getItem(AT);
  if (!box || (!isAsked && kept === null)) return;
  const answer = await fetch(box.dataset.steps);
  if (!answer.ok) return;
  steps = await answer.json();
  if (isAsked) history.replaceState(null, "", location.pathname);
  const number = isAsked ? 0 : Number(kept);
  // who went somewhere else has left the tour
  if (!steps[number] || steps[number].page !== location.pathname) end();
  else show(number);
  sessionStorage.setItem(AT, String(number));
  if (box.hidden) sessionStorage.removeItem(AT);
}

box?.addEventListener("click", (event) => {
  const act = event.target.closest("button")?.dataset.tour;
  const number = Number(sessionStorage.getItem(AT));
  if (act === "end") end();
  else if (act) go(number + (act === "on" ? 1 : -1));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (box && !box.hidden) end();
  // what a word means lies over the page until it is sent away
  if (document.activeElement?.matches(".term")) document.activeElement.blur();
});
tour();
