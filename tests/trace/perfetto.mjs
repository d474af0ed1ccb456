// SPDX-License-Identifier: Apache-2.0
// Perfetto's trace processor: the program that TRACE_PROCESSOR names, else trace_processor_shell on PATH.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const traceProcessor = process.env.TRACE_PROCESSOR || "trace_processor_shell";

/** Splits its output into cells: a line per row, strings in quotes, numbers bare. */
function cellsOf(line) {
  const cells = line.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return cells.map((cell) => {
    if (cell === '"[NULL]"' || cell === "[NULL]") return null;
    return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : Number(cell);
  });
}

/** Returns the rows of a query over a trace, as objects; throws when the trace processor refuses the trace. */
export function query(trace, sql) {
  const folder = mkdtempSync(join(tmpdir(), "perfgate-perfetto-"));
  try {
    writeFileSync(join(folder, "trace.json"), trace);
    writeFileSync(join(folder, "query.sql"), `${sql};\n`);
    const ran = spawnSync(traceProcessor, ["-q", join(folder, "query.sql"), join(folder, "trace.json")],
      { encoding: "utf8", maxBuffer: 2 ** 28 });
    if (ran.error) throw ran.error;
    if (ran.status !== 0) throw new Error(`${traceProcessor} failed: ${ran.stderr}`);
    const lines = ran.stdout.split("\n").filter((line) => line !== "");
    const columns = lines.length > 0 ? cellsOf(lines[0]) : [];
    return lines.slice(1).map((line) => {
      const cells = cellsOf(line);
      return Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
