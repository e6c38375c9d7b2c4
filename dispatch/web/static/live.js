// Live parts: each element with data-live is asked for again every few seconds and replaced when it changed.
// The server answers 304 as long as nothing did; a page nobody looks at asks nothing.
const EVERY_MS = 2000;
const SLOWEST_MS = 30000;

function keep(part) {
  let since = part.dataset.tag;
  let wait = EVERY_MS;
  async function look() {
    if (!document.hidden) {
      try {
        const address = new URL(part.dataset.live, location.href);
        address.searchParams.set("since", since);
        const answer = await fetch(address, { cache: "no-store" });
        // sent to the login page: the person has been logged out
        if (answer.redirected) return location.reload();
        wait = answer.status < 400 ? EVERY_MS : Math.min(wait * 2, SLOWEST_MS);
        if (answer.status === 200) {
          since = (answer.headers.get("ETag") ?? "").replaceAll('"', "");
          part.innerHTML = await answer.text();
        }
      } catch {
        wait = Math.min(wait * 2, SLOWEST_MS);
      }
    }
    setTimeout(look, wait);
  }
  setTimeout(look, EVERY_MS);
}

document.querySelectorAll("[data-live]").forEach(keep);
