// The designer's own behaviour: a frame that changes without a flash, rich text over a text area, fields put in where one writes.

// The letter: the next one is loaded behind, and shown when it is there.
const show = () => {
  const look = document.getElementById("look");
  const stage = document.getElementById("stage");
  if (!look || !stage) return;
  stage.className = `preview preview-${look.dataset.face} stage`;
  const last = stage.querySelector("iframe:last-of-type");
  if (last.getAttribute("src") === look.dataset.frame) return;
  for (const waiting of stage.querySelectorAll("iframe[data-coming]")) waiting.remove();
  const next = last.cloneNode();
  next.dataset.coming = "";
  next.src = look.dataset.frame;
  next.addEventListener("load", () => {
    for (const old of stage.querySelectorAll("iframe")) if (old !== next) old.remove();
    delete next.dataset.coming;
  });
  stage.append(next);
};

// Rich text: what is typed stands in the text area as well, so that the form is an ordinary form.
const words = document.documentElement.lang.startsWith("es")
  ? { bold: "Negrita", italic: "Cursiva", link: "Enlace", list: "Lista", numbers: "Lista numerada", put: "Poner", address: "Dirección" }
  : { bold: "Bold", italic: "Italic", link: "Link", list: "List", numbers: "Numbered list", put: "Put it in", address: "Address" };
const marks = { bold: "<b>B</b>", italic: "<i>I</i>", link: "↗", list: "•≡", numbers: "1." };
const commands = { bold: "bold", italic: "italic", list: "insertUnorderedList", numbers: "insertOrderedList" };

const button = (name) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-icon button-quiet";
  made.dataset.mark = name;
  made.setAttribute("aria-label", words[name]);
  made.title = words[name];
  made.innerHTML = marks[name];
  return made;
};

const enrich = (area) => {
  if (area.dataset.rich === "done") return;
  area.dataset.rich = "done";
  const box = document.createElement("div");
  box.className = "rich-area";
  const bar = document.createElement("div");
  bar.className = "rich-bar";
  bar.setAttribute("role", "toolbar");
  bar.append(...Object.keys(marks).map(button));
  const paper = document.createElement("div");
  paper.className = "rich-words";
  paper.contentEditable = "true";
  paper.setAttribute("role", "textbox");
  paper.setAttribute("aria-multiline", "true");
  const label = document.querySelector(`label[for="${area.id}"]`);
  if (label) {
    label.id ||= `${area.id}-label`;
    paper.setAttribute("aria-labelledby", label.id);
    label.addEventListener("click", () => paper.focus());
    bar.setAttribute("aria-label", label.textContent.trim());
  }
  paper.innerHTML = area.value;
  area.hidden = true;
  box.append(bar, paper);
  area.after(box);

  const tell = () => {
    if (area.value === paper.innerHTML) return;
    area.value = paper.innerHTML;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const pressed = () => {
    for (const [name, command] of Object.entries(commands)) {
      bar.querySelector(`[data-mark="${name}"]`).setAttribute("aria-pressed", String(document.queryCommandState(command)));
    }
  };
  paper.addEventListener("input", (event) => { event.stopPropagation(); tell(); });
  paper.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
  for (const kind of ["keyup", "mouseup"]) paper.addEventListener(kind, pressed);
  paper.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-mark]")?.dataset.mark;
    if (!name) return;
    if (name === "link") ask(box, bar, paper, tell);
    else { paper.focus(); document.execCommand(commands[name]); pressed(); tell(); }
  });
};

// A link asks for its address in the editor itself.
const ask = (box, bar, paper, tell) => {
  box.querySelector(".rich-link")?.remove();
  const chosen = document.getSelection();
  const range = chosen.rangeCount && paper.contains(chosen.anchorNode) ? chosen.getRangeAt(0).cloneRange() : null;
  const line = document.createElement("div");
  line.className = "rich-link";
  line.innerHTML = `<input type="text" placeholder="https://" value="https://"><button type="button" class="button button-secondary button-small"></button>`;
  const [address, put] = line.children;
  address.setAttribute("aria-label", words.address);
  put.textContent = words.put;
  const done = () => {
    line.remove();
    paper.focus();
    if (!range) return;
    chosen.removeAllRanges();
    chosen.addRange(range);
    const to = address.value.trim();
    if (!to || to === "https://") { document.execCommand("unlink"); tell(); return; }
    if (range.collapsed) document.execCommand("insertText", false, to);
    else document.execCommand("createLink", false, to);
    tell();
  };
  put.addEventListener("click", done);
  address.addEventListener("input", (event) => event.stopPropagation());
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); done(); }
    if (event.key === "Escape") { event.stopPropagation(); line.remove(); paper.focus(); }
  });
  bar.after(line);
  address.focus();
  address.select();
};

// A merge field goes in where one last wrote.
let last = null;
let place = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-merge], .rich-words")) last = event.target;
});
document.addEventListener("selectionchange", () => {
  const now = document.getSelection();
  if (last?.isContentEditable && now.rangeCount && last.contains(now.anchorNode)) place = now.getRangeAt(0).cloneRange();
});
document.addEventListener("click", (event) => {
  const wanted = event.target.closest("[data-insert]");
  if (!wanted) return;
  const form = wanted.closest("form");
  const field = last && form.contains(last) ? last : form.querySelector(".rich-words, [data-merge]:not([hidden])");
  wanted.closest("details").open = false;
  if (!field) return;
  field.focus();
  if (field.isContentEditable) {
    const now = document.getSelection();
    if (place && field.contains(place.startContainer)) { now.removeAllRanges(); now.addRange(place); }
    else { now.selectAllChildren(field.lastElementChild ?? field); now.collapseToEnd(); }
    document.execCommand("insertText", false, wanted.dataset.insert);
  } else {
    field.setRangeText(wanted.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// Alt and an arrow move the block that has the focus.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const name = event.target.closest?.(".block-name")?.closest("[data-block]")?.dataset.block;
  const step = name && document.getElementById(`${event.key === "ArrowUp" ? "up" : "down"}-${name}`);
  if (!step || step.disabled) return;
  event.preventDefault();
  step.click();
});

const attach = () => {
  for (const area of document.querySelectorAll("textarea[data-rich='']")) enrich(area);
  show();
};
document.addEventListener("htmx:afterSettle", attach);
attach();
