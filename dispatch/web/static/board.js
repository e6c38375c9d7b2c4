// The board beyond what works without scripts: the time slider, ages that run, what the address points
// at, and layers that are asked for anew when the page has heard of something new.
const board = document.getElementById("board");
const map = window.sceneMap;

function slider(form) {
  const label = form.querySelector(".slide");
  const range = label.querySelector("input");
  const output = label.querySelector("output");
  const input = form.elements.at;
  const now = Date.parse(form.dataset.now);
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });
  label.hidden = false;
  form.classList.add("has-slide");
  range.addEventListener("input", () => {
    const text = local.format(new Date(now + range.value * 60000));
    output.textContent = text;
    input.value = Number(range.value) ? text.replace(" ", "T") : "";
  });
  range.addEventListener("change", () => {
    input.disabled = !Number(range.value);
    form.submit();
  });
}

function ages() {
  const drift = Date.parse(document.body.dataset.now) - performance.timeOrigin;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always", style: "short" });
  function show() {
    for (const time of document.querySelectorAll("time.ago")) {
      const minutes = Math.round((Date.parse(time.dateTime) - Date.now() - drift) / 60000);
      time.title = time.title || time.textContent;
      time.textContent = Math.abs(minutes) < 60 ? words.format(minutes, "minute")
        : Math.abs(minutes) < 2880 ? words.format(Math.round(minutes / 60), "hour") : words.format(Math.round(minutes / 1440), "day");
    }
  }
  show();
  setInterval(show, 30000);
  document.addEventListener("live:changed", show);
}

const form = document.getElementById("scale");
if (form) slider(form);
if (board) {
  ages();
  if (map && board.dataset.focus) map.show(board.dataset.focus, 9);
  // what cannot be had now is had with the next change; that the server is lost the page says elsewhere
  if (map) document.addEventListener("map:refresh", () => map.refreshAll().catch(() => {}));
}
