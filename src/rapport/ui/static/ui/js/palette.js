// The command palette: all places, and every action of this page that names itself with data-palette-action.
import { choose } from "./theme.js";

const palette = document.getElementById("palette");

if (palette) {
  const field = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const none = palette.querySelector(".palette-none");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const shown = () => options().filter((option) => !option.hidden);

  const select = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) { field.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  };

  const filter = () => {
    const words = field.value.trim().toLowerCase().split(/\s+/);
    for (const option of options()) {
      const text = option.textContent.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
    none.hidden = shown().length > 0;
    select(shown()[0]);
  };

  const gather = () => {
    for (const old of list.querySelectorAll("[data-of-page]")) old.remove();
    const actions = [...document.querySelectorAll("[data-palette-action]")];
    actions.forEach((target, number) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option");
      option.id = `palette-action-${number}`;
      option.dataset.ofPage = "";
      const words = document.createElement("span");
      words.textContent = target.dataset.paletteAction || target.textContent.trim();
      const kind = document.createElement("span");
      kind.className = "quiet";
      kind.textContent = list.dataset.here;
      option.append(sign(target), words, kind);
      option.target = target;
      list.prepend(option);
    });
  };

  const sign = (target) => {
    const drawn = target.querySelector("svg")?.cloneNode(true);
    drawn?.setAttribute("width", "18");
    drawn?.setAttribute("height", "18");
    return drawn || "";
  };

  const run = (option) => {
    if (!option) return;
    palette.close();
    if (option.dataset.href) location.assign(option.dataset.href);
    else if (option.dataset.paletteTheme) choose(option.dataset.paletteTheme);
    else option.target?.click();
  };

  new MutationObserver(() => {
    if (!palette.open) return;
    field.value = "";
    gather();
    filter();
    field.focus();
  }).observe(palette, { attributes: true, attributeFilter: ["open"] });

  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    const visible = shown();
    const now = visible.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && visible.length) {
      event.preventDefault();
      select(visible[(now + step + visible.length) % visible.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(visible[now]);
    }
  });
  list.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
}
