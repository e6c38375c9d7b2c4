// The frame of every page: how old the data is and whether the server still answers, closing what lies over the page,
// and tables that can be sorted and scrolled by keyboard.  Without it everything else works.
import { makeSortable } from "./tables.js";

const EVERY_MS = 10_000;
const age = document.querySelector(".age");
let madeAt = Date.now();
let since = age?.textContent.match(/\d\d:\d\d/)?.[0] ?? "";
let isLost = false;
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

function tell() {
  const minutes = Math.floor((Date.now() - madeAt) / 60_000);
  const words = isLost ? age.dataset.lost.replace("{t}", since)
    : minutes ? age.dataset.minutes.replace("{n}", minutes) : age.dataset.fresh;
  if (age.textContent !== words) age.textContent = words;
  age.classList.toggle("lost", isLost);
  if (isLost) age.setAttribute("role", "alert");
  else age.removeAttribute("role");
}

// live.js asks the server and tells what it heard
function heard(event) {
  isLost = event.type === "live:lost";
  if (!isLost) madeAt = Date.now();
  since = local.format(new Date(event.detail.asOf));
  tell();
}

if (age) {
  tell();
  setInterval(tell, EVERY_MS);
  document.addEventListener("live:heard", heard);
  document.addEventListener("live:lost", heard);
}

const menu = document.querySelector("details.menu");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (location.hash === "#more") location.hash = "#main";
});
addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

const frames = [...document.querySelectorAll(".scroll")];

// a frame that scrolls and has nothing in it to step to must be reachable itself
function letReach(frame) {
  const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
  if (scrolls && !frame.querySelector("a, button, input, select, textarea")) frame.tabIndex = 0;
  else frame.removeAttribute("tabindex");
}

frames.forEach((frame) => {
  frame.querySelectorAll("table").forEach(makeSortable);
  letReach(frame);
});
addEventListener("resize", () => frames.forEach(letReach));
