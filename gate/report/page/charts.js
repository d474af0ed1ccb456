// SPDX-License-Identifier: Apache-2.0
// Charts by Chart.js, where the build had it. Every chart has its numbers in a table beside it, so
// nothing is lost without Chart.js.

const drawn = new Map();  // canvas -> chart
const haveCharts = typeof Chart === "function";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Returns a canvas that is drawn once it is in the document; null without Chart.js. */
function chart(label, settings) {
  if (!haveCharts) return null;
  const canvas = el("canvas", { role: "img", "aria-label": label });
  queueMicrotask(() => {
    if (!canvas.isConnected) return;
    Chart.defaults.color = colour("soft");
    Chart.defaults.borderColor = colour("line");
    Chart.defaults.animation = false;
    Chart.defaults.font.family = "system-ui, sans-serif";
    drawn.set(canvas, new Chart(canvas, settings()));
  });
  return el("div", { class: "canvas" }, canvas);
}

function forgetCharts() {
  for (const drawing of drawn.values()) drawing.destroy();
  drawn.clear();
}

const axis = (text, more = {}) => ({ title: { display: true, text }, grid: { color: colour("line") }, ...more });
const base = { responsive: true, maintainAspectRatio: false };
/** Labels only whole powers of ten: "0.1", "10", "1 T". */
const decades = { callback: (value) => (Number.isInteger(Math.log10(value)) ? (value < 1 ? String(value) : scaled(value, "").replace(/\.0+/, "")) : "") };
const legend = { position: "bottom", labels: { usePointStyle: true, boxHeight: 7 } };

/** Draws the roofs as lines, the case's two sides as points, and its neighbours in the group faint. */
function rooflineChart(one, neighbours) {
  const side = one.roofline;
  const points = neighbours.filter((other) => other !== one && known(other.roofline?.intensity));
  const intensities = [one, ...points].map((other) => other.roofline.intensity);
  const left = 10 ** Math.floor(Math.log10(Math.min(0.5, ...intensities) * 0.99));
  const right = 10 ** Math.ceil(Math.log10(Math.max(1000, ...intensities) * 1.01));
  return chart(`Roofline of ${one.id}: ${boundText(one)}`, () => {
    const line = (label, data, name, dash = []) => ({ type: "line", label, data, borderColor: colour(name),
      borderDash: dash, borderWidth: 2, pointRadius: 0, pointStyle: "line", fill: false });
    const dots = (label, list, name, radius, style = "circle") => ({ type: "scatter", label, pointRadius: radius,
      pointStyle: style, backgroundColor: colour(name), borderColor: colour(name), data: list });
    const dot = (other, roofline) => ({ x: roofline.intensity, y: roofline.rate, part: other.part });
    const roofs = side.pipe_roofs.map((roof, i) => [roof, report.pipes[i]]).filter(([roof]) => known(roof));
    const datasets = [];
    datasets.push(dots("this run", [dot(one, side)], "head", 7));
    if (known(one.base_roofline?.intensity))
      datasets.push(dots("base", [dot(one, one.base_roofline)], "base", 7, "rectRot"));
    if (points.length)
      datasets.push(dots("other parts", points.map((other) => dot(other, other.roofline)), "second", 3));
    const top = Math.max(...roofs.map(([roof]) => roof), side.rate);
    if (known(side.hbm_roof)) {
      const end = Math.min(right, top / side.hbm_roof);
      datasets.push(line("HBM, measured", [{ x: left, y: left * side.hbm_roof }, { x: end, y: end * side.hbm_roof }], "ink"));
    }
    roofs.forEach(([roof, pipe], i) => {
      const start = known(side.hbm_roof) ? Math.max(left, roof / side.hbm_roof) : left;
      datasets.push(line(`${pipe.title} at ${scaled(side.clock_hz, "Hz")}`, [{ x: start, y: roof }, { x: right, y: roof }],
        "soft", i ? [2, 4] : [8, 4]));
    });
    return { data: { datasets }, options: { ...base,
      scales: {
        x: axis("operations a byte of HBM", { type: "logarithmic", min: left, max: right, ticks: decades }),
        y: axis("operations a second", { type: "logarithmic", ticks: decades }) },
      plugins: {
        legend,
        tooltip: { callbacks: { label: (item) =>
          `${item.raw.part ??  item.dataset.label}: ${scaled(item.parsed.y, "FLOP/s")} at ${item.parsed.x.toPrecision(3)} a byte` } } } } };
  });
}

/** Shows what the change of the counters' own duration is made of; the bars add up to the last one. */
function splitChart(one) {
  const parts = splitParts(one.split);
  return chart(`Split of the change of ${one.id}: ${parts.map((part) => `${part.title} ${percent(part.log, 2)}`).join(", ")}`, () => ({
    type: "bar",
    data: { labels: parts.map((part) => part.title),
      datasets: [{ data: parts.map((part) => 100 * part.log),
        backgroundColor: parts.map((part) => colour(part.title === "together" ? "soft" : part.log > 0 ? "second" : "head")) }] },
    options: { ...base, indexAxis: "y", plugins: { legend: { display: false },
      tooltip: { callbacks: { label: (item) => `${item.parsed.x.toFixed(2)} %` } } },
      scales: { x: axis("log change, %; to the right is longer"), y: { grid: { display: false } } } },
  }));
}

/** Shows the process statistics of base and head, with the quartiles of head's samples. */
function spreadChart(one) {
  const { base: before = [], head = [], rounds_base = [], rounds_head = [], quartiles = [] } = one.distribution;
  const points = [
    ...before.map((us, i) => [`base ${i + 1}`, "base", us, null]),
    ...head.map((us, i) => [`run ${i + 1}`, "head", us, quartiles[i] ?? null]),
    ...rounds_base.map((us, i) => [`base build, round ${i + 1}`, "base", us, null]),
    ...rounds_head.map((us, i) => [`round ${i + 1}`, "head", us, null])];
  if (!points.length) return null;
  return chart(`Process statistics of ${one.id}`, () => {
    const paint = points.map((point) => colour(point[1]));
    return {
      data: { labels: points.map((point) => point[0]), datasets: [
        { type: "line", label: "process statistic", data: points.map((point) => point[2]), showLine: false, pointRadius: 5,
          pointBackgroundColor: paint, pointBorderColor: paint },
        { type: "bar", label: "middle half of the samples", data: points.map((point) => point[3]), backgroundColor: colour("fill"), barPercentage: 0.5 }] },
      options: { ...base, plugins: { legend },
        scales: { y: axis("us", { beginAtZero: false, grace: "10%" }), x: { grid: { display: false }, ticks: { maxRotation: 60 } } } },
    };
  });
}

/** Shows how often each duration was sampled, by both sides where the base's samples are there, and where the process statistics lie. */
function samplesChart(one) {
  const { samples, base: before = [], head = [], rounds_base = [], rounds_head = [] } = one.distribution;
  if (!samples) return null;
  return chart(`Samples of ${one.id}`, () => {
    const area = (label, counts, name) => {
      const all = counts.reduce((sum, count) => sum + count, 0);
      // The last bin ends where the next one would begin.
      const data = [...counts, 0].map((count, i) => ({ x: samples.low + i * samples.width, y: (100 * count) / all }));
      return { type: "line", label, data, stepped: true, pointRadius: 0, borderWidth: 1.5, borderColor: colour(name),
        backgroundColor: `${colour(name)}55`, fill: "origin" };
    };
    const marks = (label, values, name, pointStyle) => ({ type: "scatter", label, pointStyle, pointRadius: 5,
      borderColor: colour(name), backgroundColor: colour(name), data: values.map((us) => ({ x: us, y: 0 })) });
    const datasets = [
      marks("base, each process", [...before, ...rounds_base], "base", "rectRot"),
      marks("this run, each process", [...head, ...rounds_head], "head", "circle"),
      area("this run", samples.counts, "head")];
    if (samples.base_counts) datasets.push(area("base", samples.base_counts, "base"));
    return { data: { datasets }, options: { ...base, plugins: { legend },
      scales: { x: axis("us", { type: "linear" }), y: axis("% of the samples", { beginAtZero: true }) } } };
  });
}

/** Shows for how many cycles the warps waited, reason by reason, base beside this run. */
function stallChart(one, stalls) {
  const drawing = chart(`Stalls of ${one.id}`, () => ({
    type: "bar",
    data: { labels: stalls.map(([title]) => title), datasets: [
      { label: "base", data: stalls.map(([, before]) => before ?? null), backgroundColor: colour("base") },
      { label: "this run", data: stalls.map(([, , now]) => now ?? null), backgroundColor: colour("head") }] },
    options: { ...base, indexAxis: "y", plugins: { legend },
      scales: { x: axis("cycles a warp waits for each instruction"), y: { grid: { display: false }, ticks: { autoSkip: false } } } },
  }));
  drawing?.classList.add("tall");
  return drawing;
}
