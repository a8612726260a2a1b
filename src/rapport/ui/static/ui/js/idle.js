// After idle minutes without a touch the page is emptied and the session ended: nobody reads over a left screen.
// All tabs share one clock, so work in one keeps the others open.
const body = document.body;
const minutes = Number(body.dataset.idleMinutes || 0);
const KEY = "rapport-last-touch";
let locked = false;

function touched() {
  if (!locked) localStorage.setItem(KEY, String(Date.now()));
}

async function lock() {
  locked = true;
  const screen = document.getElementById("lock").content.cloneNode(true);
  const again = screen.querySelector("[data-login-again]");
  again.href = `${body.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
  const token = JSON.parse(body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
  document.title = "Rapport";
  // The page is taken out of the document, not covered: a reader, a search or a saved page finds nothing.
  body.replaceChildren(screen);
  body.className = "locked";
  body.querySelector("main").focus();
  if (body.dataset.logout) {
    try {
      await fetch(body.dataset.logout, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
    } catch {
      // Without a network the server's own clock ends the session.
    }
  }
}

function look() {
  if (locked) return;
  if (Date.now() - Number(localStorage.getItem(KEY) || 0) >= minutes * 60_000) lock();
}

if (minutes > 0) {
  touched();
  let last = 0;
  const onTouch = () => {
    // A sleeping laptop wakes with a touch: look at the clock before believing it.
    look();
    if (Date.now() - last > 5000) { last = Date.now(); touched(); }
  };
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(name, onTouch, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  setInterval(look, 10_000);
}
