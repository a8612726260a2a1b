// A poll is not a person: it says so, and the server does not let it keep the session alive.
import { say } from "./toast.js";

function isBackground(element) {
  return element.hasAttribute("data-background") || /\bevery\s/.test(element.getAttribute("hx-trigger") || "");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (isBackground(event.detail.elt)) event.detail.headers["X-Background"] = "1";
});

// A session that ended answers a fragment with the login page: go there instead of drawing it into the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { status, responseURL } = event.detail.xhr;
  const login = document.body.dataset.login;
  if (status === 401 || (login && responseURL && new URL(responseURL).pathname === login)) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  // Errors at fields come back with 422 and are shown where the form stood.
  if (status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
});

// What did not work is said, unless nobody asked for it.
const words = () => document.getElementById("toasts")?.dataset ?? {};
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401 || isBackground(event.detail.elt)) return;
  const reference = event.detail.xhr.getResponseHeader("X-Reference");
  say(words().failed + (reference ? ` (${reference})` : ""), "bad");
});
document.addEventListener("htmx:sendError", (event) => {
  if (!isBackground(event.detail.elt)) say(words().offline, "bad");
});
