// A table of many lines can be sorted by its heads: numbers by value, times as they stand, words in the order of the
// language (by pinyin in Chinese).  What cannot be compared keeps its place at the end.
const FEWEST_LINES = 8;
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

function valueOf(row, column) {
  const cell = row.cells[column];
  return (cell?.dataset.sort ?? cell?.textContent ?? "").trim();
}

function compare(a, b) {
  const [x, y] = [a, b].map((text) => Number.parseFloat(text.replaceAll(/[,¥%％\s]/g, "")));
  const areNumbers = /^[-¥\d]/.test(a) && /^[-¥\d]/.test(b) && !/\d-\d/.test(a) && Number.isFinite(x) && Number.isFinite(y);
  return areNumbers && x !== y ? x - y : collator.compare(a, b);
}

function sort(table, column, isDown) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [valueOf(row, column), row]);
  const isThere = ([text]) => text !== "" && text !== "—";
  const [filled, bare] = [keyed.filter(isThere), keyed.filter((pair) => !isThere(pair))];
  filled.sort(([a], [b]) => (isDown ? compare(b, a) : compare(a, b)));
  body.append(...filled.map(([, row]) => row), ...bare.map(([, row]) => row));
}

export function makeSortable(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const body = table.tBodies[0];
  const isPlain = table.tHead?.rows.length === 1 && table.tBodies.length === 1 && body.rows.length >= FEWEST_LINES
    && !table.tHead.querySelector("a, button, input")
    && [...body.rows].every((row) => row.cells.length === heads.length && ![...row.cells].some((c) => c.rowSpan > 1 || c.colSpan > 1));
  if (!isPlain) return;
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const isDown = head.ariaSort === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      sort(table, column, isDown);
    });
  });
}
