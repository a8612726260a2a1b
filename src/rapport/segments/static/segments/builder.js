// Fields that only mean something while another field has a certain value: `data-when="id of that field" data-is="values"`.
document.addEventListener("change", (event) => {
  for (const part of document.querySelectorAll(`[data-when="${CSS.escape(event.target.id || "-")}"]`)) {
    part.hidden = !part.dataset.is.split(" ").includes(event.target.value);
  }
});
