// Keeps the pages of the telephone for when there is no signal: the net first, what was last seen after it.
// Only pages for receiving and reporting are kept, never plans: there is no allocation without the server.
const CACHE = "phone-1";
const PAGES = ["/phone", "/phone/queue", "/roads/new"];
const PARTS = ["/static/app.css", "/static/execution.css", "/static/phone.js", "/static/queue-store.js"];
const isKept = (path) => PAGES.includes(path) || /^\/waybills\/[^/]+\/receive$/.test(path);
const isStatic = (path) => path.startsWith("/static/") || path.startsWith("/assets/");
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([...PAGES, ...PARTS].map(async (page) => {
      const answer = await fetch(page, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) await cache.put(page, answer);
    }));
    await self.skipWaiting();
  })().catch(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function netFirst(request, key) {
  const cache = await caches.open(CACHE);
  const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("slow")), PATIENCE_MS); });
  const kept = await cache.match(key);
  const asked = fetch(request).then((answer) => {
    if (answer.ok && !answer.redirected) cache.put(key, answer.clone());
    return answer;
  });
  try {
    return await (kept ? Promise.race([asked, late]) : asked);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  // another person may take the telephone: what was kept for this one goes
  if (url.pathname === "/logout") { event.waitUntil(caches.delete(CACHE)); return; }
  if (event.request.method !== "GET") return;
  if (isKept(url.pathname)) event.respondWith(netFirst(event.request, url.pathname + (url.searchParams.has("stop") ? url.search : "")));
  else if (isStatic(url.pathname)) event.respondWith(netFirst(event.request, url.pathname));
});
