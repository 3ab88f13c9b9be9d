// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { tellSalesStory } from "./sales_story.mjs";
import { dataFolder, httpServer, stdioClient } from "./server.mjs";

test("the sales story over stdio and over REST gives equal data", async (t) => {
  const { client, call } = await stdioClient(t, dataFolder(t));
  const { tools } = await client.listTools();
  for (const name of ["create_contact", "move_deal_stage", "restore_contact", "list_activities_by_type"])
    assert.ok(tools.some((tool) => tool.name === name), name);
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, "object");
    assert.equal(tool.inputSchema.additionalProperties, false);
  }
  const overStdio = await tellSalesStory(call);

  const server = await httpServer(t, dataFolder(t));
  const overRest = await tellSalesStory(server.call);
  assert.deepEqual(overRest, overStdio);
});
