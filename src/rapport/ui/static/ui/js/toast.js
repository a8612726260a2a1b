// Toasts go by themselves, but not while they are read (pointer or focus on them), and an error stays until it is dismissed.
const LIFE_MS = 8000;

function start(toast) {
  toast.dataset.started = "";
  const bad = toast.classList.contains("toast-bad");
  if (bad && toast.querySelector("[data-toast-close]")) return;
  let timer;
  const stay = () => clearTimeout(timer);
  const leave = () => { stay(); timer = setTimeout(() => toast.remove(), bad ? 3 * LIFE_MS : LIFE_MS); };
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, leave);
  leave();
}

function startAll() {
  for (const toast of document.querySelectorAll(".toasts [data-toast]:not([data-started])")) start(toast);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove();
});
document.addEventListener("htmx:afterSettle", startAll);
startAll();

export function say(text, tone = "good") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const toast = document.createElement("div");
  toast.className = `toast toast-${tone}`;
  toast.setAttribute("role", tone === "bad" ? "alert" : "status");
  toast.dataset.toast = "";
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  place.append(toast);
  startAll();
}
