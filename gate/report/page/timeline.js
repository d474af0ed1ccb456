// SPDX-License-Identifier: Apache-2.0
// The landing view of a profile: one occurrence of a group as lanes, a lane a stream, a colour a kernel.

const mostTimelines = 3, mostKernelColours = 8;

/** Returns the kernels of these timelines by name, what took most of the time first: {name, part, count, us}. */
function kernelsByName(timelines) {
  const found = new Map();
  for (const [part, launch, start, end] of timelines.flatMap((timeline) => timeline.kernels)) {
    const { name } = report.launches[launch];
    if (!found.has(name)) found.set(name, { name, part, count: 0, us: 0 });
    const kernel = found.get(name);
    kernel.count += 1;
    kernel.us += end - start;
  }
  return [...found.values()].sort((a, b) => b.us - a.us);
}

/** Returns the colours of a group's kernels, the same in each of its timelines. */
function coloursOf(timelines) {
  return new Map(kernelsByName(timelines).map(({ name }, i) => [name, i < mostKernelColours ? `k${i}` : "other"]));
}

/** Returns for how long at least one kernel runs; they stand in the order of their starts. */
function busyTime(timeline) {
  let busy = 0, reached = 0;
  for (const [, , start, end] of timeline.kernels) {
    busy += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return busy;
}

/** Returns the lanes: [title, kernels], one for each stream in the order of their first kernels. */
function lanesOf(timeline) {
  const lanes = new Map();
  for (const kernel of timeline.kernels) {
    const stream = kernel[4];
    if (!lanes.has(stream)) lanes.set(stream, []);
    lanes.get(stream).push(kernel);
  }
  return [...lanes].map(([stream, kernels]) => [known(stream) ? `stream ${stream}` : "kernels", kernels]);
}

/** Returns a lane without text, which any width can hold; its numbers stand in the list below it. */
function laneStrip(kernels, colours, longest) {
  const at = (us) => (us / longest) * 1000;
  return svg("svg", { class: "lane", viewBox: "0 0 1000 28", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...kernels.map(([, launch, start, end]) => {
      const { name } = report.launches[launch];
      return svg("rect", { class: colours.get(name), x: at(start), y: 0, width: Math.max(at(end - start), 0.5), height: 28 },
        svg("title", {}, `${name} ${(end - start).toFixed(2)} us, from ${start.toFixed(2)} us`));
    }));
}

/** Returns the list of the kernels' colours, with their share of the kernels' time; a name opens its case. */
function kernelList(group, timeline, colours) {
  const kernels = kernelsByName([timeline]), all = kernels.reduce((sum, kernel) => sum + kernel.us, 0);
  const line = (colour, name, count, us) => el("li", {}, el("span", { class: `swatch ${colour}`, "aria-hidden": "true" }),
    el("span", {}, name, el("span", { class: "soft" }, ` ${count}\u00a0×, ${us.toFixed(2)}\u00a0us, ${unbroken(share(us / all))}`)));
  const shown = kernels.filter((kernel) => colours.get(kernel.name) !== "other"), rest = kernels.filter((kernel) => !shown.includes(kernel));
  const sum = (key) => rest.reduce((total, kernel) => total + kernel[key], 0);
  return el("ul", { class: "kernels" },
    ...shown.map(({ name, part, count, us }) =>
      line(colours.get(name), el("a", { href: `#${encodeURIComponent(`${group}/${part}`)}` }, name), count, us)),
    rest.length ? line("other", rest.length === 1 ? "1 other kernel" : `${rest.length} other kernels`, sum("count"), sum("us")) : null);
}

function timelineFigure(group, timeline) {
  const colours = coloursOf(report.timelines[group]), longest = Math.max(...timeline.kernels.map((kernel) => kernel[3]));
  return el("figure", { class: "occurrence" },
    el("figcaption", {}, el("strong", {}, group), unbroken(`: ${longest.toFixed(2)} us from its first kernel to its last, a kernel runs in ` +
      `${share(busyTime(timeline) / longest)} of it; ${timeline.launching}`)),
    ...lanesOf(timeline).map(([title, lane]) => el("div", { class: "lanes" }, el("span", { class: "soft" }, title), laneStrip(lane, colours, longest))),
    el("p", { class: "soft ends", "aria-hidden": "true" }, el("span", {}, "0"), el("span", {}, `${longest.toFixed(2)} us`)),
    kernelList(group, timeline, colours));
}

/** A judged report begins with its changes; the timelines stand in the details of its cases. */
function timelinesSection() {
  if (judged) return null;
  const all = Object.entries(report.timelines).flatMap(([group, timelines]) => timelines.map((timeline) => [group, timeline]));
  if (!all.length) return null;
  const shown = all.slice(0, mostTimelines), more = all.length - shown.length;
  return el("section", { id: "timelines", "aria-label": "Timeline" },
    el("h2", {}, "Timeline of one occurrence"),
    ...shown.map(([group, timeline]) => timelineFigure(group, timeline)),
    el("p", { class: "soft" }, `Drawn: ${shown[0][1].shown}; what is empty is a gap, in which none of its kernels ran.` +
      (more ? ` The other ${more === 1 ? "timeline stands" : `${more} stand`} with the details of a case.` : "")));
}
