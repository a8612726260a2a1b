// A button that prints the page it stands on.
for (const one of document.querySelectorAll("[data-print]")) one.addEventListener("click", () => window.print());
