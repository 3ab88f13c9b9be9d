// SPDX-License-Identifier: Apache-2.0
// The program under test: started on a data folder of its own, spoken to over stdio or HTTP.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

export const program =
  process.env.VANTAGE_CRM ?? fileURLToPath(new URL("../../build/dev/vantage-crm", import.meta.url));

/** A fresh data folder, removed when the test `t` ends. */
export function dataFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "vantage-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a subcommand to its end and returns its stdout, trimmed. */
export function run(...args) {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** An MCP client of the official SDK, connected over stdio; closed when the test ends. */
export async function stdioClient(t, data, capabilities = {}) {
  const transport = new StdioClientTransport({
    command: program,
    args: ["--mode", "stdio", "--data", data],
    stderr: "inherit",
  });
  const client = new Client({ name: "story", version: "1.0.0" }, { capabilities });
  await client.connect(transport);
  t.after(() => client.close());
  return { client, transport, call: caller(client) };
}

/** Calls a tool and returns its envelope; text content and structuredContent must agree. */
export function caller(client) {
  return async (tool, args = {}) => {
    const result = await client.callTool({ name: tool, arguments: args });
    const envelope = JSON.parse(result.content[0].text);
    if (JSON.stringify(envelope) !== JSON.stringify(result.structuredContent))
      throw new Error(`${tool}: text and structuredContent differ`);
    if (Boolean(result.isError) === envelope.success)
      throw new Error(`${tool}: isError and success contradict each other`);
    return envelope;
  };
}

/** A server over HTTP with a workspace and a token for it; ended when the test ends. */
export async function httpServer(t, data, ...options) {
  run("workspace", "create", "Default", "--id", "default", "--data", data);
  const token = run("token", "create", "--workspace", "default", "--data", data,
    "--scope", "read,write,admin,workflow-trigger");
  const server = await startHttp(t, data, 0, ...options);
  return { ...server, token, call: restCaller(server.url, token) };
}

/** Starts the program over HTTP on a data folder as it is; ended when the test ends. */
export async function startHttp(t, data, port = 0, ...options) {
  const child = spawn(program, ["serve", "--mode", "http", "--port", `${port}`, "--data", data, ...options],
    { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.on("exit", (status) => resolve(status)));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const log = createInterface(child.stderr);
  const logEnded = new Promise((resolve) => log.on("close", resolve));
  const url = await new Promise((resolve, reject) => {
    log.on("line", (line) => {
      const found = /on (https?:\/\/\S+)$/.exec(line);
      if (found) resolve(found[1]);
    });
    child.on("exit", () => reject(new Error("the server ended at once")));
  });
  const onLogLine = (listener) => log.on("line", listener);
  return { url, child, ended, onLogLine, logEnded };
}

/** A self-signed certificate for a host name, in PEM files of a folder; another one at each call. */
export function certificate(folder, name) {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-days", "2", "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", cert],
    { stdio: "ignore" });
  return { cert, key, ca: readFileSync(cert) };
}

/** Calls a tool over REST and returns its envelope. */
export function restCaller(url, token) {
  return async (tool, args = {}) => {
    const response = await fetch(`${url}/mcp/call`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ tool, args }),
    });
    return response.json();
  };
}
