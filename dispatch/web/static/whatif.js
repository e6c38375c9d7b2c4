// Sliders beside the number fields, and the answer at once. Without this file the form works as a plain GET form.
const DELAY_MS = 150;
const form = document.getElementById("what-if");
const answer = document.getElementById("answer");
const bar = document.getElementById("verdict-bar");
let timer = 0;
let running = null;

const nearest = (stops, value) => {
  let best = 0;
  stops.forEach((stop, index) => {
    if (Math.abs(stop - value) < Math.abs(stops[best] - value)) best = index;
  });
  return best;
};

const whole = (text) => Number(text.replace(/[,，\s]/g, ""));

for (const slider of form.querySelectorAll("input[type=range]")) {
  const field = document.getElementById(slider.dataset.for);
  const stops = slider.dataset.stops.split(" ").map(Number);
  const show = () => {
    const value = whole(field.value);
    slider.value = field.value.trim() && Number.isFinite(value) ? nearest(stops, value) : 0;
    slider.setAttribute("aria-valuetext", field.value.trim() || "—");
  };
  slider.hidden = false;
  slider.addEventListener("input", () => {
    field.value = String(stops[Number(slider.value)]);
    slider.setAttribute("aria-valuetext", stops[Number(slider.value)].toLocaleString());
    ask();
  });
  field.addEventListener("input", show);
  show();
}

function ask() {
  clearTimeout(timer);
  timer = setTimeout(fetchAnswer, DELAY_MS);
}

async function fetchAnswer() {
  running?.abort();
  running = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  history.replaceState(null, "", `?${query}`);
  query.set("html", "1");
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`${form.dataset.answer}?${query}`, { signal: running.signal });
    const body = await response.json();
    const isOpen = answer.querySelector("details")?.open ?? false;
    if (response.ok) answer.innerHTML = body.html;
    else say(body.error[document.documentElement.lang === "en" ? "message" : "message_zh"]);
    const details = answer.querySelector("details");
    if (details) details.open = isOpen;
  } catch (error) {
    if (error.name === "AbortError") return;
    say(form.dataset.failed);
  }
  answer.removeAttribute("aria-busy");
  showBar();
}

// on a phone the answer lies below the sliders; its first line stays in sight
function showBar() {
  const line = answer.querySelector(".big");
  bar.hidden = line === null;
  if (line) bar.innerHTML = line.innerHTML;
}

function say(sentence) {
  const line = document.createElement("p");
  line.className = "flash fault";
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  answer.replaceChildren(line);
}

form.addEventListener("input", (event) => {
  if (event.target.type !== "range") ask();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  fetchAnswer();
});
showBar();
