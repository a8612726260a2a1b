// Fields that only mean something while another field has a certain value: `data-when="id of that field" data-is="values"`.
document.addEventListener("change", (event) => {
  const field = event.target;
  const value = field.type === "checkbox" && !field.checked ? "" : field.value;
  for (const part of document.querySelectorAll(`[data-when="${CSS.escape(field.id || "-")}"]`)) {
    part.hidden = !part.dataset.is.split(" ").includes(value);
  }
});

// Lists that get shorter while somebody types. Such a field is no part of the form: what is typed there counts nobody.
const plainly = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const narrow = (typed, entries, words) => {
  const wanted = plainly(typed).split(/\s+/).filter(Boolean);
  const found = entries.filter((one) => {
    const said = plainly(words(one)).split(/[^\p{L}\p{N}]+/u);
    one.hidden = !wanted.every((word) => said.some((has) => has.startsWith(word) || (has.length > 3 && word.startsWith(has))));
    return !one.hidden;
  });
  return found;
};
const wordsOf = (button) => `${button.textContent} ${button.dataset.words ?? ""}`;
const narrowMenu = (menu, typed) => {
  const entries = [...menu.querySelectorAll("[data-words]")];
  const found = narrow(typed, entries, wordsOf);
  // What is called so comes before what is only described so: Enter takes the first.
  const named = found.filter((one) => plainly(one.textContent).trim().startsWith(plainly(typed).trim()));
  for (const one of entries) one.classList.toggle("chosen", Boolean(typed.trim()) && one === (named[0] ?? found[0]));
  for (const part of menu.querySelectorAll(".builder-menu-part")) {
    part.hidden = !part.querySelector("[data-words]:not([hidden])");
  }
  menu.querySelector(".builder-menu-none").hidden = found.length > 0;
};
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-pick-search]")) {
    event.stopPropagation();
    narrowMenu(event.target.closest("details"), event.target.value);
  } else if (event.target.matches("[data-narrow]")) {
    event.stopPropagation();
    narrow(event.target.value, [...event.target.closest("fieldset").querySelectorAll("label.check")], (one) => one.textContent);
  }
}, true);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-search], [data-narrow]")) event.stopPropagation();
}, true);

// The menu of criteria: typing finds, arrows move, Enter takes.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("[data-pick]") || !menu.open) return;
  const search = menu.querySelector("[data-pick-search]");
  search.parentElement.hidden = false;
  search.value = "";
  narrowMenu(menu, "");
  search.focus({ preventScroll: true });
}, true);
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-pick][open]");
  if (!menu) return;
  const shown = [...menu.querySelectorAll("[data-words]:not([hidden])")];
  const search = menu.querySelector("[data-pick-search]");
  if (event.key === "Enter" && event.target === search) {
    event.preventDefault();
    (menu.querySelector("[data-words].chosen") ?? (search.value.trim() ? shown[0] : null))?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const at = shown.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (at < 0 ? search : shown[Math.min(at, shown.length - 1)])?.focus();
  }
});

// Offers under a picker: the arrow leads into them, Escape clears them.
document.addEventListener("keydown", (event) => {
  const search = event.target.closest?.("[data-finds]");
  const list = search ? document.getElementById(search.dataset.finds) : event.target.closest?.(".builder-found");
  if (!list) return;
  const offers = [...list.querySelectorAll(".builder-pick")];
  if (event.key === "Enter" && search) {
    event.preventDefault();
    offers[0]?.focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && offers.length) {
    event.preventDefault();
    const at = offers.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (at < 0) document.querySelector(`[data-finds="${CSS.escape(list.id)}"]`)?.focus();
    else offers[Math.min(at, offers.length - 1)].focus();
  } else if (event.key === "Escape" && offers.length) {
    list.replaceChildren();
    document.querySelector(`[data-finds="${CSS.escape(list.id)}"]`)?.focus();
  }
});

// Long lists have a field to find in, where there is script to do it.
const showNarrows = (root) => {
  for (const one of root.querySelectorAll?.(".builder-narrow[hidden]") ?? []) one.hidden = false;
};
showNarrows(document);
document.addEventListener("htmx:afterSettle", (event) => showNarrows(event.target));
