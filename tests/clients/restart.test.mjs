// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { generations, overHttp } from "./generations.mjs";
import { dataFolder, httpServer, startHttp } from "./server.mjs";

test("a legacy session goes on after the server was restarted", async (t) => {
  const data = dataFolder(t);
  const server = await httpServer(t, data);
  const { call } = await overHttp(t, generations[0], server);
  const made = (await call("create_contact", { firstName: "Ada", lastName: "Lovelace" })).data;

  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
  await startHttp(t, data, new URL(server.url).port);

  assert.equal((await call("get_contact", { contactId: made.id })).data.lastName, "Lovelace");
});

test("a challenge names the port that the kernel chose", async (t) => {
  const { url } = await httpServer(t, dataFolder(t));
  const refused = await fetch(`${url}/mcp`, { method: "POST" });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate"),
    new RegExp(`^Bearer resource_metadata="${url}/\\.well-known/oauth-protected-resource/mcp", scope="read"$`));
});
