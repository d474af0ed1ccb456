// SPDX-License-Identifier: Apache-2.0
// The history's page: a chart for each case over the runs, drawn once it is near the window, with
// steps and verdicts marked. Everything from outside goes into the page as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const haveCharts = typeof Chart === "function";
const atOnce = 30;
let shown = atOnce;

function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const percent = (ratio) => `${ratio > 0 ? "+" : ""}${(100 * ratio).toFixed(1)} %`;
const commit = (run) => run.commit.slice(0, 10) || "unknown commit";
const link = (run) => (data.repository && run.commit ? el("a", { href: `${data.repository}/commit/${run.commit}` }, commit(run)) : commit(run));

/** Returns the run's index, the duration and what is to be said of it, for each run that has the case. */
function pointsOf(one) {
  const verdicts = new Map(one.verdicts), steps = new Map(one.steps);
  return one.us.map((us, i) => ({ x: i, y: us, verdict: verdicts.get(i), step: steps.get(i) })).filter((point) => point.y !== null);
}

function tooltipLines(point) {
  const run = data.runs[point.x];
  return [`${point.y} us`, `${commit(run)}, ${run.created.slice(0, 10)}`,
    ...(point.step === undefined ? [] : [`a step of ${percent(point.step)}`]), ...(point.verdict ? [point.verdict] : [])];
}

function draw(canvas, one) {
  const points = pointsOf(one);
  const marked = (point) => point.verdict || point.step !== undefined;
  const shade = (point) => colour(point.verdict === "regressed" || point.step > 0 ? "bad" : marked(point) ? "better" : "head");
  Chart.defaults.color = colour("soft");
  Chart.defaults.borderColor = colour("line");
  Chart.defaults.animation = false;
  return new Chart(canvas, { type: "line",
    data: { datasets: [{ data: points, parsing: false, borderColor: colour("head"), borderWidth: 1.5, tension: 0,
      pointRadius: points.map((point) => (marked(point) ? 5 : points.length > 100 ? 0 : 2)), pointHitRadius: 6,
      pointBackgroundColor: points.map(shade), pointBorderColor: points.map(shade),
      pointStyle: points.map((point) => (point.step !== undefined ? "triangle" : "circle")) }] },
    options: { responsive: true, maintainAspectRatio: false, normalized: true,
      plugins: { legend: { display: false }, tooltip: { displayColors: false,
        callbacks: { title: () => one.case, label: (item) => tooltipLines(item.raw) } } },
      scales: { x: { type: "linear", min: 0, max: Math.max(1, data.runs.length - 1),
        ticks: { precision: 0, callback: (value) => data.runs[value]?.created.slice(0, 10) ?? "" } },
      y: { title: { display: true, text: "us" } } },
      onClick: (event, items) => {
        const run = items.length ? data.runs[points[items[0].index].x] : null;
        if (run && data.repository && run.commit) window.open(`${data.repository}/commit/${run.commit}`, "_blank", "noopener");
      } } });
}

/** Draws a chart when it comes near the window: hundreds of them need not be drawn at once. */
const drawings = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting || drawings.has(target)) continue;
    drawings.set(target, draw(target, target.historyCase));
    watcher.unobserve(target);
  }
}, { rootMargin: "300px" });

function section(one) {
  const points = pointsOf(one), first = points[0], last = points[points.length - 1];
  const node = el("section", { "aria-label": one.case, class: "case" }, el("h3", { class: "mono" }, one.case));
  node.append(el("p", {}, `${last.y.toFixed(2)} us now (`, link(data.runs[last.x]), `), ${percent(last.y / first.y - 1)} since ${data.runs[first.x].created.slice(0, 10)} (`,
    link(data.runs[first.x]), ")"));
  if (one.crept) node.append(el("p", { class: "warning" }, `crept: ${one.crept}`));
  const notable = points.filter((point) => point.step !== undefined || point.verdict).slice(-10);
  if (notable.length)
    node.append(el("ul", {}, ...notable.map((point) => el("li", {}, `${data.runs[point.x].created.slice(0, 10)} `, link(data.runs[point.x]),
      `: ${[point.step === undefined ? "" : `a step of ${percent(point.step)}`, point.verdict ?? ""].filter(Boolean).join(", ")}`))));
  if (haveCharts) {
    const canvas = el("canvas", { role: "img", "aria-label": `Durations of ${one.case} over ${points.length} runs` });
    canvas.historyCase = one;
    node.append(el("div", { class: "canvas" }, canvas));
    watcher.observe(canvas);
  }
  return node;
}

const list = el("div", { id: "cases" });
const count = el("p", { class: "soft", role: "status" });
const filter = el("input", { id: "filter", type: "search", oninput: () => { shown = atOnce; show(); } });
const onlyCrept = el("input", { id: "crept", type: "checkbox", onchange: () => { shown = atOnce; show(); } });
const more = el("button", { type: "button", id: "more", onclick: () => { shown += atOnce; show(); } }, "Show more");

function show() {
  for (const drawing of drawings.values()) drawing.destroy();
  drawings.clear();
  const wanted = filter.value.toLowerCase();
  const found = data.cases.filter((one) => one.case.toLowerCase().includes(wanted) && (!onlyCrept.checked || one.crept || one.steps.length));
  list.replaceChildren(...found.slice(0, shown).map(section));
  count.textContent = `${Math.min(shown, found.length)} of ${found.length} cases`;
  more.hidden = found.length <= shown;
}

document.getElementById("main").append(
  ...(haveCharts ? [] : [el("p", { class: "warning" }, "This perfgate was built without Chart.js (libjs-chart.js): the page has no charts.")]),
  el("div", { class: "bar" }, el("label", { for: "filter" }, "Filter", filter), el("label", { for: "crept" }, "Only with steps", onlyCrept)),
  count, list, more);
show();
