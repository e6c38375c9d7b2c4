// The check-in of a member: its own time, the place where the telephone may tell it, and no loss where
// there is no signal: each one is kept on the telephone until the server has taken it (its key says so, once).
// Without this file the form is sent as it is.
const RETRY_MS = 30000;
const PATIENCE_MS = 10000;
const drift = Date.parse(document.body.dataset.now) - Date.now();
const form = document.querySelector("form[data-check-in]");
const box = document.querySelector("[data-kept]");
const STORE = `check-in:${location.pathname}`;

const kept = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
const keep = (list) => localStorage.setItem(STORE, JSON.stringify(list));
const forget = (key) => keep(kept().filter((one) => one.form_key !== key));
const tokens = (page) => page.querySelectorAll("input[name=csrf_token]");
// not randomUUID, which a page without https lacks
const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

function say(sentence) {
  const line = box.querySelector("[role=status]");
  line.textContent = sentence;
  line.hidden = false;
}

async function post(fields) {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", tokens(document)[0].value);
  const answer = await fetch(box.dataset.action, { method: "POST", body, redirect: "manual" });
  if (answer.type === "opaqueredirect") return null;
  // a failing server is tried again; a plain page is none of its answers but somebody's login to a network
  if (answer.status < 400 || answer.status >= 500) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return Array.from(page.querySelectorAll("main p"), (p) => p.textContent).slice(0, 2).join(" ") || String(answer.status);
}

async function renewToken() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = tokens(page)[0];
  if (answer.ok && fresh) tokens(document).forEach((field) => { field.value = fresh.value; });
}

// null when the server took it, else its words why not; throws where nobody answers
async function send(fields) {
  const refused = await post(fields);
  if (refused === null) return null;
  // the token may be of a session that has ended
  await renewToken();
  return post(fields);
}

function show() {
  const list = box.querySelector("ul");
  const refused = kept().filter((one) => one.refused);
  list.replaceChildren(...refused.map((one) => {
    const line = document.createElement("li");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.textContent = box.dataset.drop;
    drop.addEventListener("click", () => { forget(one.form_key); show(); });
    line.append(`${new Date(one.at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })} ${one.text ?? ""} — ${one.refused} `, drop);
    return line;
  }));
  box.querySelector("[data-refused]").hidden = refused.length === 0;
}

let isSending = false;

// those refused before are tried again when the page is opened anew, not all the time
async function sendKept(again = false) {
  if (isSending) return;
  isSending = true;
  const tried = new Set();
  const next = () => kept().find((one) => !tried.has(one.form_key) && (again || !one.refused));
  let taken = 0;
  try {
    for (let one = next(); one; one = next()) {
      const { refused: _, ...fields } = one;
      tried.add(fields.form_key);
      const words = await send(fields);
      if (words === null) {
        forget(fields.form_key);
        taken += 1;
      } else {
        box.querySelector("[role=status]").hidden = true;
        keep(kept().map((other) => (other.form_key === fields.form_key ? { ...fields, refused: words } : other)));
      }
    }
  } catch {
    // no signal, or nobody there: all is still kept
    say(box.dataset.waiting);
  } finally {
    isSending = false;
    show();
  }
  if (!taken) return;
  // neither a report half written nor what was refused is to be lost from sight
  if (kept().length || document.querySelector("textarea").value) say(box.dataset.sent);
  else location.reload();
}

function locate() {
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (found) => {
        form.elements.lon.value = found.coords.longitude.toFixed(5);
        form.elements.lat.value = found.coords.latitude.toFixed(5);
        done();
      },
      () => done(),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60000 },
    );
  });
}

if (form) {
  const place = form.querySelector("button[value=place]");
  place.hidden = !navigator.geolocation;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.elements.at.value = new Date(Date.now() + drift).toISOString();
    if (event.submitter === place) {
      say(box.dataset.seeking);
      await locate();
    }
    const { csrf_token: _, ...fields } = Object.fromEntries(new FormData(form));
    try {
      keep([...kept(), fields]);
    } catch {
      // a telephone that keeps nothing sends the form as it is
      form.submit();
      return;
    }
    // the next one is another
    form.elements.form_key.value = freshKey();
    say(box.dataset.sending);
    await sendKept();
  });
}
if (box) {
  addEventListener("online", () => sendKept());
  setInterval(sendKept, RETRY_MS);
  sendKept(true);
}
