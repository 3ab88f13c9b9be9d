// SPDX-License-Identifier: Apache-2.0
// The command line of the MCP Inspector, with which people look at a server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { promisify } from "node:util";
import { dataFolder, httpServer, program } from "./server.mjs";

const inspector = fileURLToPath(new URL("node_modules/.bin/mcp-inspector", import.meta.url));

/** Returns a function that asks the server at `target` and returns what the Inspector says. */
function inspecting(home, target, era) {
  return async (method, ...options) => {
    const { stdout } = await promisify(execFile)(process.execPath,
      [inspector, "--cli", ...target, "--method", method, "--protocol-era", era, "--format", "json", "-q", ...options],
      { env: { ...process.env, HOME: home }, maxBuffer: 16 * 1024 * 1024 });
    const answer = JSON.parse(stdout);
    return answer.result ?? answer;
  };
}

for (const era of ["legacy", "modern"]) {
  test(`the Inspector lists and calls over stdio and over HTTP, ${era}`, async (t) => {
    const server = await httpServer(t, dataFolder(t));
    const targets = [
      [program, "--mode", "stdio", "--data", dataFolder(t)],
      [`${server.url}/mcp`, "--header", `Authorization: Bearer ${server.token}`]];
    for (const target of targets) {
      const ask = inspecting(dataFolder(t), target, era);
      // Strict: a schema that some client cannot read is an error.
      const { tools } = await ask("tools/list", "--strict");
      assert.ok(tools.some((tool) => tool.name === "create_company"));
      const made = await ask("tools/call", "--tool-name", "create_company", "--tool-arg", "name=Łódź Maszyny");
      assert.equal(made.structuredContent.data.name, "Łódź Maszyny");
      const { contents } = await ask("resources/read", "--uri", `crm://company/${made.structuredContent.data.id}`);
      assert.equal(JSON.parse(contents[0].text).name, "Łódź Maszyny");
    }
  });
}
