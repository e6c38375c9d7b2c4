// The page follows its data.  What may change is asked for every other second and the server answers 304 as long as
// nothing did.  A page nobody looks at asks seldom.  When the server cannot be heard the page says so, and as of when
// its data is; when the person has been logged out it says that, and keeps what was typed (drafts.js).
//   body's tag (the page rests on live data): the whole page is asked for and patched;
//   data-live (a part with an address of its own): that part is asked for and replaced;
//   neither: only whether the server answers.
import { keepDrafts } from "./drafts.js";
import "./search.js";
import { isBusy, patch, plain } from "./patch.js";

const EVERY_MS = 2000;
const QUIET_MS = 6000;
const HIDDEN_MS = 30000;
// while the server tells by itself, asking is only for what turns with the minute
const TOLD_MS = 20000;
const PATIENCE_MS = 5000;
const banner = document.getElementById("pulse");
const main = document.querySelector("main");
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
const state = { asOf: document.body.dataset.now, isLost: false, isOut: false, isHeld: false, isTold: false };
const asking = [];

function tell() {
  const words = state.isOut ? "out" : state.isLost ? "lost" : state.isHeld ? "held" : "";
  banner.hidden = !words;
  document.body.classList.toggle("is-lost", state.isLost);
  banner.className = `pulse ${words}`;
  const text = words ? banner.dataset[words].replace("{t}", local.format(new Date(state.asOf))) : "";
  const line = banner.querySelector("span");
  if (line.textContent !== text) line.textContent = text;
  banner.querySelector("a").hidden = words !== "out";
}

function heard(answer) {
  const wasLost = state.isLost;
  state.asOf = answer.headers.get("X-As-Of") ?? state.asOf;
  state.isLost = false;
  state.isOut = false;
  document.dispatchEvent(new CustomEvent("live:heard", { detail: { asOf: state.asOf } }));
  if (wasLost) asking.forEach((ask) => ask.now());
  tell();
}

function lost() {
  if (!state.isLost) document.dispatchEvent(new CustomEvent("live:lost", { detail: { asOf: state.asOf } }));
  state.isLost = true;
  tell();
}

// asks again and again; ``take`` gets an answer that brought something new
function follow(address, tag, every, take) {
  let since = tag;
  let timer = 0;
  let isAsking = false;
  async function look() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    try {
      const url = new URL(address, location.href);
      if (tag && take.isPart) url.searchParams.set("since", since);
      const answer = await fetch(url, {
        cache: "no-store", redirect: "manual", headers: { "X-Live": since || "1" }, signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.type === "opaqueredirect") {
        // what the page showed has another address now
        if (![...document.forms].some(isBusy)) location.reload();
      } else if (answer.status === 401) {
        state.isLost = false;
        state.isOut = true;
        tell();
      } else if (answer.status >= 500) {
        lost();
      } else {
        heard(answer);
        since = (answer.headers.get("ETag") ?? "").replace(/^W\//, "").replaceAll('"', "") || since;
        if (answer.status === 200) take(await answer.text());
      }
    } catch {
      lost();
    }
    isAsking = false;
    // boards that lost the server together must not all come back in the same moment
    timer = setTimeout(look, (document.hidden ? HIDDEN_MS : state.isTold ? TOLD_MS : every) * (0.85 + 0.3 * Math.random()));
  }
  timer = setTimeout(look, every * Math.random());
  asking.push({ now: () => setTimeout(look, 0) });
}

function followPage() {
  let before = plain(main.cloneNode(true));
  let after = before;
  const token = document.querySelector("input[name=csrf_token]")?.value ?? "";
  function show() {
    state.isHeld = !patch(main, before, after, token);
    if (!state.isHeld) before = after;
    tell();
    document.dispatchEvent(new CustomEvent("live:changed"));
    document.dispatchEvent(new CustomEvent("map:refresh"));
  }
  follow(location.href.replace(/#.*/, ""), banner.dataset.tag, EVERY_MS, (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector("main");
    if (!fresh) return;
    after = plain(fresh);
    show();
  });
  addEventListener("focusout", () => setTimeout(() => state.isHeld && show(), 0));
  addEventListener("drafts:dropped", () => state.isHeld && show());
}

function followPart(part) {
  const take = (text) => {
    if ([...part.querySelectorAll("form")].some(isBusy)) return;
    part.innerHTML = text;
    document.dispatchEvent(new CustomEvent("live:changed"));
  };
  take.isPart = true;
  follow(part.dataset.live, part.dataset.tag, EVERY_MS, take);
}

// the server's word that something changed; where it has no thread to spare, asking goes on as ever
function listen() {
  if (!banner.dataset.stream) return;
  const source = new EventSource(banner.dataset.stream);
  source.addEventListener("open", () => { state.isTold = true; });
  source.addEventListener("error", () => { state.isTold = false; });
  source.addEventListener("message", () => asking.forEach((ask) => ask.now()));
  addEventListener("pagehide", () => source.close());
}

if (banner) {
  const parts = document.querySelectorAll("[data-live]");
  if (banner.dataset.tag) followPage();
  parts.forEach(followPart);
  if (!banner.dataset.tag && !parts.length) follow(banner.dataset.here, "", QUIET_MS, () => {});
  document.addEventListener("visibilitychange", () => !document.hidden && asking.forEach((ask) => ask.now()));
  addEventListener("online", () => asking.forEach((ask) => ask.now()));
  addEventListener("offline", lost);
  listen();
}
if (banner || document.querySelector("input[type=password]")) keepDrafts(() => state.isLost);
