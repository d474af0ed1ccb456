// SPDX-License-Identifier: Apache-2.0
// The memory chart, like Nsight Compute's: where the bytes went, how many or how fast, and how busy
// each level was. It shows only what the record holds; a flow without a counter has no number.

const sectorBytes = 32;
const memory = { rate: false };

/** Returns the bytes of one flow on one side; undefined when they were not counted. */
function flowBytes(one, flow, side) {
  if (flow.bytes) return metricOf(one, flow.bytes, side);
  for (const id of flow.sectors) {
    const sectors = metricOf(one, id, side);
    if (known(sectors)) return sectors * sectorBytes;
  }
  return undefined;
}

const flows = [
  { title: "SM and L1", from: 0, bytes: "l1_bytes" },
  { title: "L2 to L1, read", from: 1, up: true, sectors: ["l2_read_sectors"] },
  { title: "L1 to L2, written", from: 1, sectors: ["l2_write_sectors"] },
  { title: "SMs and L2, all", from: 1, sectors: ["l2_sectors_sm"], all: true },
  { title: "HBM to L2, read", from: 2, up: true, bytes: "hbm_read" },
  { title: "L2 to HBM, written", from: 2, bytes: "hbm_write" },
];

function flowText(one, flow, side) {
  const bytes = flowBytes(one, flow, side);
  if (!memory.rate) return scaled(bytes, "B");
  const seconds = side === "base" ? one.base_s : one.head_s;
  return known(bytes) && seconds ? scaled(bytes / seconds, "B/s") : absent;
}

const countedL1 = (one) => known(metricOf(one, "l1_bytes", "head")) || known(metricOf(one, "l1_throughput", "head"));

/** Returns the flows that the record holds: reads and writes where both are there, else all together. Without counters of the
 *  L1 there is no box for it, so what follows it is one box nearer. */
function knownFlows(one) {
  const parted = known(metricOf(one, "l2_read_sectors", "head"));
  const there = flows.filter((flow) => (flow.all ? !parted : flow.from !== 1 || parted));
  if (countedL1(one)) return there;
  return there.filter((flow) => flow.from > 0).map((flow) => ({ ...flow, from: flow.from - 1, title: flow.title.replace("L1", "SMs") }));
}

function levels(one) {
  const rate = (id) => share(metricOf(one, id, "head"));
  const roof = one.roofline ?? {};
  const all = [
    { title: "SMs", use: metricOf(one, "sm_throughput", "head"), lines: [`throughput ${rate("sm_throughput")}`, `IPC ${fixed(metricOf(one, "ipc", "head"), 2)}`] },
    { title: "L1", use: metricOf(one, "l1_throughput", "head"), lines: [`throughput ${rate("l1_throughput")}`, `hit rate ${rate("l1_hit_rate")}`] },
    { title: "L2", use: metricOf(one, "l2_throughput", "head"), lines: [`throughput ${rate("l2_throughput")}`, `hit rate of SMs ${rate("l2_hit_rate")}`,
      `as ncu has it ${rate("l2_hit_rate_all")}`, fabricLine(one)] },
    { title: "HBM", use: roof.hbm_share, lines: [`of peak ${rate("hbm_throughput")}`, `of read roof ${share(roof.hbm_share)}`] },
  ];
  return all.filter((level) => level.title !== "L1" || countedL1(one));
}

/** Says how much of the L2's work is not for the SMs; most of that is for the L2's other half. */
function fabricLine(one) {
  const all = metricOf(one, "l2_sectors", "head"), ours = metricOf(one, "l2_sectors_sm", "head");
  const fabric = metricOf(one, "l2_fabric_share", "head");
  if (known(fabric)) return `fabric ${share(fabric)}`;
  return known(all) && known(ours) ? `not SMs' ${share(1 - ours / all)}` : "";
}

const box = { width: 172, height: 128, gap: 118, top: 26 };

function levelBox(level, i) {
  const x = i * (box.width + box.gap) + 1;
  const filled = Math.min(1, level.use ?? 0) * box.height;
  return svg("g", {},
    svg("rect", { class: "box", x, y: box.top, width: box.width, height: box.height, rx: 5 }),
    svg("rect", { class: "level", x, y: box.top + box.height - filled, width: box.width, height: filled, rx: 5 }),
    svg("rect", { class: "box", x, y: box.top, width: box.width, height: box.height, rx: 5, fill: "none", "fill-opacity": 0 }),
    svg("text", { class: "big", x: x + 10, y: box.top + 24 }, level.title),
    ...level.lines.map((line, n) => svg("text", { x: x + 10, y: box.top + 48 + 20 * n }, line)));
}

function flowArrow(one, flow, n, count) {
  const x1 = (flow.from + 1) * box.width + flow.from * box.gap + 4;
  const x2 = x1 + box.gap - 8;
  const y = box.top + (box.height * (n + 0.5)) / count;
  const [from, to] = flow.up ? [x2, x1] : [x1, x2];
  const both = !flow.up && (flow.all || flow.bytes === "l1_bytes");
  const middle = (x1 + x2) / 2;
  const text = (offset, words, name) => svg("text", { x: middle, y: y + offset, "text-anchor": "middle", class: name }, words);
  return svg("g", {},
    svg("line", { class: "flow on", x1: from, y1: y, x2: to, y2: y, "stroke-width": 2, "marker-end": "url(#tip)",
      ...(both ? { "marker-start": "url(#tip)" } : {}) }),
    text(-7, flowText(one, flow, "head"), "big"),
    text(17, `base ${flowText(one, flow, "base")}`, "soft"));
}

function memoryPicture(one) {
  const shown = knownFlows(one);
  const arrows = shown.map((flow) => {
    const group = shown.filter((other) => other.from === flow.from);
    return flowArrow(one, flow, group.indexOf(flow), group.length);
  });
  const boxes = levels(one);
  const width = boxes.length * (box.width + box.gap) - box.gap + 2;
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${box.top + box.height + 8}`, role: "img",
    "aria-label": `Memory chart of ${one.id}; its numbers are in the table below` },
    svg("defs", {}, svg("marker", { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 5, markerHeight: 5, orient: "auto-start-reverse" },
      svg("path", { d: "M0 0 8 4 0 8z", class: "head" }))),
    ...boxes.map(levelBox), ...arrows);
}

function memoryCard(one) {
  const body = el("div", {});
  const draw = () => {
    body.replaceChildren(
      el("div", { class: "scroll picture", tabindex: "0", role: "region", "aria-label": "Memory chart" }, memoryPicture(one)),
      table("Bytes between the levels", [{ title: "flow" }, { title: "base", number: true }, { title: "this run", number: true }],
        knownFlows(one).map((flow) => [flow.title, flowText(one, flow, "base"), flowText(one, flow, "head")])));
    for (const button of card.querySelectorAll("[data-rate]"))
      button.setAttribute("aria-pressed", String((button.dataset.rate === "yes") === memory.rate));
  };
  const choose = (rate, title) => el("button", { type: "button", "data-rate": rate ? "yes" : "no",
    onclick: () => { memory.rate = rate; draw(); } }, title);
  const card = el("section", { class: "card wide" }, el("h3", {}, "Memory"),
    el("div", { class: "bar", role: "group", "aria-label": "What the memory chart shows" },
      choose(false, "transfer sizes"), choose(true, "throughputs")),
    body,
    el("p", { class: "soft" }, (known(one.bytes) ? `The operator must move ${scaled(one.bytes, "B")}. ` : "") + `Throughputs are bytes as counted over the traced duration. ` +
      (one.is_whole ? "Its counters are of its kernels one after the other, its duration is of them as they overlap: so its bytes over its duration are a larger share. " : "") +
      "L2 lookups are not only the SMs': its other half asks too, and ncu's hit rate divides by all of them."));
  draw();
  return card;
}
