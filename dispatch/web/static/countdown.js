// Countdowns: each <time class="countdown" datetime=…> tells how long is left, or how long it is overdue.
// Time is the server's (a demo runs in the past): the page says what it was when it was made.
const drift = Date.parse(document.body.dataset.now) - Date.now();
const pad = (n) => String(n).padStart(2, "0");

function show(clock) {
  const left = Math.round((new Date(clock.dateTime) - Date.now() - drift) / 1000);
  const span = Math.abs(left);
  const words = `${Math.floor(span / 3600)}:${pad(Math.floor((span % 3600) / 60))}:${pad(span % 60)}`;
  clock.title ||= clock.textContent;
  clock.textContent = `${left < 0 ? clock.dataset.over : clock.dataset.left} ${words}`;
  clock.classList.toggle("late", left < 0);
  clock.classList.toggle("soon", left >= 0 && left < 900);
}

// asked each time: a page that follows its data gets new ones
const all = () => document.querySelectorAll("time.countdown").forEach(show);
all();
setInterval(all, 1000);
document.addEventListener("live:changed", all);
