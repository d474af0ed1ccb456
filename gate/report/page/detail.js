// SPDX-License-Identifier: Apache-2.0
// The page of one case: why it changed, how far it is from the roofs, where the bytes went, how the
// durations are spread, what was launched.

function splitParts(split) {
  const parts = [["instructions", split.instructions], ["IPC", split.ipc], ["clock", split.clock], ["rest", split.rest]];
  return [...parts, ["together", parts.reduce((sum, part) => sum + part[1], 0)]]
    .map(([title, log]) => ({ title, log }));
}

function card(title, ...children) {
  return el("section", { class: "card" }, el("h3", {}, title), ...children);
}

/** Shows the judged durations, and how the processes scatter. */
function durationCard(one) {
  const change = one.change;
  const rows = [["base, median", `${microseconds(one.base_s)} us`], ["this run, median", `${microseconds(one.head_s)} us`]];
  if (change)
    rows.push(["change", percent(change.effect)], ["between", `${percent(change.lower)} and ${percent(change.upper)}`],
      ["could have proved", percent(change.detectable)]);
  rows.push(["threshold", share(one.threshold)]);
  if (one.rounds) rows.push(["fresh rounds", String(one.rounds)]);
  const spread = one.distribution;
  const lists = [["base", "base"], ["this run", "head"], ["fresh rounds", "rounds_head"], ["base build in them", "rounds_base"]]
    .filter(([, key]) => spread[key]).map(([title, key]) => [title, spread[key].map((us) => us.toFixed(2)).join(", ")]);
  const samples = samplesChart(one);
  return card("Duration", spreadChart(one),
    table("As judged", [{ title: "what" }, { title: "value", number: true }], rows),
    samples ? el("p", { class: "soft" }, samplesTitle(one)) : null, samples,
    el("details", {}, el("summary", {}, "Each process, in us"), table("Process statistics in order", [{ title: "side" }, { title: "us" }], lists)),
    el("p", { class: "soft" }, "One statistic a process; a baseline's file keeps these alone, a run also its samples."));
}

function samplesTitle(one) {
  return one.distribution.samples.base_counts ? "All samples of both sides, in shares of each"
    : "All samples of this run; of the base, the process statistics";
}

function splitCard(one) {
  if (!one.split)
    return card("What the change is made of", el("p", {}, "Not known: the counters are not there on both sides."));
  const parts = splitParts(one.split);
  return card("What the change is made of", splitChart(one),
    table("duration = instructions / (IPC × SMs × clock)",
      [{ title: "part" }, { title: "log change", number: true }, { title: "factor", number: true }],
      parts.map((part) => [part.title, percent(part.log, 2), `× ${Math.exp(part.log).toFixed(4)}`])),
    el("p", { class: "soft" }, `This splits the counters' own duration, ${microseconds(one.split.base_s)} to ${microseconds(one.split.head_s)} us: ` +
      "another process than the judged one. Rest: where the four counters of a side are of different collections, what they miss."));
}

/** "bound by HBM bandwidth (HBM 84.3 %, L2 85.1 %, FP16 tensor cores 0.4 %)" */
function boundText(one) {
  const { bound, pipe, hbm_share, l2_share, pipe_share, sm_share } = one.roofline;
  const shares = [["HBM", hbm_share], ["L2", l2_share], [report.pipes[pipe]?.title, pipe_share], ["SMs", sm_share]]
    .filter(([, part]) => known(part)).map(([title, part]) => `${title} ${share(part)}`);
  return `bound by ${report.bounds[bound].words}${shares.length ? ` (${shares.join(", ")})` : ""}`;
}

function rooflineCard(one, neighbours) {
  const side = one.roofline;
  if (!side)
    return card("Roofline", el("p", {}, `Not known: ${known(one.head_s) ? "neither its operations nor its traffic were told or counted" : "this run has no duration of the case"}.`));
  const before = one.base_roofline ?? {};
  const row = (title, value) => [title, value(before), value(side)];
  const roof = (s) => s.pipe_roofs?.[s.pipe];
  const rows = [
    row("bound by", (s) => (known(s.bound) ? report.bounds[s.bound].words : absent)),
    row(known(one.bytes) ? "operations that it needs" : "operations counted", (s) => scaled(s.operations, "FLOP")),
    row("operations a second", (s) => scaled(s.rate, "FLOP/s")),
    row("arithmetic intensity, FLOP a byte of HBM", (s) => (known(s.intensity) ? s.intensity.toPrecision(4) : absent)),
    row(`roof of the ${report.pipes[side.pipe]?.title ?? "pipe"}`, (s) => scaled(roof(s), "FLOP/s")),
    row("at an SM clock of", (s) => scaled(s.clock_hz, "Hz")),
    row("HBM roof, measured", (s) => scaled(s.hbm_roof, "B/s")),
    row("HBM reached", (s) => scaled(s.hbm_rate, "B/s")),
    row("share of the HBM roof", (s) => share(s.hbm_share)),
    row("share of the L2's peak", (s) => share(s.l2_share)),
    row("share of the pipe's roof", (s) => share(s.pipe_share)),
    row("share of the SMs' busiest unit", (s) => share(s.sm_share)),
    row("share of what the roofs allow", (s) => share(known(s.attainable) ? s.rate / s.attainable : undefined)),
  ];
  const why = !known(side.operations) ? "no operations of the case were told or counted (the metric set roofline counts them)"
    : side.operations > 0 ? "no bytes of HBM were counted for the case" : "the case needs no operations";
  const node = card("Roofline", el("p", {}, boundText(one)),
    el("div", { class: "pair" },
      known(side.intensity) ? rooflineChart(one, neighbours)
        : el("p", { class: "soft" }, `Not drawn: ${why}.`),
    table("Against the roofs", [{ title: "what" }, { title: "base", number: true }, { title: "this run", number: true }], rows)));
  node.classList.add("wide");
  return node;
}

function launchCard(one) {
  const launches = (indices) => indices.map((i) => report.launches[i]);
  const before = launches(one.base_launches), now = launches(one.launches);
  if (!before.length && !now.length)
    return card("Launch", el("p", {}, one.is_whole ? "Made of other cases: it has no launches of its own." : "No launch of this case was recorded."));
  const rows = [];
  for (let i = 0; i < Math.max(before.length, now.length); ++i)
    for (const [side, launch] of [["base", before[i]], ["run", now[i]]])
      if (launch) rows.push([`${i + 1}, ${side}`, el("code", {}, launch.name), launch.grid, launch.block, String(launch.registers),
        String(launch.shared_bytes), el("code", {}, launch.code || "unknown")]);
  const node = card(`Launch: ${report.codes[one.code].words}`, table("Kernels in launch order",
    [{ title: "kernel" }, { title: "name" }, { title: "grid" }, { title: "block" }, { title: "registers", number: true },
      { title: "shared bytes", number: true }, { title: "code" }], rows));
  node.classList.add("wide");
  return node;
}

/** Draws boxes in a row for the parts of a group; `parts` are [part, start, end, title] in us. */
function lane(title, parts, one, scale, left, y) {
  const boxes = parts.map(([part, start, end, words]) => {
    const here = part === one.part;
    const x = left + start * scale, width = Math.max((end - start) * scale, 0.5);
    const box = svg("a", { href: `#${encodeURIComponent(`${one.group}/${part}`)}`, "aria-label": words },
      svg("rect", { class: here ? "part here" : "part", x, y, width, height: 32 }, svg("title", {}, words)));
    if (width > 8 * part.length)
      box.append(svg("text", { class: here ? "here" : "", x: x + width / 2, y: y + 21, "text-anchor": "middle" }, part));
    return box;
  });
  return svg("g", {}, svg("text", { x: 0, y: y + 21 }, title), ...boxes);
}

/** Returns lines and labels below the lanes: round numbers of microseconds. */
function timeAxis(longest, scale, left, y) {
  const rough = longest / 8, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const marks = [];
  for (let us = 0; us <= longest; us += step) {
    const x = left + us * scale;
    marks.push(svg("line", { class: "flow", x1: x, x2: x, y1: 0, y2: y + 4 }),
      svg("text", { class: "soft", x, y: y + 18, "text-anchor": us === 0 ? "start" : "middle" }, `${Number(us.toPrecision(6))}${us === 0 ? " us" : ""}`));
  }
  return marks;
}

/** Draws the group's parts one after the other, as long as their median durations, and also as they ran, where the record has that. */
function groupChart(one, parts, timelines, longest) {
  const width = 1000, left = 95, scale = (width - left) / longest;
  const inOrder = (side) => {
    let at = 0;
    return parts.map((other) => {
      const us = 1e6 * (other[side] ?? 0), name = other.part;
      at += us;
      return [name, at - us, at, `${name} ${us.toFixed(2)} us`];
    });
  };
  const sides = [["base", inOrder("base_s")], ["this run", inOrder("head_s")]];
  const onStream = (stream) => (known(stream) ? `, stream ${stream}` : "");
  const lanes = [...(parts.length > 1 ? sides : []),
    ...timelines.map((timeline) => [timeline.title, timeline.kernels.map(([part, launch, start, end, stream]) =>
      [part, start, end, `${part}: ${report.launches[launch].name} ${(end - start).toFixed(2)} us, from ${start.toFixed(2)} us${onStream(stream)}`])])];
  return el("div", { class: "scroll picture", tabindex: "0", role: "region", "aria-label": "Parts of the group" },
    svg("svg", { class: "chart", viewBox: `0 0 ${width + 20} ${40 * lanes.length + 18}` },
      ...timeAxis(longest, scale, left, 40 * lanes.length - 4),
      ...lanes.map(([title, laneParts], i) => lane(title, laneParts, one, scale, left, 40 * i))));
}

/** A kernel summary like that of nsys, with grid and block. */
function kernelSummary(timeline) {
  const us = (value) => value.toFixed(2);
  return el("details", {}, el("summary", {}, `Kernel summary of ${timeline.of}, ${timeline.launching}`),
    table(`${us(timeline.span)} us from first to last; a kernel runs in ${share(timeline.busy / timeline.span)} of it`,
      [{ title: "kernel" }, { title: "grid" }, { title: "block" }, { title: "instances", number: true }, { title: "total us", number: true },
        { title: "mean", number: true }, { title: "median", number: true }, { title: "min", number: true }, { title: "max", number: true },
        { title: "share", number: true }],
      timeline.summary.map(([launch, instances, total, mean, median, min, max, part]) => {
        const { name, grid, block } = report.launches[launch];
        return [el("code", {}, name), grid, block, String(instances), us(total), us(mean), us(median), us(min), us(max), share(part)];
      })));
}

function groupCard(one, neighbours) {
  const parts = neighbours.filter((other) => !other.is_whole && known(other.head_s));
  // A group may have any name, that of an inherited property, too.
  const timelines = Object.hasOwn(report.timelines, one.group) ? report.timelines[one.group] : [];
  if (parts.length < 2 && !timelines.length) return null;
  const whole = neighbours.find((other) => other.is_whole);
  const sum = (side) => parts.reduce((all, other) => all + (other[side] ?? 0), 0);
  const total = sum("head_s");
  const ends = timelines.map((timeline) => Math.max(...timeline.kernels.map((kernel) => kernel[3])));
  const longest = Math.max(1e6 * Math.max(sum("base_s"), total, whole?.head_s ?? 0, whole?.base_s ?? 0), ...ends);
  const node = card(`The ${whole ? whole.part : "group"}`, groupChart(one, parts, timelines, longest),
    table("Parts of the group", [{ title: "part" }, { title: "base us", number: true }, { title: "us", number: true }, { title: "share", number: true }, { title: "change", number: true }, { title: "kernels", number: true }],
      parts.map((other) => [el("a", { href: `#${encodeURIComponent(other.id)}` }, other.part), microseconds(other.base_s), microseconds(other.head_s),
        share(other.head_s / total), other.cells[2], String(other.launches.length || absent)])),
    ...timelines.map(kernelSummary),
    el("p", { class: "soft" }, (parts.length > 1 ? "Base and this run: the parts in their order, as long as their durations. " : "") +
      (timelines.length ? `${parts.length > 1 ? "Below them" : "Drawn"}: ${timelines[0].shown}, with the gaps as they were: ${timelines.map((timeline) => timeline.launching).join(", and ")}. ` :
        "The record has no start times, so no gaps are drawn. ") +
      (parts.length < 2 ? "" : `Together ${microseconds(total)} us` + (whole ? `; the ${whole.part} itself ${microseconds(whole.head_s)} us.` : "."))));
  node.classList.add("wide");
  return node;
}

function detailNodes(one) {
  const neighbours = report.cases.filter((other) => other.group === one.group).map(whole);
  return [
    el("p", {}, el("button", { type: "button", onclick: closeDetail }, "All cases")),
    el("h2", { tabindex: "-1", id: "detail-title" }, one.id),
    judged ? el("p", { class: "lead" }, verdictNode(one)) : null,
    ...(judged ? reasonNodes(one) : []),
    el("div", { class: "cards" }, durationCard(one), splitCard(one), rooflineCard(one, neighbours),
      memoryCard(one), stallCard(one), groupCard(one, neighbours), launchCard(one), occupancyCard(one), metricsCard(one)),
  ].filter(Boolean);
}
