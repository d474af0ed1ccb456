// What --trace writes against the rules of the Trace Event format, and against the record itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrace, rowsOf } from "./format.mjs";
import { broken, testRows, text } from "./recording.mjs";

const trace = readTrace(text);

test("the trace keeps the rules of the format", () => {
  assert.deepEqual(trace.complaints, []);
  assert.ok(trace.slices.length > 100);
});

testRows("format", rowsOf(trace));

const named = (copy, name) => copy.traceEvents.find((event) => event.name === name);
const breaches = {
  "a phase that is not checked: B": (copy, stage) => (stage.ph = "B"),
  "a phase that is not checked: s": (copy, stage) => copy.traceEvents.push({ ...stage, ph: "s", id: 1 }),
  "a phase that is not checked: undefined": (copy, stage) => delete stage.ph,
  "no name": (copy, stage) => (stage.name = ""),
  "no pid": (copy, stage) => (stage.pid = "1"),
  "no tid": (copy, stage) => (stage.tid = 1.5),
  "no ts in microseconds": (copy, stage) => (stage.ts = -1),
  "no dur in microseconds": (copy, stage) => delete stage.dur,
  "has no dur": (copy, stage) => (stage.dur = -0.001),
  "dur in microseconds": (copy, stage) => (stage.dur = "7"),
  "args that are no object": (copy, stage) => (stage.args = [1]),
  "is no object": (copy) => copy.traceEvents.push(null),
  "metadata that the format does not know": (copy) => (named(copy, "thread_name").name = "thread_title"),
  "metadata without args.name": (copy) => (named(copy, "process_name").args = { labels: "x" }),
  "metadata without args.sort_index": (copy) => (named(copy, "thread_sort_index").args.sort_index = "1"),
  "there twice": (copy) => copy.traceEvents.push({ ...named(copy, "thread_name") }),
  "process_name of process 1 is missing": (copy) => copy.traceEvents.splice(copy.traceEvents.indexOf(named(copy, "process_name")), 1),
  "thread_name of thread 1/20 is missing": (copy) => {
    copy.traceEvents = copy.traceEvents.filter(({ name, pid, tid }) => !(name === "thread_name" && pid === 1 && tid === 20));
  },
  "overlaps the slice before it": (copy, stage) => (stage.dur += 1),
  "traceEvents is no list": (copy) => (copy.traceEvents = {}),
  "displayTimeUnit is neither ms nor ns": (copy) => (copy.displayTimeUnit = "us"),
};
for (const [complaint, change] of Object.entries(breaches))
  test(`a trace that is wrong is found: ${complaint}`, () => {
    const { complaints } = readTrace(broken(change));
    assert.ok(complaints.some((text) => text.includes(complaint)), complaints.slice(0, 3).join("; "));
  });

test("what nests is no overlap, and half a file is no trace", () => {
  const within = (copy, stage) => copy.traceEvents.push({ ...stage, name: "part", dur: stage.dur / 2 });
  const { complaints, slices } = readTrace(broken(within));
  assert.deepEqual(complaints, []);
  assert.equal(slices.find(({ event }) => event.name === "part").depth, 1);
  assert.throws(() => readTrace(text.slice(0, text.length / 2)), SyntaxError);
});
