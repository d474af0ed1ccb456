// SPDX-License-Identifier: Apache-2.0
// Compares the requests that `perfgate publish` would send with GitHub's published description of
// its API, for the events that GitHub publishes as examples.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import Ajv from "ajv";
import formats from "ajv-formats";
import { cleanUp, folder, mergeCommit, payload, publish, readJson, results, token } from "./publish.mjs";

after(cleanUp);
const { passed, failed } = results();
/** The passed result as if it were another GPU's. */
const other = join(folder, "other.json");
writeFileSync(other, JSON.stringify({ ...readJson(passed), gpu_id: "h100", gpu: "NVIDIA H100 80GB HBM3" }));
const require = createRequire(import.meta.url);
const api = JSON.parse(readFileSync(join(dirname(require.resolve("@octokit/openapi/package.json")), "generated/api.github.com.json"), "utf8"));

/** Closes a schema: a request body may have only what is described, also where the description does not say so. */
function closed(schema) {
  if (!schema || typeof schema !== "object") return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (copy.type === "object" && copy.properties && !("additionalProperties" in copy)) copy.additionalProperties = false;
  return copy;
}

const ajv = formats(new Ajv({ strict: false, allErrors: true, validateFormats: true, coerceTypes: false }));
ajv.addSchema({ $id: "api", components: closed(api.components) });
const linked = (schema) => JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/components/', '"api#/components/'));
const errors = (schema, value) => (ajv.validate(linked(schema), value) ? [] : ajv.errors.map((one) => `${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`));

const resolved = (part) => (part.$ref ? part.$ref.split("/").slice(1).reduce((at, key) => at[key], api) : part);

/** Returns what is wrong with a request, in words; [] when it is as described. `base` is the API's URL. */
function complaints(request, base = "https://api.github.com") {
  if (!request.url.startsWith(`${base}/`)) return [`not below ${base}: ${request.url}`];
  const url = new URL(request.url), path = url.pathname.slice(new URL(base).pathname.replace(/\/$/, "").length);
  const parts = path.split("/");
  const fits = (template) => template.split("/").length === parts.length &&
    template.split("/").every((part, i) => part.startsWith("{") || part === parts[i]);
  const template = Object.keys(api.paths).filter(fits).sort((a, b) => a.split("{").length - b.split("{").length)[0];
  const operation = api.paths[template]?.[request.method.toLowerCase()];
  if (!operation) return [`no ${request.method} ${path}`];
  const found = [];
  const described = (operation.parameters ?? []).map(resolved);
  const check = (parameter, text) => {
    const wanted = resolved(parameter.schema ?? {});
    found.push(...errors(wanted, ["integer", "number"].includes(wanted.type) ? Number(text) : text).map((one) => `${parameter.name}=${text}:${one}`));
  };
  for (const parameter of described.filter((one) => one.in === "path")) {
    const text = decodeURIComponent(parts[template.split("/").indexOf(`{${parameter.name}}`)]);
    // A value that only an answer can tell stands in braces, by the name that the description gives
    // it.
    if (text !== `{${parameter.name}}`) check(parameter, text);
  }
  for (const [name, value] of url.searchParams) {
    const parameter = described.find((one) => one.in === "query" && one.name === name);
    if (parameter) check(parameter, value);
    else found.push(`unknown query parameter ${name}`);
  }
  const body = resolved(operation.requestBody ?? {}).content?.["application/json"]?.schema;
  if (request.body === undefined || request.body === null) {
    if (operation.requestBody?.required) found.push("no body");
  } else if (body) {
    found.push(...errors(body, request.body));
  } else {
    found.push("a body that is not described");
  }
  return found;
}

const isOf = (pattern) => (one) => pattern.test(`${one.method} ${one.url}`);
const comment = isOf(/^POST .*\/issues\/[^/]+\/comments$/), check = isOf(/^POST .*\/check-runs$/), status = isOf(/^POST .*\/statuses\//);
const kinds = (requests) => requests.filter((one) => one.method !== "GET").map((one) => [comment, check, status].findIndex((is) => is(one)));
/** GraphQL is not in that description; "who am I" is the only question that REST does not answer. */
const isViewer = (one) => one.url.endsWith("/graphql") && /^\s*(query)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*$/.test(one.body?.query);

function expectSound(ran, base) {
  assert.ok(ran.requests, `no JSON on stdout:\n${ran.stdout.slice(0, 500)}\n${ran.stderr}`);
  for (const one of ran.requests) {
    if (!isViewer(one)) assert.deepEqual(complaints(one, base), [], `${one.method} ${one.url}`);
    assert.equal(one.headers.Accept, "application/vnd.github+json");
    assert.match(one.headers["X-GitHub-Api-Version"], /^\d{4}-\d\d-\d\d$/);
    assert.match(one.headers.Authorization, /^Bearer \*+$/);
  }
  assert.ok(!(ran.stdout + ran.stderr).includes(token));
  assert.ok(!(ran.stdout + ran.stderr).includes(mergeCommit));
}

test("what is wrong in a request is found", () => {
  const url = "https://api.github.com/repos/o/r/statuses/" + "a".repeat(40);
  const good = { method: "POST", url, body: { state: "success", context: "perfgate" } };
  assert.deepEqual(complaints(good), []);
  for (const bad of [{ ...good, method: "PUT" }, { ...good, url: url.replace("statuses", "status") }, { ...good, url: `${url}?page=1` },
    { ...good, url: url.replace("https", "http") }, { ...good, body: { state: "neutral" } }, { ...good, body: {} },
    { ...good, body: { ...good.body, sha: "a" } }, { ...good, body: undefined },
    { method: "POST", url: "https://api.github.com/repos/o/r/issues/x/comments", body: { body: "" } },
    { method: "POST", url: "https://api.github.com/repos/o/r/check-runs", body: { name: "perfgate", head_sha: "a", status: "done" } },
    { method: "POST", url: "https://api.github.com/repos/o/r/check-runs", body: { name: "perfgate", head_sha: "a", output: { title: "t", summary: "s", images: [{}] } } }])
    assert.notDeepEqual(complaints(bad), [], JSON.stringify(bad));
});

for (const [what, files, conclusion, state] of [["a pass", [passed], "success", "success"], ["a failure", [failed], "failure", "failure"],
  ["a matrix", [other, failed], "failure", "failure"]]) {
  test(`pull_request, ${what}: one comment, one check, one status, at the head commit`, () => {
    const event = payload("pull_request", (one) => one.action === "synchronize"), head = event.pull_request.head.sha;
    const ran = publish(files, { name: "pull_request", event });
    expectSound(ran);
    assert.deepEqual(kinds(ran.requests).sort(), [0, 1, 2]);
    assert.match(ran.requests.find(comment).url, /\/repos\/Codertocat\/Hello-World\/issues\/2\/comments$/);
    const { body } = ran.requests.find(check);
    assert.equal(body.head_sha, head);
    assert.equal(body.conclusion, conclusion);
    assert.ok(ran.requests.find(status).url.endsWith(`/statuses/${head}`));
    assert.equal(ran.requests.find(status).body.state, state);
  });
}

test("what is not asked for is not posted", () => {
  const event = payload("pull_request");
  assert.deepEqual(kinds(publish([passed], { name: "pull_request", event, words: ["--post", "status"] }).requests), [2]);
});

test("limits that the description only tells in words", () => {
  const { requests } = publish([failed], { name: "pull_request", event: payload("pull_request") });
  assert.ok([...requests.find(comment).body.body].length <= 65536);
  const { output } = requests.find(check).body;
  for (const text of [output.summary, output.text]) assert.ok(Buffer.byteLength(text) <= 65535);
  assert.ok(output.annotations.length > 0 && output.annotations.length <= 50);
  for (const one of output.annotations) assert.ok(Buffer.byteLength(one.message) <= 65536 && one.title.length <= 255);
  assert.ok([...requests.find(status).body.description].length <= 140);
});

test("push: no pull request, so no comment", () => {
  const event = payload("push", (one) => one.ref === "refs/heads/master" && one.head_commit);
  const ran = publish([failed], { name: "push", event, variables: { GITHUB_SHA: event.after } });
  expectSound(ran);
  assert.deepEqual(kinds(ran.requests).sort(), [1, 2]);
  assert.equal(ran.requests.find(check).body.head_sha, event.after);
});

/** Makes the run of a pull request; GitHub's examples are of other events. */
function workflowRun(change) {
  const event = payload("workflow_run", (one) => one.action === "completed" && one.workflow_run.pull_requests.length > 0);
  event.workflow_run.event = "pull_request";
  change(event.workflow_run);
  return event;
}

test("workflow_run of this repository: the pull request that the event names", () => {
  const event = workflowRun((one) => (one.head_sha = one.pull_requests[0].head.sha));
  event.workflow_run.pull_requests[0].base.repo.id = event.repository.id;
  const ran = publish([failed], { name: "workflow_run", event });
  expectSound(ran);
  assert.match(ran.requests.find(comment).url, /\/repos\/octo-org\/octo-repo\/issues\/2\/comments$/);
  assert.equal(ran.requests.find(check).body.head_sha, event.workflow_run.head_sha);
});

test("workflow_run of a fork: the commit is the event's, the pull request is left for GitHub to tell", () => {
  const event = workflowRun((one) => {
    one.pull_requests = [];
    one.head_repository.owner.login = "stranger";
  });
  const ran = publish([failed], { name: "workflow_run", event });
  expectSound(ran);
  assert.equal(ran.requests.find(check).body.head_sha, event.workflow_run.head_sha);
  assert.ok(ran.requests.find(status).url.endsWith(`/statuses/${event.workflow_run.head_sha}`));
  assert.ok(ran.requests.some((one) => one.url.endsWith("/issues/{issue_number}/comments")));
});

test("GitHub Enterprise Server: all requests go to its address", () => {
  const base = "https://ghe.example.com/api/v3";
  const ran = publish([failed], { name: "pull_request", event: payload("pull_request"), variables: { GITHUB_API_URL: base, GITHUB_SERVER_URL: "https://ghe.example.com" } });
  assert.ok(ran.requests, ran.stderr);
  for (const one of ran.requests)
    if (isViewer(one)) assert.equal(one.url, "https://ghe.example.com/api/graphql");
    else assert.deepEqual(complaints(one, base), []);
});

test("a link that is given is shown", () => {
  const artifact = "https://github.com/o/r/actions/runs/1#artifacts";
  const ran = publish([failed], { name: "pull_request", event: payload("pull_request"), words: ["--artifact-url", artifact] });
  assert.ok(ran.requests.find(comment).body.body.includes(`(${artifact})`));
});
