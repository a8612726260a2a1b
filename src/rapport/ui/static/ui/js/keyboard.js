// Every flow works without a mouse: "/" searches, j and k move in a list, Enter opens, "?" shows the keys.
import { open } from "./dialog.js";

function typing(element) {
  return element.closest("input, textarea, select, [contenteditable=true], dialog[open]") !== null;
}

function rows() {
  const lists = [...document.querySelectorAll("[data-keys]")].filter((list) => list.offsetParent !== null);
  return lists.flatMap((list) => [...list.querySelectorAll("[data-href]")]);
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("chosen"));
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
  all[now]?.classList.remove("chosen");
  const row = all[next];
  row.classList.add("chosen");
  (row.querySelector("a[href]") || row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open(document.getElementById("palette"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("main [type=search]") || document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    move(event.key === "j" ? 1 : -1);
  } else if (event.key === "?") {
    open(document.getElementById("palette"));
  } else if (event.key === "Enter") {
    const row = document.querySelector("[data-keys] .chosen[data-href]");
    if (row && !event.target.closest("a, button, summary")) location.assign(row.dataset.href);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("input[type=search]")) event.target.blur();
});

// A press anywhere on a row opens it, except on something that does its own thing, or while text is being marked.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-keys] [data-href]");
  if (!row || event.target.closest("a, button, input, select, label, summary, form")) return;
  if (String(getSelection())) return;
  if (event.metaKey || event.ctrlKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});
