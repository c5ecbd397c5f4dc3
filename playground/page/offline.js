// Keeps the files of the page, so that it works without a network. `BUILT` is what the build adds:
// the names of the files, and a version that changes with them.
const CACHE = `playground-${BUILT.version}`;

self.addEventListener("install", (event) => {
  const requests = BUILT.files.map((name) => new Request(name, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("playground-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const name = request.url.slice(self.registration.scope.length).replace(/[?#].*$/, "");
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(name || "index.html"))
      .then((kept) => kept ?? fetch(request)),
  );
});
