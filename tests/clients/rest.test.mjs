// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import test from "node:test";
import { dataFolder, httpServer, program, run } from "./server.mjs";

test("the REST calls answer as the contract says", async (t) => {
  const data = dataFolder(t);
  const { url, token } = await httpServer(t, data);
  const post = (body, auth = `Bearer ${token}`) =>
    fetch(`${url}/mcp/call`, { method: "POST", body, headers: auth === null ? {} : { authorization: auth } });

  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 200);
  assert.equal((await health.json()).status, "ok");

  const expired = run("token", "create", "--workspace", "default", "--scope", "read", "--data", data);
  const reader = `Bearer ${expired}`;
  const create = JSON.stringify({ tool: "create_company", args: { name: "Acme" } });
  const rows = [
    ["no token", create, null, 401, "UNAUTHENTICATED"],
    ["an unknown token", create, "Bearer vcrm_nonsense", 401, "UNAUTHENTICATED"],
    ["another scheme", create, "Basic YTpi", 401, "UNAUTHENTICATED"],
    ["not JSON", "{", `Bearer ${token}`, 400, "INVALID_REQUEST"],
    ["not JSON from a stranger", "{", "Bearer vcrm_nonsense", 401, "UNAUTHENTICATED"],
    ["duplicate keys", '{"tool":"a","tool":"b"}', `Bearer ${token}`, 400, "INVALID_REQUEST"],
    ["no tool", "{}", `Bearer ${token}`, 400, "INVALID_REQUEST"],
    ["args that are no object", '{"tool":"get_deal","args":[]}', `Bearer ${token}`, 400, "INVALID_REQUEST"],
    ["an unknown tool", '{"tool":"create_contat","args":{}}', `Bearer ${token}`, 404, "TOOL_NOT_FOUND"],
    ["a scope that does not reach", create, reader, 403, "SCOPE_ERROR"],
    ["another workspace", '{"tool":"list_deals","args":{"workspaceId":"other"}}', reader, 403, "CROSS_WORKSPACE"],
    ["a workspace of the wrong type", '{"tool":"list_deals","args":{"workspaceId":7}}', reader, 400, "ZOD_VALIDATION_ERROR"],
    ["arguments that break the schema", '{"tool":"list_deals","args":{"limit":101}}', reader, 400, "ZOD_VALIDATION_ERROR"],
    ["an unknown id", '{"tool":"get_deal","args":{"dealId":"deal_x"}}', reader, 404, "NOT_FOUND"],
  ];
  for (const [title, body, auth, status, code] of rows) {
    const response = await post(body, auth);
    assert.equal(response.status, status, title);
    const envelope = await response.json();
    assert.equal(envelope.success, false, title);
    assert.equal(envelope.error.code, code, title);
    if (status === 401) assert.ok(response.headers.get("www-authenticate"), title);
  }
  const own = await post('{"tool":"list_deals","args":{"workspaceId":"default"}}');
  assert.equal(own.status, 200);
  assert.deepEqual((await own.json()).data, []);
});

test("a revoked token is refused on the next call", async (t) => {
  const data = dataFolder(t);
  const { url } = await httpServer(t, data);
  const issued = spawnSync(program, ["token", "create", "--workspace", "default", "--scope", "read", "--data", data],
    { encoding: "utf8" });
  const id = /tok_[0-9a-z]{26}/.exec(issued.stderr)[0];
  const status = async () =>
    (await fetch(`${url}/mcp/tools`, { headers: { authorization: `Bearer ${issued.stdout.trim()}` } })).status;
  assert.equal(await status(), 200);
  execFileSync(program, ["token", "revoke", id, "--data", data], { stdio: "ignore" });
  assert.equal(await status(), 401);
});

test("a token for default needs no workspace made first; any other does, and the error says so", (t) => {
  const data = dataFolder(t);
  assert.match(run("token", "create", "--scope", "read", "--data", data), /^vcrm_/);
  assert.match(run("workspace", "list", "--data", data), /^default\t/);
  const refused = spawnSync(program, ["token", "create", "--workspace", "acme", "--scope", "read", "--data", data],
    { encoding: "utf8" });
  assert.notEqual(refused.status, 0);
  assert.equal(refused.stdout, "");
  assert.match(refused.stderr, /there is no workspace acme/);
});

test("SIGTERM ends the server with status 0", async (t) => {
  const { child, ended } = await httpServer(t, dataFolder(t));
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
});
