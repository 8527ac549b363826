// Sorting and filtering of tables, and tables made from columns.

function sortKey(cell) {
  if (cell.tagName === "TH" || cell.classList.contains("text")) return cell.textContent.trim();
  return cell.dataset.by === undefined ? null : Number(cell.dataset.by);
}

function inOrder(one, other) {
  return typeof one === "string" ? one.localeCompare(other, "en", { numeric: true }) : one - other;
}

// What has no figure comes last, whichever way the rest is sorted.
function sortBy(table, column, descending) {
  const keyed = [...table.tBodies[0].rows].map((row) => [sortKey(row.cells[column]), row]);
  keyed.sort(([one], [other]) => {
    if (one === null || other === null) return (one === null) - (other === null);
    return descending ? inOrder(other, one) : inOrder(one, other);
  });
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}

function onHeading(heading) {
  const table = heading.closest("table");
  const descending = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  sortBy(table, heading.cellIndex, descending);
}

function onFilter(input, table, shown) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function tableOf(caption, headings, rows) {
  const table = element("table");
  table.append(element("caption", caption));
  const head = table.createTHead().insertRow();
  head.append(...headings.map((heading) => element("th", heading, { scope: "col" })));
  const body = table.createTBody();
  for (const row of rows) {
    body.insertRow().append(...row.map((value) => element("td", value ?? "-")));
  }
  return table;
}

for (const button of document.querySelectorAll(".sortable thead button")) {
  button.addEventListener("click", () => onHeading(button.closest("th")));
}
{
  const input = document.getElementById("filter");
  const shown = document.getElementById("shown");
  input.addEventListener("input", () => onFilter(input, document.getElementById("case-table"), shown));
}
