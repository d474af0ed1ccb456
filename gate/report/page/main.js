// SPDX-License-Identifier: Apache-2.0
// The page: notes, table, the case that the address names, conditions.

function notesSection() {
  if (!report.notes.length) return null;
  return el("section", { "aria-label": "Notes" }, el("h2", {}, "Notes"),
    el("ul", {}, ...report.notes.map((note) => el("li", {}, unbroken(note)))));
}

function conditionsSection() {
  /** One number where the lowest and the highest are the same in these digits. */
  const span = (spread, scale, digits) => {
    const texts = spread?.map((value) => (value * scale).toFixed(digits)) ?? [absent, absent];
    return texts[0] === texts.at(-1) ? texts[0] : texts.join(" / ");
  };
  const rows = report.processes.map((process, i) => [
    `${i + 1}, ${process.kind}${process.round ? `, round ${process.round}` : ""}${process.side === "base" ? ", base build" : ""}`,
    span(process.sm_clock_hz, 1e-6, 0), span(process.memory_clock_hz, 1e-6, 0), span(process.power_w, 1, 0), span(process.temperature_c, 1, 0),
    known(process.read_bytes_per_s) ? scaled(process.read_bytes_per_s, "B/s") : absent,
    known(process.fma_flops) ? scaled(process.fma_flops, "FLOP/s") : absent,
    process.events ? process.events.join(", ") || "none" : absent, process.problem || "none"]);
  if (!rows.length) return null;
  return el("section", { "aria-label": "Conditions" }, el("h2", {}, "Conditions"),
    table("Each process under load: lowest / median / highest, one number where they are the same", [{ title: "process" }, { title: "SM MHz", number: true },
      { title: "memory MHz", number: true }, { title: "power W", number: true }, { title: "°C", number: true },
      { title: "read roof", number: true }, { title: "FMA roof", number: true }, { title: "clock events" }, { title: "problem" }], rows));
}

const byId = new Map(report.cases.map((caseReport) => [caseReport.id, caseReport]));
const overview = [changesSection(), timelinesSection(), notesSection(), tableSection(), conditionsSection()].filter(Boolean);
const detail = el("section", { class: "detail", id: "detail", "aria-label": "One case", hidden: "" });

/** Shows the case that the address names after '#', or the overview. */
function showDetail(moves) {
  forgetCharts();
  let id = "";
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch { /* not an address of ours */ }
  view.open = byId.get(id) ?? null;
  detail.hidden = !view.open;
  for (const section of overview) section.hidden = Boolean(view.open);
  detail.replaceChildren(...(view.open ? detailNodes(view.open) : []));
  if (view.open && moves) document.getElementById("detail-title").focus();
}

function closeDetail() {
  const row = [...document.querySelectorAll("#rows tr")].find((other) => other.dataset.case === view.open?.id);
  history.pushState(null, "", "#");
  showDetail(false);
  (row?.querySelector("a") ?? document.getElementById("filter")).focus();
}

document.getElementById("main").append(...[
  haveCharts ? null : el("p", { class: "warning" }, "This perfgate was built without Chart.js (libjs-chart.js): the page has its tables, and no charts."),
  ...overview, detail].filter(Boolean));
drawTable();
if (changedCases.length) drawChanges();
showDetail(false);
window.addEventListener("hashchange", () => showDetail(true));
window.addEventListener("beforeprint", () => {
  view.shown = Math.max(view.shown, 2000);
  drawTable();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showDetail(false));
