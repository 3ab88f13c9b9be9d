// SPDX-License-Identifier: Apache-2.0
// The clients that are in use: both generations of the official SDK, and every way in which the
// second one finds out which era a server speaks.
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Client as SecondClient, StreamableHTTPClientTransport as SecondHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as SecondStdio } from "@modelcontextprotocol/client/stdio";
import { caller, program } from "./server.mjs";

const identity = { name: "story", version: "1.0.0" };

const first = {
  name: "SDK 1.x",
  era: "legacy",
  client: (capabilities) => new FirstClient(identity, { capabilities }),
  stdio: FirstStdio,
  http: FirstHttp,
  onElicit: (client, answer) => client.setRequestHandler(ElicitRequestSchema, answer),
  onUpdate: (client, hear) => client.setNotificationHandler(ResourceUpdatedNotificationSchema, hear),
};

const second = (mode, era) => ({
  name: `SDK 2.x ${typeof mode === "string" ? mode : "pin"}`,
  era,
  client: (capabilities) => new SecondClient(identity, { capabilities, versionNegotiation: { mode } }),
  stdio: SecondStdio,
  http: SecondHttp,
  onElicit: (client, answer) => client.setRequestHandler("elicitation/create", answer),
  onUpdate: (client, hear) => client.setNotificationHandler("notifications/resources/updated", hear),
});

export const generations = [first, second("legacy", "legacy"), second("auto", "modern"),
  second({ pin: "2026-07-28" }, "modern")];

/** Connects a client over stdio to a program on the folder `data`; closed when the test `t` ends. */
export async function overStdio(t, generation, data, prepare = () => {}, capabilities = {}) {
  const client = generation.client(capabilities);
  prepare(client);
  await client.connect(new generation.stdio({
    command: program, args: ["--mode", "stdio", "--data", data], stderr: "inherit" }));
  t.after(() => client.close());
  return { client, call: caller(client) };
}

/** Connects a client over HTTP; closed when the test `t` ends. */
export async function overHttp(t, generation, server, prepare = () => {}, capabilities = {}) {
  const client = generation.client(capabilities);
  prepare(client);
  await client.connect(new generation.http(new URL(`${server.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${server.token}` } } }));
  t.after(() => client.close());
  return { client, call: caller(client) };
}

/** Both ways to reach a server, each on a data folder of its own. */
export const transports = {
  stdio: async (t, generation, data, ...more) => overStdio(t, generation, data, ...more),
  HTTP: async (t, generation, data, ...more) => {
    const { httpServer } = await import("./server.mjs");
    return overHttp(t, generation, await httpServer(t, data), ...more);
  },
};

/**
 * Calls a tool and returns the progress that came with it, as it stood on the wire: what either SDK
 * reads in one piece with the answer, it hands on only after it has forgotten the call.
 */
export async function progressOf(client, call) {
  const told = [];
  const { transport } = client;
  const handle = transport.onmessage;
  transport.onmessage = (message, ...more) => {
    if (message.method === "notifications/progress") told.push(message.params);
    handle.call(transport, message, ...more);
  };
  const options = { onprogress: () => {} };
  // The first SDK takes the schema of the result before the options, the second one does not.
  await client.callTool(call, ...(client.getProtocolEra ? [options] : [undefined, options]));
  transport.onmessage = handle;
  return told;
}
