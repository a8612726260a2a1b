// Sending from the desk: the seconds that are left, said once to screen readers; "y" says that the names were compared.

const NEARLY = 10;
const said = new Map();

function tell(words) {
  const place = document.getElementById("sends-said");
  if (place && words) place.textContent = words;
}

function look() {
  for (const line of document.querySelectorAll("[data-sent]")) {
    const before = said.get(line.id);
    said.set(line.id, line.dataset.sent);
    if (before === undefined && line.dataset.sent === "counting") setTimeout(() => tell(line.dataset.said), 400);
    else if (before !== undefined && before !== line.dataset.sent) tell(line.dataset.said);
  }
}

function count() {
  for (const words of document.querySelectorAll("[data-countdown]")) {
    const left = Math.max(0, Number(words.dataset.countdown) - 1);
    words.dataset.countdown = String(left);
    words.textContent = words.dataset.pattern.replace("%(seconds)s", String(left));
    const bar = words.parentElement.querySelector("[data-bar]");
    if (bar) bar.value = bar.max - left;
    if (left === NEARLY) tell(words.closest("[data-sent]").dataset.said);
  }
}

look();
setInterval(count, 1000);
document.addEventListener("htmx:afterSettle", look);

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "y" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const box = document.querySelector("[data-compare]");
  if (!box || box.offsetParent === null) return;
  event.preventDefault();
  box.checked = true;
  box.form.querySelector("[data-send]")?.focus();
});

// Twice the click is once on the server too; here the button only says that it was heard.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-send-form]")) return;
  event.target.querySelector("[data-send]")?.setAttribute("aria-disabled", "true");
});

