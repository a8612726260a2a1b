// Dialogs, drawers and menus: opened and closed by attributes; the browser's own <dialog> keeps the focus.
export function open(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) open(document.getElementById(opener.dataset.dialog));

  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();

  // A press on the backdrop lands on the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail > 0) event.target.close();
  }

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }

  toggleSidebar(event);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  closeSidebar();
});

// A menu opens to the left of its button, unless the screen ends there.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details[data-menu]") || !menu.open) return;
  menu.classList.remove("menu-start");
  menu.classList.toggle("menu-start", menu.querySelector(".menu-list").getBoundingClientRect().left < 8);
}, { capture: true });

function toggleSidebar(event) {
  const opener = event.target.closest("[data-drawer]");
  const bar = document.getElementById("sidebar");
  if (!bar) return;
  if (opener) {
    const opened = bar.classList.toggle("sidebar-open");
    opener.setAttribute("aria-expanded", String(opened));
    if (opened) bar.querySelector("a")?.focus();
  } else if (!bar.contains(event.target)) {
    closeSidebar();
  }
}

function closeSidebar() {
  const bar = document.getElementById("sidebar");
  if (!bar?.classList.contains("sidebar-open")) return;
  bar.classList.remove("sidebar-open");
  const opener = document.querySelector("[data-drawer=sidebar]");
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
}

function openMarked(within) {
  for (const dialog of within.querySelectorAll("dialog[data-open]")) open(dialog);
}
openMarked(document);
document.addEventListener("htmx:afterSwap", (event) => openMarked(event.target));
