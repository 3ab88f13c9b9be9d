// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { generations, overStdio, progressOf } from "./generations.mjs";
import { dataFolder, httpServer, restCaller, run, stdioClient } from "./server.mjs";

test("the data folder is opened at the first tool call, not at start", async (t) => {
  const data = join(dataFolder(t), "later");
  const { client, call } = await stdioClient(t, data);
  await client.listTools();
  assert.equal(existsSync(data), false);
  assert.equal((await call("list_contacts")).success, true);
  assert.equal(existsSync(join(data, "control.db")), true);
});

test("two stdio clients on one folder both work, and the second survives the first", async (t) => {
  const data = dataFolder(t);
  const first = await stdioClient(t, data);
  const second = await stdioClient(t, data);
  const ada = (await first.call("create_contact", { firstName: "Ada", lastName: "Lovelace" })).data;
  assert.equal((await second.call("get_contact", { contactId: ada.id })).data.lastName, "Lovelace");
  const grace = (await second.call("create_contact", { firstName: "Grace", lastName: "Hopper" })).data;
  assert.equal((await first.call("get_contact", { contactId: grace.id })).success, true);

  process.kill(first.transport.pid, "SIGKILL");
  let answer = await second.call("list_contacts");
  if (!answer.success) answer = await second.call("list_contacts");
  assert.equal(answer.success, true, JSON.stringify(answer));
  assert.equal(answer.page.total, 2);
});

test("a stdio client and the command line reach the data of a running HTTP server", async (t) => {
  const data = dataFolder(t);
  const server = await httpServer(t, data);
  const { call } = await stdioClient(t, data);
  const made = (await call("create_company", { name: "Acme" })).data;
  assert.equal((await server.call("get_company", { companyId: made.id })).data.name, "Acme");

  const readOnly = run("token", "create", "--workspace", "default", "--scope", "read", "--data", data);
  const response = await fetch(`${server.url}/mcp/tools`, { headers: { authorization: `Bearer ${readOnly}` } });
  const { data: tools } = await response.json();
  assert.ok(tools.length > 0);
  assert.ok(tools.every((tool) => tool.scope === "read"));
});

test("a subscriber hears of changes that another process makes on the same folder", async (t) => {
  const data = dataFolder(t);
  const owner = await overStdio(t, generations[0], data);
  const ada = (await owner.call("create_contact", { firstName: "Ada", lastName: "Lovelace" })).data;
  const uri = `crm://contact/${ada.id}`;
  let told;
  const heard = new Promise((resolve) => { told = resolve; });
  const guest = await overStdio(t, generations[0], data,
    (client) => generations[0].onUpdate(client, (news) => told(news.params.uri)));
  await guest.client.readResource({ uri });
  await guest.client.subscribeResource({ uri });
  await owner.call("update_contact", { contactId: ada.id, phone: "+1 555 0100" });
  assert.equal(await heard, uri);
});

test("a call through another process tells its progress", async (t) => {
  const data = dataFolder(t);
  const owner = await overStdio(t, generations[0], data);
  const field = (await owner.call("add_custom_field",
    { entityType: "company", key: "region", label: "Region", fieldType: "text" })).data;
  const companies = 300;
  await Promise.all(Array.from({ length: companies }, (_, i) =>
    owner.call("create_company", { name: `Company ${i}`, customFields: { region: "EMEA" } })));
  const guest = await overStdio(t, generations[0], data);
  const told = await progressOf(guest.client, { name: "delete_custom_field", arguments: { definitionId: field.id } });
  assert.ok(told.length > 0);
  for (const { progress, total } of told) {
    assert.equal(total, companies);
    assert.ok(progress > 0 && progress <= total);
  }
});

test("a second server on the same folder names the first and exits", async (t) => {
  const data = dataFolder(t);
  const { child } = await httpServer(t, data);
  assert.throws(() => run("serve", "--mode", "http", "--port", "0", "--data", data));
  const { spawnSync } = await import("node:child_process");
  const { program } = await import("./server.mjs");
  const second = spawnSync(program, ["serve", "--mode", "http", "--port", "0", "--data", data], { encoding: "utf8" });
  assert.equal(second.status, 1);
  assert.match(second.stderr, new RegExp(`process ${child.pid}`));
});

test("the tier of a workspace is set beside a running server, and counts on the next call", async (t) => {
  const data = dataFolder(t);
  const server = await httpServer(t, data);
  const add = (userId) => server.call("add_workspace_member", { userId });
  for (const user of ["a", "b", "c"]) assert.equal((await add(user)).success, true);
  run("workspace", "tier", "free", "--workspace", "default", "--data", data);
  const refused = await add("d");
  assert.equal(refused.error.code, "LIMIT_EXCEEDED");
  assert.match(refused.error.message, /free/);
  run("workspace", "tier", "self-hosted", "--workspace", "default", "--data", data);
  assert.equal((await add("d")).success, true);

  assert.throws(() => run("workspace", "tier", "fre", "--workspace", "default", "--data", data));
  assert.throws(() => run("workspace", "create", "Other", "--tier", "fre", "--data", data));
  const id = run("workspace", "create", "Other", "--tier", "cloud-pro", "--data", data);
  const token = run("token", "create", "--workspace", id, "--scope", "admin", "--data", data);
  const limits = await restCaller(server.url, token)("list_workspace_limits");
  assert.equal(limits.data.tier, "cloud-pro");
});
