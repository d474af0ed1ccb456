// SPDX-License-Identifier: Apache-2.0
// Elements and numbers. Everything from outside goes into the page as text, never as markup.

const report = JSON.parse(document.getElementById("report").textContent);

/** Makes an object of a kind from the list of its values; a null was not there. */
function unpacked(kind, list) {
  const one = {};
  report.keys[kind].forEach((key, i) => {
    if (list[i] !== null && list[i] !== undefined) one[key] = list[i];
  });
  return one;
}

report.cases = report.cases.map((list) => unpacked("case", list));
for (const caseReport of report.cases) caseReport.id = `${caseReport.group}/${caseReport.part}`;

/** Returns a case with all that its page needs; the table of ten thousand cases does not need it. */
function whole(one) {
  const inside = { change: "change", split: "split", roofline: "roofline", base_roofline: "roofline", distribution: "distribution" };
  for (const [key, kind] of Object.entries(inside))
    if (Array.isArray(one[key])) one[key] = unpacked(kind, one[key]);
  if (Array.isArray(one.distribution.samples)) one.distribution.samples = unpacked("samples", one.distribution.samples);
  return one;
}

/** Returns the text that the filter looks at, in small letters. */
function searchText(one) {
  one.search ??= [one.id, one.why, one.explanation, ...one.launches.map((i) => report.launches[i].name)].join(" ").toLowerCase();
  return one.search;
}

/** Returns a sentence whose numbers keep their unit on one line. */
const unbroken = (text) => text.replace(/(\d) (?=(?:%|us|MB|MHz|W)(?:\W|$))/g, "$1\u00a0");

/** Returns a case's id that a narrow column breaks behind its slashes. */
const breakable = (id) => id.split(/(?<=\/)/).flatMap((part, i) => (i ? [el("wbr"), part] : [part]));

/** Makes an element with attributes and children; a string becomes a text node. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The same in SVG. */
function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const absent = "-";
const known = (value) => value !== null && value !== undefined;
const fixed = (value, digits, unit = "") => (known(value) ? value.toFixed(digits) + unit : absent);
const microseconds = (seconds) => (known(seconds) ? (seconds * 1e6).toFixed(2) : absent);

/** "+1.2 %" of 0.012; a value that rounds to 0 has no sign. */
function percent(ratio, digits = 1) {
  if (!known(ratio)) return absent;
  const text = (100 * ratio).toFixed(digits);
  if (Number(text) === 0) return `${(0).toFixed(digits)} %`;
  return `${ratio > 0 ? "+" : ""}${text} %`;
}
const share = (ratio) => (known(ratio) ? `${(100 * ratio).toFixed(1)} %` : absent);

/** Four significant digits with an SI prefix: "180.4 MB". */
function scaled(value, unit) {
  if (!known(value)) return absent;
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let step = 0;
  let left = Math.abs(value);
  while (left >= 999.95 && step < prefixes.length - 1) {
    left /= 1000;
    ++step;
  }
  const digits = step === 0 && Number.isInteger(value) ? 0 : left >= 100 ? 1 : left >= 10 ? 2 : 3;
  return `${value < 0 ? "-" : ""}${left.toFixed(digits)} ${prefixes[step]}${unit}`.trim();
}

/** Returns a metric's value in a unit for people. */
function metricText(metric, value) {
  if (!known(value)) return absent;
  const shown = value * metric.scale;
  if (Number.isInteger(shown)) return shown.toLocaleString("en");
  const size = Math.abs(shown);
  // Below 0.1 three digits that say something: 0.00947 MB.
  const digits = size >= 1000 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 3 : Math.min(2 - Math.floor(Math.log10(size)), 12);
  return shown.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const mostColumns = 3;  // that stand side by side on a phone

/** Makes a table; columns are {title, number}; rows are lists of strings or nodes. One with many columns becomes a list of its
 *  cells on a phone, each behind its column's title. */
function table(caption, columns, rows) {
  const cell = (name, column, content) =>
    el(name, { class: column.number ? "number" : null, scope: name === "th" ? "col" : null, "data-title": name === "td" ? column.title : null }, content);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", { class: columns.length > mostColumns ? "many" : null },
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...columns.map((column) => cell("th", column, column.title)))),
      el("tbody", {}, ...rows.map((row) =>
        el("tr", {}, ...row.map((content, i) => (i === 0
          ? el("th", { scope: "row" }, content)
          : cell("td", columns[i], content))))))));
}

const metricIndex = new Map(report.metrics.map((metric, i) => [metric.id, i]));

/** Returns a case's metric, of side "base" or "head"; undefined when it is not there. */
function metricOf(one, id, side) {
  const pair = one.metrics[metricIndex.get(id)];
  return pair ? pair[side === "base" ? 0 : 1] ?? undefined : undefined;
}
