// SPDX-License-Identifier: Apache-2.0
// What the counters say of one case: all of them by how much they changed, what the warps waited for,
// and how many blocks fit on an SM.

const leastMarked = 0.005;  // of a counter, for "worse" or "better" beside its change

/** Returns how much a pair of values changed, as a ratio; undefined where one of them is not known. */
function changeOf([before, now]) {
  return known(before) && known(now) && before !== 0 ? now / before - 1 : undefined;
}

/** How far two values are from each other, whichever is the larger; what is not known comes last. */
function distanceOf([before, now]) {
  if (!known(before) || !known(now)) return -1;
  if (before === now) return 0;
  return before > 0 && now > 0 ? Math.abs(Math.log(now / before)) : Infinity;
}

/** Returns the change with a word that says whether it is for the worse: colour alone would not tell everybody. */
function changeNode(metric, pair) {
  const change = changeOf(pair);
  if (!known(change)) return absent;
  if (!metric.worse || Math.abs(change) < leastMarked) return percent(change);
  const worse = change * metric.worse > 0;
  return el("span", { class: `verdict ${worse ? "regressed" : "improved"}` }, `${percent(change)} ${worse ? "worse" : "better"}`);
}

function metricsCard(one) {
  const pairs = report.metrics.map((metric, i) => [metric, one.metrics[i]]).filter(([, pair]) => pair);
  if (!pairs.length) return null;
  pairs.sort((a, b) => distanceOf(b[1]) - distanceOf(a[1]));
  const rows = pairs.map(([metric, pair]) => [
    el("details", {}, el("summary", {}, metric.title), el("p", {}, metric.meaning), el("p", { class: "soft" }, metric.doubt)),
    metric.unit, metricText(metric, pair[0]), metricText(metric, pair[1]) + (pair[2] ? " ?" : ""), changeNode(metric, pair)]);
  const node = card("Counters", table("The largest change first. A number with a ? is put together from several passes over short kernels",
    [{ title: "metric" }, { title: "unit" }, { title: "base", number: true }, { title: "this run", number: true }, { title: "change", number: true }], rows));
  node.classList.add("wide");
  return node;
}

const mostStalls = 10;

/** Returns [title, base, this run] of each reason to wait, in cycles an issued instruction, the longest first. */
function stallsOf(one) {
  const waiting = report.metrics.filter((metric) => metric.id.startsWith("stall_") && metric.id !== "stall_selected");
  return waiting.map((metric) => [metric.title.replace(/^Stall /, ""), metricOf(one, metric.id, "base"), metricOf(one, metric.id, "head")])
    .filter(([, before, now]) => Math.max(before ?? 0, now ?? 0) > 0.01)
    .sort((a, b) => Math.max(b[1] ?? 0, b[2] ?? 0) - Math.max(a[1] ?? 0, a[2] ?? 0));
}

function stallCard(one) {
  const stalls = stallsOf(one);
  if (!stalls.length) return null;
  const cycles = (value) => fixed(value, 2);
  return card("What the warps waited for", stallChart(one, stalls.slice(0, mostStalls)),
    el("details", {}, el("summary", {}, "All reasons"),
      table("Cycles that a warp waits for each instruction that it issues",
        [{ title: "reason" }, { title: "base", number: true }, { title: "this run", number: true }],
        stalls.map(([title, before, now]) => [title, cycles(before), cycles(now)]))));
}

/** Returns how many blocks of a launch an SM holds by each of its limits, and what follows. */
function occupancyRow(title, launch) {
  const { held, blocks } = launch;
  const waves = report.sm_count ? blocks / (report.sm_count * held.blocks) : undefined;
  return [title, ...held.allowed.map((allowed, i) => (i === held.limiter ? el("strong", {}, `${allowed} (limit)`) : String(allowed))),
    share(held.occupancy), fixed(waves, 2)];
}

function occupancyCard(one) {
  const rows = [];
  const count = Math.max(one.base_launches.length, one.launches.length);
  for (let i = 0; i < count; ++i)
    for (const [side, indices] of [["base", one.base_launches], ["this run", one.launches]]) {
      const launch = report.launches[indices[i]];
      if (launch?.held) rows.push(occupancyRow(`${count > 1 ? `${i + 1}, ` : ""}${side}`, launch));
    }
  if (!rows.length) return null;
  const counted = metricOf(one, "occupancy", "head"), before = metricOf(one, "occupancy", "base");
  const node = card("Occupancy", table("Blocks that an SM holds at once, by each of its limits",
    [{ title: "kernel" }, ...report.limiters.map((title) => ({ title, number: true })), { title: "theoretical occupancy", number: true },
      { title: "waves", number: true }], rows),
  el("p", { class: "soft" }, "By arithmetic from registers, shared memory and block; a wave is as many blocks as the GPU holds at once. " +
    (known(counted) ? `Achieved, as counted: ${share(counted)}${known(before) ? `, base ${share(before)}` : ""}.` : "")));
  node.classList.add("wide");
  return node;
}
