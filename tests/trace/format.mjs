// SPDX-License-Identifier: Apache-2.0
// The Trace Event format's own rules, as far as --trace uses it ("Trace Event Format", and how Perfetto
// reads it): one JSON object with `traceEvents`; complete events ("X") that nest within a thread;
// metadata events ("M") that name processes and threads. Any other phase is refused: a trace that uses
// another phase needs its rules here first.

/** What a metadata event is about, the key of its argument, and that argument's type. */
const metadata = {
  process_name: { key: "name", type: "string", of: "process" },
  process_labels: { key: "labels", type: "string", of: "process" },
  process_sort_index: { key: "sort_index", type: "number", of: "process" },
  thread_name: { key: "name", type: "string", of: "thread" },
  thread_sort_index: { key: "sort_index", type: "number", of: "thread" },
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** Perfetto keeps ids in 32 bits. */
const isId = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
/** Times are microseconds. Perfetto takes fractions to the nanosecond; some viewers refuse negative times. */
const isTime = (value) => Number.isFinite(value) && value >= 0 && value * 1e3 <= Number.MAX_SAFE_INTEGER;
const ns = (microseconds) => Math.round(microseconds * 1e3);
const threadOf = (event) => `${event.pid}/${event.tid}`;

/** Returns what is wrong with one event by itself; undefined when nothing is. */
function eventComplaint(event) {
  if (!isObject(event)) return "is no object";
  if (typeof event.name !== "string" || event.name === "") return "has no name";
  if (!isId(event.pid)) return "has no pid";
  if (!isId(event.tid)) return "has no tid";
  if ("args" in event && !isObject(event.args)) return "has args that are no object";
  if (event.ph === "X") {
    if (!isTime(event.ts)) return "has no ts in microseconds";
    if (!isTime(event.dur)) return "has no dur in microseconds";
    return undefined;
  }
  if (event.ph !== "M") return `has a phase that is not checked: ${event.ph}`;
  if (!Object.hasOwn(metadata, event.name)) return "is metadata that the format does not know";
  const { key, type } = metadata[event.name];
  if (typeof event.args?.[key] !== type) return `is metadata without args.${key}`;
  return undefined;
}

/** Checks names and other metadata: once for each process and thread, and for each that has slices. */
function metadataComplaints(events) {
  const complaints = [], seen = new Set();
  for (const event of events.filter(({ ph }) => ph === "M")) {
    const { of } = metadata[event.name];
    const key = `${event.name} of ${of} ${of === "process" ? event.pid : threadOf(event)}`;
    if (seen.has(key)) complaints.push(`${key} is there twice`);
    seen.add(key);
  }
  const wanted = events.filter(({ ph }) => ph === "X").flatMap((event) =>
    [`process_name of process ${event.pid}`, `thread_name of thread ${threadOf(event)}`]);
  for (const key of new Set(wanted)) if (!seen.has(key)) complaints.push(`${key} is missing`);
  return complaints;
}

/** Returns the complete events with their times in ns and nesting depth; complains of other overlaps. */
function nest(events, complaints) {
  const open = new Map();  // by thread, the ends of its open events
  const slices = events.filter(({ ph }) => ph === "X")
    .map((event) => ({ event, start: ns(event.ts), duration: ns(event.dur), end: ns(event.ts) + ns(event.dur) }))
    .sort((a, b) => a.start - b.start || b.duration - a.duration);
  for (const slice of slices) {
    const thread = threadOf(slice.event);
    const ends = (open.get(thread) ?? []).filter((end) => end > slice.start);
    if (ends.length > 0 && slice.end > ends.at(-1))
      complaints.push(`${slice.event.name} at ${slice.event.ts} of thread ${thread} overlaps the slice before it`);
    slice.depth = ends.length;
    open.set(thread, [...ends, slice.end]);
  }
  return slices;
}

/** Reads a trace; `complaints` says what breaks the format. Throws when the text is no JSON. */
export function readTrace(text) {
  const trace = JSON.parse(text);
  if (!isObject(trace) || !Array.isArray(trace.traceEvents)) return { complaints: ["traceEvents is no list"], events: [], slices: [] };
  const complaints = [];
  if (!["ms", "ns", undefined].includes(trace.displayTimeUnit)) complaints.push("displayTimeUnit is neither ms nor ns");
  const events = trace.traceEvents.filter((event, i) => {
    const complaint = eventComplaint(event);
    if (complaint) complaints.push(`event ${i} ${complaint}`);
    return !complaint;
  });
  complaints.push(...metadataComplaints(events));
  return { complaints, events, slices: nest(events, complaints) };
}

/** Returns the rows that the tests of recording.mjs need, in the order of their start. */
export function rowsOf({ events, slices }) {
  const named = new Map(events.filter(({ name }) => /^(process|thread)_name$/.test(name))
    .map((event) => [event.name === "process_name" ? `${event.pid}` : threadOf(event), event.args.name]));
  return slices.map(({ event, start, duration, depth }) => ({
    process: named.get(`${event.pid}`), thread: named.get(threadOf(event)), pid: event.pid, tid: event.tid,
    name: event.name, layer: event.args?.layer ?? null, start, duration, depth,
    kernel: event.args?.kernels?.[0] ?? null, verdict: event.args?.verdict ?? null, head_s: event.args?.head_s ?? null,
  }));
}
