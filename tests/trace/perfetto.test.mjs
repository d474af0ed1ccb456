// SPDX-License-Identifier: Apache-2.0
// Checks the output of --trace, as Perfetto's trace processor reads it, against the record itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { query } from "./perfetto.mjs";
import { broken, testRows, text } from "./recording.mjs";

const complaints = (trace) =>
  query(trace, "select name from stats where severity in ('error', 'data_loss') and value > 0").map(({ name }) => name);

test("Perfetto has nothing to complain about", () => {
  assert.deepEqual(complaints(text), []);
});

const arg = (key) => `extract_arg(slice.arg_set_id, 'args.${key}')`;
testRows("Perfetto", query(text, `
  select process.name as process, thread.name as thread, pid, tid, slice.name as name, ${arg("layer")} as layer,
    ts as start, dur as duration, depth, ${arg("kernels[0]")} as kernel, ${arg("verdict")} as verdict, ${arg("head_s")} as head_s
  from slice join thread_track on track_id = thread_track.id
  left join thread using (utid) left join process using (upid) order by ts, slice.id`));

test("Perfetto does complain about a trace that is wrong", () => {
  assert.deepEqual(complaints(broken((_, stage) => (stage.dur += 1))), ["slice_drop_overlapping_complete_event"]);
  assert.deepEqual(complaints(broken((_, stage) => delete stage.dur)), ["json_parser_failure"]);
  assert.throws(() => query(text.slice(0, text.length / 2), "select 1"), /failed/);
});
