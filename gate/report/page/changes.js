// SPDX-License-Identifier: Apache-2.0
// The landing plot: every case's change with its interval, the worst verdicts first, of one verdict
// the largest change first. A row is a link that opens the case.

const changesAtOnce = 50;
let changesShown = changesAtOnce;

const changedCases = report.cases.map(whole).filter((one) => known(one.change?.effect)).sort((a, b) =>
  report.verdicts[a.verdict].order - report.verdicts[b.verdict].order || b.change.effect - a.change.effect);

/** Returns the axis of the rows: from the lowest to the highest of what they show, with 0 on it. */
function changesAxis(cases) {
  let low = 0, high = 0;
  for (const one of cases) {
    low = Math.min(low, one.change.lower ?? one.change.effect, -one.threshold);
    high = Math.max(high, one.change.upper ?? one.change.effect, one.threshold);
  }
  const span = high - low || 1;
  return { low, high, at: (ratio) => ((Math.min(Math.max(ratio, low), high) - low) / span) * 1000 };
}

/** Returns the picture of one change: the tolerance as an area, the interval as a line, the estimate as a bar. */
function changeStrip(one, axis) {
  const { effect, lower = effect, upper = effect } = one.change;
  const box = (kind, from, to, top, height) => svg("rect", { class: kind, x: Math.min(from, to), y: top, height,
    width: Math.max(Math.abs(to - from), 1) });
  const mark = 6;
  return svg("svg", { class: "strip", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true" },
    box("tolerance", axis.at(-one.threshold), axis.at(one.threshold), 0, 20),
    box("zero", axis.at(0) - 0.5, axis.at(0) + 0.5, 0, 20),
    box("interval", axis.at(lower), axis.at(upper), 8, 4),
    box("estimate", axis.at(effect) - mark / 2, axis.at(effect) + mark / 2, 3, 14));
}

function changeRow(one, axis) {
  const info = report.verdicts[one.verdict];
  const { effect, lower, upper } = one.change;
  return el("li", {}, el("a", { class: info.id, href: `#${encodeURIComponent(one.id)}`, "data-case": one.id,
    title: `${percent(effect)}, between ${percent(lower)} and ${percent(upper)}; tolerance ${percent(one.threshold)}` },
  el("span", { class: "name" }, `${info.mark} `, ...breakable(one.id), info.id === "pass" ? null : el("span", { class: "soft" }, ` ${info.id}: ${one.headline}`)),
  changeStrip(one, axis), el("span", { class: "number" }, percent(effect))));
}

function drawChanges() {
  const shown = changedCases.slice(0, changesShown);
  const axis = changesAxis(shown);
  document.getElementById("changes-rows").replaceChildren(...shown.map((one) => changeRow(one, axis)));
  document.getElementById("changes-axis").replaceChildren(el("span", {}, percent(axis.low)), el("span", {}, percent(axis.high)));
  const more = document.getElementById("changes-more");
  more.hidden = shown.length === changedCases.length;
  more.textContent = `Show ${Math.min(changesAtOnce, changedCases.length - shown.length)} more`;
}

function changesSection() {
  if (!changedCases.length) return null;
  return el("section", { id: "changes", "aria-label": "Changes" },
    el("h2", {}, "Changes of the duration"),
    el("p", { class: "soft" }, "Each line is a case: the bar is the change, the line through it its interval, the shaded area the tolerance; " +
      "to the right is slower. A line opens its case."),
    el("p", { id: "changes-axis", class: "axis soft", "aria-hidden": "true" }),
    el("ol", { id: "changes-rows", class: "changes" }),
    el("p", { class: "more" }, el("button", { type: "button", id: "changes-more", hidden: "",
      onclick: () => { changesShown += changesAtOnce; drawChanges(); } })));
}
