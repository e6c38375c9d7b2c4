// What was typed and not yet sent is kept in this tab (sessionStorage) until the server took it: a lost connection or a
// session that ended costs nobody their work.  Passwords, files and hidden fields are not kept.
const KEY = "draft:";
const words = document.getElementById("draft-words")?.dataset ?? {};
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

const isKept = (form) => form.method === "post" && !form.matches("[data-no-draft], .top *, header *");
const fields = (form) => [...form.elements].filter((f) => f.name && !["hidden", "password", "file", "submit", "button"].includes(f.type) && f.tagName !== "BUTTON");

function nameOf(form) {
  const action = form.getAttribute("action") ?? "";
  const same = [...document.querySelectorAll("form")].filter((f) => (f.getAttribute("action") ?? "") === action);
  return `${action}#${same.indexOf(form)}`;
}

const read = (path) => JSON.parse(sessionStorage.getItem(KEY + path) ?? "null");

function write(path, draft) {
  try {
    if (draft && Object.keys(draft.forms).length) sessionStorage.setItem(KEY + path, JSON.stringify(draft));
    else sessionStorage.removeItem(KEY + path);
  } catch {
    // a full or forbidden store: the form itself still works
  }
}

const paths = () => Object.keys(sessionStorage).filter((key) => key.startsWith(KEY)).map((key) => key.slice(KEY.length));

function keep(form, isSent) {
  const draft = read(location.pathname) ?? { forms: {} };
  const told = fields(form).map((f) => [f.name, f.type === "checkbox" || f.type === "radio" ? [f.value, f.checked] : f.value]);
  draft.forms[nameOf(form)] = { at: Date.now(), isSent, told };
  write(location.pathname, draft);
}

function fill(form, told) {
  for (const [name, value] of told) {
    const same = fields(form).filter((f) => f.name === name);
    if (Array.isArray(value)) same.filter((f) => f.value === value[0]).forEach((f) => { f.checked = value[1]; });
    else if (same.length) same[0].value = value;
  }
  form.dataset.isDirty = "1";
  form.closest("details")?.setAttribute("open", "");
}

function giveBack() {
  const draft = read(location.pathname);
  if (!draft) return;
  let at = 0;
  for (const [name, kept] of Object.entries(draft.forms)) {
    const form = [...document.querySelectorAll("form")].find((f) => isKept(f) && nameOf(f) === name);
    if (!form) continue;
    fill(form, kept.told);
    at = Math.max(at, kept.at);
  }
  if (!at) return;
  const note = document.createElement("p");
  note.className = "flash kept";
  note.setAttribute("role", "status");
  note.dataset.keep = "";
  note.append(words.back.replace("{t}", local.format(at)), " ");
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = words.drop;
  drop.addEventListener("click", () => {
    write(location.pathname, null);
    location.reload();
  });
  note.append(drop);
  document.querySelector("main").before(note);
}

// sent and taken: the server answered with a page that is not the login page
function settle(isLogin) {
  const arrived = performance.getEntriesByType("navigation")[0]?.type;
  for (const path of paths()) {
    const draft = read(path);
    for (const [name, kept] of Object.entries(draft.forms)) {
      if (!kept.isSent) continue;
      if (isLogin) kept.isSent = false;
      else if (arrived === "navigate") delete draft.forms[name];
    }
    write(path, draft);
  }
}

export function keepDrafts(isLost) {
  const isLogin = document.querySelector("input[type=password][autocomplete=current-password]") !== null;
  settle(isLogin);
  if (isLogin) return;
  giveBack();
  addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !isKept(form)) return;
    form.dataset.isDirty = "1";
    keep(form, false);
  });
  addEventListener("submit", (event) => {
    if (!isKept(event.target)) return;
    if (isLost()) {
      event.preventDefault();
      keep(event.target, false);
      alertLost(event.target);
      return;
    }
    if (fields(event.target).length) keep(event.target, true);
  });
}

function alertLost(form) {
  let line = form.querySelector(".not-sent");
  if (!line) {
    line = document.createElement("p");
    line.className = "not-sent ask";
    line.setAttribute("role", "alert");
    form.append(line);
  }
  line.textContent = words.unsent;
}
