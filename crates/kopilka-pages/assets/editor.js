// The text of a program: numbers beside its lines as they come and go, and a way from a remark to its line.
const area = document.querySelector(".editor textarea");
const gutter = document.querySelector(".editor .gutter");
if (area && gutter) {
  const count = () => {
    const lines = area.value.split("\n").length;
    gutter.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
    area.rows = Math.min(lines, 1500);
  };
  area.addEventListener("input", count);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || area.readOnly || event.ctrlKey || event.altKey) return;
    if (area.selectionStart !== area.selectionEnd || !area.dataset.typed) return;
    event.preventDefault();
    area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
  });
  // The tabulator leaves the field until something was typed in it: nobody is caught there.
  area.addEventListener("input", () => { area.dataset.typed = "yes"; });
  area.addEventListener("blur", () => { delete area.dataset.typed; });
  count();
  document.addEventListener("click", (event) => {
    const line = Number(event.target.dataset?.line);
    if (!line) return;
    event.preventDefault();
    const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = area.value.indexOf("\n", before);
    area.focus({ preventScroll: true });
    area.setSelectionRange(before, end < 0 ? area.value.length : end);
    const height = area.getBoundingClientRect().height / Math.max(area.rows, 1);
    scrollTo({ top: area.getBoundingClientRect().top + scrollY + (line - 4) * height });
  });
}
