// The check-in of a member: its own time, the place where the telephone may tell it, and no loss where
// there is no signal: what could not be sent is kept on the telephone and sent later, once (its key says so).
// Without this file the form is sent as it is.
const RETRY_MS = 30000;
const PATIENCE_MS = 10000;
const drift = Date.parse(document.body.dataset.now) - Date.now();
const form = document.querySelector("form[data-check-in]");
const STORE = `check-in:${location.pathname}`;

const kept = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
const keep = (list) => localStorage.setItem(STORE, JSON.stringify(list));

function say(sentence) {
  const line = form.querySelector("[role=status]");
  line.textContent = sentence;
  line.hidden = false;
}

async function send(fields) {
  const body = new URLSearchParams(fields);
  // the token of the page as it is now: the one kept may be of a session that has ended
  body.set("csrf_token", form.elements.csrf_token.value);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  // a failing server is tried again, an answer in words is not
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

async function sendKept() {
  for (const fields of kept()) {
    try {
      await send(fields);
    } catch {
      return;
    }
    keep(kept().filter((other) => other.form_key !== fields.form_key));
    if (kept().length === 0) location.reload();
  }
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
      say(form.dataset.seeking);
      await locate();
    }
    const fields = Object.fromEntries(new FormData(form));
    try {
      const answer = await send(fields);
      // refused in words: let the browser show the page that says so
      if (answer.type === "opaqueredirect") location.reload();
      else form.submit();
    } catch {
      keep([...kept().filter((other) => other.form_key !== fields.form_key), fields]);
      say(form.dataset.waiting);
    }
  });
  addEventListener("online", sendKept);
  setInterval(sendKept, RETRY_MS);
  sendKept();
}
