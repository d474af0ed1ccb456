// SPDX-License-Identifier: Apache-2.0
// Checks the output of --trace against the rules of the Trace Event format, and against the record itself.
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
/** Changes of the trace, and the expected complaints. */
const breaches = [
  ["a begin without an end", "has a phase that is not checked: B", (copy, stage) => (stage.ph = "B")],
  ["a flow", "has a phase that is not checked: s", (copy, stage) => copy.traceEvents.push({ ...stage, ph: "s", id: 1 })],
  ["no phase", "has a phase that is not checked: undefined", (copy, stage) => delete stage.ph],
  ["an empty name", "has no name", (copy, stage) => (stage.name = "")],
  ["a process in quotes", "has no pid", (copy, stage) => (stage.pid = "1")],
  ["half a thread", "has no tid", (copy, stage) => (stage.tid = 1.5)],
  ["a negative time", "has no ts in microseconds", (copy, stage) => (stage.ts = -1)],
  ["no duration", "has no dur in microseconds", (copy, stage) => delete stage.dur],
  ["a negative duration", "has no dur in microseconds", (copy, stage) => (stage.dur = -0.001)],
  ["a duration in quotes", "has no dur in microseconds", (copy, stage) => (stage.dur = "7")],
  ["a list of arguments", "has args that are no object", (copy, stage) => (stage.args = [1])],
  ["an event that is null", "is no object", (copy) => copy.traceEvents.push(null)],
  ["unknown metadata", "is metadata that the format does not know", (copy) => (named(copy, "thread_name").name = "thread_title")],
  ["a process_name with labels", "is metadata without args.name", (copy) => (named(copy, "process_name").args = { labels: "x" })],
  ["a sort index in quotes", "is metadata without args.sort_index", (copy) => (named(copy, "thread_sort_index").args.sort_index = "1")],
  ["a second name", "is there twice", (copy) => copy.traceEvents.push({ ...named(copy, "thread_name") })],
  ["a process without a name", "process_name of process 1 is missing",
    (copy) => copy.traceEvents.splice(copy.traceEvents.indexOf(named(copy, "process_name")), 1)],
  ["a thread without a name", "thread_name of thread 1/20 is missing",
    (copy) => (copy.traceEvents = copy.traceEvents.filter(({ name, pid, tid }) => !(name === "thread_name" && pid === 1 && tid === 20)))],
  ["a stage that ends in the next", "overlaps the slice before it", (copy, stage) => (stage.dur += 1)],
  ["no list of events", "traceEvents is no list", (copy) => (copy.traceEvents = {})],
  ["a unit of its own", "displayTimeUnit is neither ms nor ns", (copy) => (copy.displayTimeUnit = "us")],
];
for (const [what, complaint, change] of breaches)
  test(`a trace that is wrong is found: ${what}`, () => {
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
