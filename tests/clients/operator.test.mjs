// SPDX-License-Identifier: Apache-2.0
// What an operator does with a running server: reads its metrics and its log, renews its certificate.
import assert from "node:assert/strict";
import { connect } from "node:tls";
import { once } from "node:events";
import test from "node:test";
import { certificate, dataFolder, httpServer } from "./server.mjs";

test("the metrics of a running server tell what it did", async (t) => {
  const server = await httpServer(t, dataFolder(t));
  const { data } = await server.call("create_contact", { firstName: "Ada", lastName: "Lovelace" });
  await server.call("get_contact", { contactId: data.id });
  await server.call("get_contact", { contactId: "con_x" });
  const response = await fetch(`${server.url}/metrics`);
  assert.equal(response.status, 200);
  const page = await response.text();
  for (const line of [
    'vantage_crm_calls_total{code="OK",tool="create_contact"} 1',
    'vantage_crm_calls_total{code="OK",tool="get_contact"} 1',
    'vantage_crm_calls_total{code="NOT_FOUND",tool="get_contact"} 1',
    'vantage_crm_call_duration_seconds_count{tool="get_contact"} 2',
    "vantage_crm_commits_total 1",
    "vantage_crm_committed_calls_total 1",
    "vantage_crm_open_workspaces 1",
    "vantage_crm_calls_in_flight 0",
  ])
    assert.ok(page.split("\n").includes(line), `${line} is missing in\n${page}`);
});

test("the log has a line for each call, and nothing that a client sent", async (t) => {
  const server = await httpServer(t, dataFolder(t), "--log-level", "debug");
  const lines = [];
  server.onLogLine((line) => lines.push(line));
  const planted = "planted-9c41";
  const post = (body, token = server.token) =>
    fetch(`${server.url}/mcp/call`, {
      method: "POST", body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, "user-agent": `agent ${planted}`, cookie: planted },
    });
  await post({ tool: "create_contact", args: { firstName: planted, lastName: planted, email: `${planted}@example.com` } });
  await post({ tool: "create_contact", args: { firstName: "Ada", [planted]: planted } });
  await post({ tool: "create_contact", args: { firstName: { planted } } });
  await post({ tool: planted, args: {} });
  await post({ tool: "search_contacts", args: { query: planted } });
  await post({ tool: "list_contacts", args: { cursor: planted } });
  await post({ tool: "get_contact", args: { contactId: planted } });
  await post({ tool: "get_contact", args: { contactId: "con_x" } }, `vcrm_${planted}`);
  await fetch(`${server.url}/${planted}?${planted}`);
  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
  await server.logEnded;
  const calls = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter((line) => line.event === "call");
  assert.equal(calls.length, 8, lines.join("\n"));
  assert.deepEqual(Object.keys(calls[0]).sort(),
    ["at", "code", "event", "level", "ms", "request", "tool", "workspace"]);
  assert.equal(calls[0].tool, "create_contact");
  assert.equal(calls[0].code, "OK");
  assert.equal(calls[0].workspace, "default");
  assert.equal(calls[3].tool, "unknown");
  assert.equal(calls[7].workspace, "");
  const text = lines.join("\n");
  assert.ok(!text.includes(planted), text);
  assert.ok(!text.includes(server.token), "a token in the log");
});

/** The serial number of the certificate that new connections get. */
async function servedSerial(url) {
  const socket = connect({ port: new URL(url).port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

test("SIGHUP renews the certificate, and connections that are open stay", async (t) => {
  const folder = dataFolder(t);
  const { cert, key } = certificate(folder, "localhost");
  const server = await httpServer(t, dataFolder(t), "--tls-cert", cert, "--tls-key", key);
  const open = connect({ port: new URL(server.url).port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(open, "secureConnect");
  const first = await servedSerial(server.url);
  assert.equal(await servedSerial(server.url), first);
  certificate(folder, "localhost");
  server.child.kill("SIGHUP");
  while ((await servedSerial(server.url)) === first) continue;
  open.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [answer] = await once(open, "data");
  assert.match(answer.toString(), /^HTTP\/1.1 200/);
  open.destroy();
});
