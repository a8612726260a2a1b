// Blocks are dragged by their handle, with a mouse, a pen or a finger. The keyboard has the buttons “up” and “down”, and Alt with an arrow.
// A line shows where the block will stand; letting go tells the server, Escape puts it back.
const EDGE = 56;
const STEP = 14;
let held = null;

const rows = (list) => [...list.querySelectorAll(":scope > [data-block]")];
const middle = (row) => { const box = row.getBoundingClientRect(); return box.top + box.height / 2; };

const unmark = () => {
  for (const row of rows(held.list)) row.classList.remove("block-here", "block-after");
};

// Where it would stand among the others, and the line that says so.
const aim = () => {
  const shift = held.y - (held.home - scrollY);
  held.lifted.style.transform = `translateY(${shift}px)`;
  const others = rows(held.list).filter((row) => row !== held.row);
  const below = others.findIndex((row) => held.y < middle(row));
  held.at = below < 0 ? others.length : below;
  unmark();
  if (held.at === held.from) return;
  if (below < 0) others.at(-1)?.classList.add("block-after");
  else others[below].classList.add("block-here");
};

// Near the edge of the window the page comes along.
const follow = () => {
  if (!held) return;
  const by = held.y < EDGE ? -STEP : held.y > innerHeight - EDGE ? STEP : 0;
  if (by) { scrollBy(0, by); aim(); }
  held.frame = requestAnimationFrame(follow);
};

const release = (keep) => {
  if (!held) return;
  const { row, lifted, list, at, from, frame } = held;
  cancelAnimationFrame(frame);
  unmark();
  lifted.style.transform = "";
  row.classList.remove("block-held");
  list.classList.remove("blocks-moving");
  held = null;
  if (!keep || at === from) return;
  list.insertBefore(row, rows(list).filter((one) => one !== row)[at] ?? null);
  const form = row.querySelector(".block-steps");
  form.elements.at.value = at;
  form.querySelector("[value=place]").click();
};

document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest?.("[data-grip]")?.closest("[data-block]");
  if (!row || event.button !== 0 || held) return;
  event.preventDefault();
  const list = row.parentElement;
  const from = rows(list).indexOf(row);
  list.classList.add("blocks-moving");
  row.classList.add("block-held");
  // What is moved has no name: htmx copies the style of what has one, and the policy forbids that.
  const lifted = row.querySelector(".block-row");
  held = { row, lifted, list, from, at: from, pointer: event.pointerId, y: event.clientY, home: middle(row) + scrollY, frame: 0 };
  list.setPointerCapture(event.pointerId);
  aim();
  held.frame = requestAnimationFrame(follow);
});
document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  held.y = event.clientY;
  aim();
});
document.addEventListener("pointerup", (event) => { if (held?.pointer === event.pointerId) release(true); });
document.addEventListener("pointercancel", (event) => { if (held?.pointer === event.pointerId) release(false); });
document.addEventListener("keydown", (event) => {
  if (!held || event.key !== "Escape") return;
  event.preventDefault();
  release(false);
});
