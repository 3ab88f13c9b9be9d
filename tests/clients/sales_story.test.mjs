// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { generations, transports } from "./generations.mjs";
import { tellSalesStory } from "./sales_story.mjs";
import { dataFolder, httpServer } from "./server.mjs";

test("every client tells the same sales story over stdio and over HTTP as REST does", async (t) => {
  const overRest = await tellSalesStory((await httpServer(t, dataFolder(t))).call);
  for (const generation of generations) {
    for (const [way, connect] of Object.entries(transports)) {
      await t.test(`${generation.name} over ${way}`, async (t) => {
        const { client, call } = await connect(t, generation, dataFolder(t));
        if (client.getProtocolEra) assert.equal(client.getProtocolEra(), generation.era);
        const { tools } = await client.listTools();
        assert.equal(tools.length, 60);
        for (const tool of tools) {
          assert.equal(tool.inputSchema.type, "object");
          assert.equal(tool.inputSchema.additionalProperties, false);
        }
        assert.deepEqual(await tellSalesStory(call), overRest);
      });
    }
  }
});
