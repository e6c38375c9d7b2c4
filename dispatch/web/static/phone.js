// The queue of a telephone without a signal: receipts, road reports and positions are kept here until the
// server has taken them.  Each carries its own key, so that what is sent twice is booked once; how long ago
// it was said is told by the telephone's own clock at sending, which need not be right.  What the server
// refuses stays, with its sentence, until somebody takes it away.  Without this file forms are sent as they are.
import * as store from "./queue-store.js";

const RETRY_MS = 30000;
const PATIENCE_MS = 10000;
const MOST_AHEAD = 20;
const box = document.querySelector("[data-queue-box]");
const list = document.querySelector("[data-queue-list]");
// not randomUUID, which a page without https lacks
const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function say(sentence, isFault = false) {
  if (!box) return;
  box.hidden = false;
  box.querySelectorAll(".flash").forEach((line) => { line.hidden = true; });
  const line = box.querySelector(isFault ? "[role=alert]" : "[role=status]");
  line.textContent = sentence;
  line.hidden = false;
}

// the token of the session now, or null when nobody is logged in; throws without a signal
async function token() {
  const answer = await fetch("/phone/token", { cache: "no-store" });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).csrf_token;
}

function bodyOf(entry, csrf) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  body.set("age_s", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
  body.set("csrf_token", csrf);
  return body;
}

// {done} or {refused}; throws where the server itself did not answer
async function send(entry, csrf) {
  const answer = await fetch(entry.url, { method: "POST", body: bodyOf(entry, csrf), headers: { "X-Queued": "1" }, redirect: "manual" });
  // a failing server is tried again; a page that is no answer of it is somebody's login to a network
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error(String(answer.status));
  const told = await answer.json();
  if (!told.done && !told.refused) throw new Error(String(answer.status));
  return told;
}

let isSending = false;

async function flush(again = false) {
  if (isSending) return;
  isSending = true;
  try {
    const waiting = (await store.all()).filter((entry) => again || !entry.refused);
    if (!waiting.length) return;
    for (const entry of waiting) {
      const csrf = entry.isOpen && entry.token ? await token() ?? entry.token : await token();
      if (csrf === null) {
        say(box?.dataset.login ?? "", true);
        return;
      }
      const told = await send(entry, csrf);
      if (told.done) await store.remove(entry.key);
      else await store.put({ ...entry, refused: told.refused });
      if (told.done) say(told.done);
      else say(told.refused, true);
    }
  } catch {
    say(box?.dataset.kept ?? "");
  } finally {
    isSending = false;
    await show();
  }
}

let shown = "";

async function show() {
  const entries = await store.all();
  const count = entries.length + otherKept().length;
  document.querySelectorAll("[data-queue-count]").forEach((mark) => {
    mark.hidden = count === 0;
    mark.textContent = String(count);
  });
  const now = JSON.stringify([entries.map((entry) => [entry.key, entry.refused]), otherKept()]);
  // a list that is the same stays as it is: a button half pressed is not taken from under the thumb
  if (!list || now === shown) return;
  shown = now;
  document.querySelector("[data-queue-empty]").hidden = count > 0;
  document.querySelector("[data-queue-send]").hidden = entries.length === 0;
  document.querySelector("[data-queue-export]").hidden = count === 0;
  list.replaceChildren(...entries.map(lineOf), ...otherKept().map((one) => plainLine(one)));
}

const local = (at) => new Date(at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });

function plainLine(entry) {
  const line = document.createElement("li");
  line.append(`${local(entry.at)} ${entry.label} — ${entry.refused ?? list.dataset.waits}`);
  return line;
}

function lineOf(entry) {
  const line = document.createElement("li");
  const what = document.createElement("strong");
  what.textContent = entry.label;
  line.append(what, ` ${local(entry.at)} `);
  const words = document.createElement("span");
  words.textContent = entry.refused ?? list.dataset.waits;
  words.className = entry.refused ? "refused" : "note";
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = list.dataset.drop;
  drop.addEventListener("click", async () => {
    // a receipt is not lost by one wrong tap
    if (drop.textContent !== list.dataset.sure) { drop.textContent = list.dataset.sure; return; }
    await store.remove(entry.key);
    await show();
  });
  line.append(words, document.createElement("br"), drop);
  return line;
}

// check-ins of a member's page are kept by that page; they count here and leave in the file
function otherKept() {
  return Object.keys(localStorage).filter((name) => name.startsWith("check-in:"))
    .flatMap((name) => JSON.parse(localStorage.getItem(name) ?? "[]").map((one) => ({ ...one, kind: "check-in", label: one.text || "check-in", page: name.slice(9) })));
}

const asText = (file) => new Promise((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(file);
});

async function exportAll() {
  const entries = [];
  for (const entry of await store.all()) {
    const fields = [];
    for (const [name, value] of entry.fields) fields.push([name, value instanceof Blob ? await asText(value) : value]);
    entries.push({ key: entry.key, kind: entry.kind, label: entry.label, url: entry.url, said_at: new Date(entry.at).toISOString(), refused: entry.refused ?? null, fields });
  }
  const kept = { exported_at: new Date().toISOString(), entries, check_ins: otherKept() };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(kept, null, 1)], { type: "application/json" }));
  link.download = `queue-${new Date().toISOString().slice(0, 16).replace(":", "")}.json`;
  link.click();
}

function locate() {
  return new Promise((done) => {
    if (!navigator.geolocation) { done(null); return; }
    navigator.geolocation.getCurrentPosition((found) => done(found.coords), () => done(null),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60000 });
  });
}

async function fillPlace(form) {
  const found = await locate();
  if (!found) return;
  form.elements.lon.value = found.longitude.toFixed(5);
  form.elements.lat.value = found.latitude.toFixed(5);
}

document.querySelectorAll("form[data-queue]").forEach((form) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.isBusy) return;
    form.dataset.isBusy = "1";
    if ("locate" in form.dataset) await fillPlace(form);
    const fields = [...new FormData(form, event.submitter)].filter(([name, value]) => name !== "csrf_token" && !(value instanceof File && !value.size));
    const key = freshKey();
    const entry = {
      key, kind: form.dataset.queue, label: form.dataset.label, url: new URL(form.action).pathname, at: Date.now(),
      fields: fields.map(([name, value]) => (name === "form_key" ? [name, key] : [name, value])),
      isOpen: "open" in form.dataset, token: form.elements.csrf_token?.value,
    };
    try {
      await store.put(entry);
    } catch {
      // a telephone that keeps nothing sends the form as it is
      form.submit();
      return;
    }
    say(box.dataset.sending);
    await flush();
    delete form.dataset.isBusy;
    const kept = (await store.all()).find((one) => one.key === key);
    if (!kept || !kept.refused) form.reset();
    form.hidden = form.dataset.queue === "receipt" && !kept?.refused;
    scrollTo({ top: 0 });
  });
});

document.querySelectorAll("[data-near]").forEach((button) => {
  button.hidden = !navigator.geolocation;
  button.addEventListener("click", async () => {
    await fillPlace(button.form);
    button.form.requestSubmit();
  });
});
document.querySelector("[data-queue-send]")?.addEventListener("click", () => flush(true));
document.querySelector("[data-queue-export]")?.addEventListener("click", exportAll);

addEventListener("online", () => flush());
setInterval(flush, RETRY_MS);
await show();
flush(true);
if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/sw.js").catch(() => {});
  // it keeps what it sees: only once it stands between this page and the net
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => {
      navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
      setTimeout(done, PATIENCE_MS);
    });
  }
  // what this page was made of came before the worker could keep it
  const parts = performance.getEntriesByType("resource").map((part) => new URL(part.name))
    .filter((url) => url.origin === location.origin && /^\/(static|assets)\//.test(url.pathname));
  for (const url of parts) await fetch(url).catch(() => {});
  // what may have to be received without a signal is fetched while there is one
  const links = [...document.querySelectorAll("a.task[href$='/receive']")].slice(0, MOST_AHEAD);
  for (const link of links) await fetch(link.href).catch(() => {});
  document.documentElement.dataset.isReady = "1";
}
