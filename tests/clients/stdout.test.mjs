// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { dataFolder, program } from "./server.mjs";

const request = (id, method, params = {}) => JSON.stringify({ jsonrpc: "2.0", id, method, params });

test("stdout carries protocol and nothing else, whatever is logged", (t) => {
  const lines = [request(1, "ping"), "garbage", request(2, "tools/call", { name: "list_contacts" }),
    request(3, "tools/call", { name: "get_contact", arguments: { contactId: "con_x" } }), "{", "[]",
    JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 99 } }),
    request(4, "nonsense"), request(5, "ping")];
  const ended = spawnSync(program, ["--mode", "stdio", "--data", dataFolder(t), "--log-level", "debug"],
    { encoding: "utf8", input: lines.map((line) => `${line}\n`).join("") });
  assert.equal(ended.status, 0, ended.stderr);
  assert.ok(ended.stdout.endsWith("\n"));
  const answers = ended.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const answer of answers) assert.equal(answer.jsonrpc, "2.0");
  assert.deepEqual(answers.map((answer) => answer.id).filter((id) => id !== undefined).sort(), [1, 2, 3, 4, 5]);
  assert.equal(answers.filter((answer) => answer.id === undefined).length, 3);
});
