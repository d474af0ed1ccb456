// SPDX-License-Identifier: Apache-2.0
// The table of all cases: filter, sort, and no more rows in the document than a reader asks for.

const rowsAtOnce = 100;
const view = { text: "", verdict: "", key: null, down: false, shown: rowsAtOnce };

/** False for a profile, in which no case has a verdict. */
const judged = report.cases.some((caseReport) => report.verdicts[caseReport.verdict].id !== "measured");

const durationColumns = 3;  // of report.columns; the rest are counters
const numbers = report.columns.map((title, i) => ({ title, number: true, aside: i !== 0 && i !== 2, cell: i,
  value: (caseReport) => { const n = parseFloat(caseReport.cells[i]); return Number.isNaN(n) ? null : n; } }))
  .filter((column) => report.cases.some((caseReport) => column.value(caseReport) !== null));

// The verdict stands before the counters, so that a narrow window shows it without scrolling sideways.
const columns = [
  { title: "case", value: (caseReport) => caseReport.id },
  ...numbers.filter((column) => column.cell < durationColumns),
  ...(judged ? [{ title: "verdict", value: (caseReport) => caseReport.verdict }] : []),
  ...numbers.filter((column) => column.cell >= durationColumns),
  { title: "bound by", aside: true, value: (caseReport) => (known(caseReport.bound) ? report.bounds[caseReport.bound].id : "") },
  ...(judged ? [{ title: "reason", aside: true, value: (caseReport) => caseReport.why }] : []),
];

function compare(a, b) {
  // Values that are not known come last, whichever way the rest is sorted.
  const unknown = (value) => value === null || value === "";
  if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
  const order = typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
  return view.down ? -order : order;
}

/** Returns the cases that the filter lets through, in order. Verdicts that need attention come first. */
function chosenCases() {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = report.cases.filter((caseReport) =>
    (view.verdict === "" || report.verdicts[caseReport.verdict].id === view.verdict) &&
    words.every((word) => searchText(caseReport).includes(word)));
  const column = view.key === null ? { value: (caseReport) => report.verdicts[caseReport.verdict].order } : columns[view.key];
  const keyed = chosen.map((caseReport) => [column.value(caseReport), caseReport]);
  keyed.sort((a, b) => compare(a[0], b[0]));
  return keyed.map((pair) => pair[1]);
}

function verdictNode(one) {
  const info = report.verdicts[one.verdict];
  return el("span", { class: `verdict ${info.id}` }, `${info.mark} ${info.id}`);
}

/** A case that did not pass gets a row for its reason, which is too long for a column. */
const saysMore = (one) => !["pass", "measured"].includes(report.verdicts[one.verdict].id);

/** Returns why a case has its verdict: the cause where one was found, then the statistics. */
function reasonNodes(one) {
  // Without a cause the reason itself is the title, unless its sentence begins with it.
  const titled = one.explanation || one.why.startsWith(one.headline) || !saysMore(one);
  return [one.explanation ? el("p", {}, el("strong", {}, one.headline), `: ${unbroken(one.explanation)}`) : null,
    el("p", { class: one.explanation ? "soft" : null }, titled ? null : el("strong", {}, `${one.headline}: `), unbroken(one.why)),
    one.machine_code ? el("p", { class: "soft" }, `${unbroken(one.machine_code)}.`) : null];
}

/** Returns the row with the reason below a case, as wide as the table. */
function reasonRow(one) {
  return el("tr", { class: "reason" }, el("td", { class: "why", colspan: columns.length }, el("div", {}, ...reasonNodes(one))));
}

function caseRow(one) {
  const row = el("tr", { "data-case": one.id, class: saysMore(one) ? "above" : null });
  for (const column of columns) {
    const kind = [column.number ? "number" : "", column.aside ? "aside" : ""].join(" ").trim() || null;
    if (column.title === "case")
      row.append(el("th", { scope: "row" }, el("a", { href: `#${encodeURIComponent(one.id)}`, "aria-label": one.id }, ...breakable(one.id))));
    else if (column.title === "verdict") row.append(el("td", {}, verdictNode(one)));
    else if (column.title === "reason") row.append(el("td", { class: saysMore(one) ? "aside headline" : "aside" }, saysMore(one) ? one.headline : unbroken(one.why)));
    else row.append(el("td", { class: kind }, known(column.cell) ? one.cells[column.cell] : column.value(one)));
  }
  return row;
}

function headRow() {
  return el("tr", {}, ...columns.map((column, i) => {
    const sorted = view.key === i ? (view.down ? "descending" : "ascending") : null;
    const mark = sorted ? (view.down ? " ▼" : " ▲") : "";
    const kind = [column.number ? "number" : "", column.aside ? "aside" : ""].join(" ").trim() || null;
    return el("th", { scope: "col", class: kind, "aria-sort": sorted },
      el("button", { type: "button", "data-column": i, onclick: () => sortBy(i) }, column.title + mark));
  }));
}

function sortBy(i) {
  view.down = view.key === i ? !view.down : Boolean(columns[i].number);
  view.key = i;
  drawTable();
  document.querySelector(`[data-column="${i}"]`).focus();
}

/** Draws the table anew, with as many rows as are to be shown, however many cases there are. */
function drawTable() {
  const chosen = chosenCases();
  const rows = chosen.slice(0, view.shown);
  document.getElementById("head").replaceChildren(headRow());
  document.getElementById("rows").replaceChildren(
    ...rows.flatMap((caseReport) => (saysMore(caseReport) ? [caseRow(caseReport), reasonRow(caseReport)] : [caseRow(caseReport)])));
  const all = report.cases.length;
  document.getElementById("count").textContent =
    `${chosen.length === all ? "" : `${chosen.length} of `}${all} case${all === 1 ? "" : "s"}`;
  const more = document.getElementById("more");
  more.hidden = rows.length === chosen.length;
  more.textContent = `Show ${Math.min(rowsAtOnce, chosen.length - rows.length)} more`;
}

function filterBar() {
  const change = (key) => (event) => {
    view[key] = event.target.value;
    view.shown = rowsAtOnce;
    drawTable();
  };
  const options = report.verdicts.filter((info) => info.count > 0).map((info) =>
    el("option", { value: info.id }, `${info.id} (${info.count})`));
  return el("div", { class: "bar", role: "search" },
    el("label", {}, "Filter by words of the case, kernel or reason",
      el("input", { type: "search", id: "filter", autocomplete: "off", oninput: change("text") })),
    judged ? el("label", {}, "Verdict",
      el("select", { id: "verdict", onchange: change("verdict") },
        el("option", { value: "" }, "all"), ...options)) : null,
    el("p", { id: "count", role: "status", class: "soft" }));
}

function tableSection() {
  return el("section", { id: "cases", "aria-label": "Cases" },
    el("h2", {}, "Cases"),
    filterBar(),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of cases" },
      el("table", { class: "all" },
        el("caption", {}, "Durations are GPU time in microseconds; a case's name opens its details." +
          (report.cases.some((one) => one.cells.some((cell) => cell.endsWith("?"))) ? " A number with a ? comes from several passes over short kernels, which differ." : "")),
        el("thead", { id: "head" }), el("tbody", { id: "rows" }))),
    el("p", { class: "more" }, el("button", { type: "button", id: "more", hidden: "",
      onclick: () => { view.shown += rowsAtOnce; drawTable(); } })));
}
