// “Tell me on this device”: asks the browser, then sends its address and keys with the form.
const form = document.getElementById("tell");

if (form && "serviceWorker" in navigator && "PushManager" in window) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    try {
      await navigator.serviceWorker.register(form.dataset.worker);
      const ready = await navigator.serviceWorker.ready;
      const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.key });
      const said = made.toJSON();
      form.elements.endpoint.value = said.endpoint;
      form.elements.p256dh.value = said.keys.p256dh;
      form.elements.auth.value = said.keys.auth;
      form.submit();
    } catch {
      document.getElementById("tell-no").textContent = form.dataset.no;
    }
  });
}
