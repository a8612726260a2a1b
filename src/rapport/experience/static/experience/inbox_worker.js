// Shows the one sentence it is sent, and opens the patient's own link when it is pressed. Keeps nothing.
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(said.title || "", { body: said.body || "", data: { path: said.path } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = String((event.notification.data || {}).path || "");
  if (path.startsWith("/inbox/")) event.waitUntil(self.clients.openWindow(path));
});
