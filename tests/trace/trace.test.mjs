// What --trace writes, as Perfetto reads it: the shipped recording's steps, against the record itself.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { perfgate, root } from "../program.mjs";
import { Perfetto } from "./perfetto.mjs";

const recording = join(root, "tests/recordings/h100.json");
const timelines = JSON.parse(readFileSync(recording, "utf8")).processes.flatMap((one) => one.timelines ?? []);
const workloads = [...new Set(timelines.map((one) => one.workload))];

function trace() {
  const folder = mkdtempSync(join(tmpdir(), "perfgate-trace-"));
  const file = join(folder, "trace.json");
  execFileSync(perfgate, ["--replay", recording, "--trace", file, "--quiet"], { cwd: root, stdio: "pipe" });
  const text = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  return text;
}

const text = trace();
const perfetto = await Perfetto.load(text);

const complaints = (of) => of.rows("select name, value from stats where severity in ('error', 'data_loss') and value > 0");

const words = { graph: "replayed as one CUDA graph", calls: "launched one by one" };

/** [name, layer, start, duration] of each slice of a thread, in ns; a depth other than 0 is added. */
async function slices(workload, thread) {
  const rows = await perfetto.rows(`
    select slice.name, extract_arg(slice.arg_set_id, 'args.layer'), ts, dur, depth
    from slice join thread_track on track_id = thread_track.id join thread using (utid) join process using (upid)
    where process.name = '${workload}' and thread.name = '${thread}' order by ts`);
  return rows.map((row) => (row[4] === 0 ? row.slice(0, 4) : row));
}

/** The same of the record: of runs of kernels that `same` holds together, from first start to last end. */
function recorded({ kernels }, nameAndLayer, same, [start, end] = ["start_s", "end_s"]) {
  const first = Math.min(0, ...kernels.map((one) => Math.min(one.start_s, one.call_start_s ?? 0)));
  const ns = (seconds) => Math.round((seconds - first) * 1e9);
  const groups = [];
  kernels.forEach((one, i) => (i > 0 && same(one, kernels[i - 1]) ? groups.at(-1).push(one) : groups.push([one])));
  return groups.map((group) => {
    const from = ns(group[0][start]);
    return [...nameAndLayer(group[0]), from, Math.max(...group.map((one) => ns(one[end]))) - from];
  });
}

test("Perfetto has nothing to complain about", async () => {
  assert.deepEqual(await complaints(perfetto), []);
});

test("each workload is a process, and its threads have their names", async () => {
  const threads = await perfetto.rows(`
    select process.name, thread.name, count(*) from slice join thread_track on track_id = thread_track.id
    left join thread using (utid) left join process using (upid) group by upid, utid order by pid, tid`);
  assert.deepEqual(threads, workloads.flatMap((workload) => ["graph", "calls"].flatMap((launching) => {
    const { kernels } = timelines.find((one) => one.workload === workload && one.launching === launching);
    const layers = new Set(kernels.map((one) => one.layer)).size;
    const stages = new Set(kernels.map((one) => `${one.layer} ${one.stage}`)).size;
    return [["CPU: launches", launching === "calls" ? kernels.length : 0], ["layers", layers], ["stages", stages],
      ["kernels", kernels.length]].filter(([, count]) => count > 0)
      .map(([title, count]) => [workload, `${title} (${words[launching]})`, count]);
  })));
});

for (const timeline of timelines) {
  const { workload, launching, launches } = timeline;
  test(`${workload} ${words[launching]}: stages, layers, kernels and calls last as the record says`, async () => {
    const of = (title) => slices(workload, `${title} (${words[launching]})`);
    const stages = recorded(timeline, (one) => [one.stage, one.layer],
      (one, last) => one.stage === last.stage && one.layer === last.layer);
    assert.equal(stages.length, 40);  // ten in each of four layers
    assert.deepEqual(await of("stages"), stages);
    assert.deepEqual(await of("layers"),
      recorded(timeline, (one) => [`layer ${one.layer}`, null], (one, last) => one.layer === last.layer));
    const kernel = (one) => [launches[one.launch].name, one.layer];
    assert.deepEqual(await of("kernels"), recorded(timeline, kernel, () => false));
    if (launching === "calls")
      assert.deepEqual(await of("CPU: launches"), recorded(timeline, kernel, () => false, ["call_start_s", "call_end_s"]));
  });
}

test("what is measured of a case can be asked for", async () => {
  const [[gemm, verdict, seconds]] = await perfetto.rows(`
    select extract_arg(arg_set_id, 'args.kernels[0]'), extract_arg(arg_set_id, 'args.verdict'), extract_arg(arg_set_id, 'args.head_s')
    from slice where name = 'o_proj' order by id limit 1`);
  assert.match(gemm, /gemm/);
  assert.equal(verdict, "pass");
  assert.ok(seconds > 1e-6 && seconds < 1e-3);
});

test("Perfetto does complain about a trace that is wrong", async () => {
  const broken = (change) => {
    const copy = JSON.parse(text);
    const stages = copy.traceEvents.filter((one) => one.ph === "X" && one.name === "o_proj");
    change(stages[0]);
    return JSON.stringify(copy);
  };
  const complaint = async (wrong) => (await complaints(await Perfetto.load(wrong))).map(([name]) => name);
  assert.deepEqual(await complaint(broken((stage) => (stage.dur += 1))), ["slice_drop_overlapping_complete_event"]);
  assert.deepEqual(await complaint(broken((stage) => delete stage.dur)), ["json_parser_failure"]);
  await assert.rejects(Perfetto.load(text.slice(0, text.length / 2)), /incomplete/);
});
