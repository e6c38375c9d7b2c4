// Keeps the pages of the telephone for when there is no signal: the net first, what was last seen after it.
// Only pages for receiving and reporting are kept, never plans: there is no allocation without the server.
const KEPT_PAGES = "phone-pages-1";
const KEPT_PARTS = "phone-parts-1";
const PAGES = ["/phone", "/phone/queue", "/roads/new"];
const isKept = (path) => PAGES.includes(path) || /^\/waybills\/[^/]+\/receive$/.test(path);
const isStatic = (path) => path.startsWith("/static/") || path.startsWith("/assets/");
const PATIENCE_MS = 4000;

async function keep(path) {
  const answer = await fetch(path, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) await (await caches.open(KEPT_PAGES)).put(path, answer);
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    await Promise.all(PAGES.map(keep)).catch(() => {});
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (![KEPT_PAGES, KEPT_PARTS].includes(name)) await caches.delete(name);
    await self.clients.claim();
  })());
});

const slow = () => new Promise((_, fail) => { setTimeout(() => fail(new Error("slow")), PATIENCE_MS); });

async function netFirst(event, name, key) {
  const cache = await caches.open(name);
  const kept = await cache.match(key);
  const asked = fetch(event.request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    return answer;
  });
  event.waitUntil(asked.catch(() => {}));
  try {
    return await (kept ? Promise.race([asked, slow()]) : asked);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  // another person may take the telephone: what was kept for this one goes
  if (url.pathname === "/logout") { event.waitUntil(caches.delete(KEPT_PAGES)); return; }
  // a page that asks whether it is still fresh wants the server, not what is kept
  if (event.request.method !== "GET" || event.request.headers.has("X-Live")) return;
  const key = url.pathname + (url.searchParams.has("stop") ? url.search : "");
  if (isKept(url.pathname)) event.respondWith(netFirst(event, KEPT_PAGES, key));
  else if (isStatic(url.pathname)) event.respondWith(netFirst(event, KEPT_PARTS, url.pathname));
});
