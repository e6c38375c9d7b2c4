// The drill's clock runs on between two answers of the server, as fast as the leader set it.
const shown = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});
let from = "";
let began = 0;

function turn() {
  const clock = document.getElementById("drill-clock");
  if (!clock) return;
  if (clock.dateTime !== from) {
    from = clock.dateTime;
    began = Date.now();
  }
  const at = Date.parse(from) + (Date.now() - began) * Number(clock.dataset.rate);
  const words = shown.format(new Date(at));
  if (clock.textContent !== words) clock.textContent = words;
}

setInterval(turn, 500);
