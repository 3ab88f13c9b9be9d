// SPDX-License-Identifier: Apache-2.0
// The sample files of docs/deploy, run as they are but for ports and certificates.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { certificate, dataFolder, httpServer } from "./server.mjs";

const sample = (name) => readFileSync(fileURLToPath(new URL(`../../docs/deploy/${name}`, import.meta.url)), "utf8");
const isInstalled = (program) => !spawnSync(program, ["-h"], { stdio: "ignore" }).error;

/** A port that nobody listens on at this moment. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Sends a request to the proxy under the name that its sample file serves. */
const send = (port, ca, path, { method = "GET", headers = {}, body, onResponse } = {}) =>
  new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, method, ca, servername: "crm.example.com",
        headers: { host: "crm.example.com", ...headers } },
      (response) => {
        if (onResponse) return resolve(onResponse(response, sent));
        let text = "";
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });

async function untilItListens(port, ca) {
  for (;;) {
    try {
      return await send(port, ca, "/health");
    } catch (reason) {
      if (reason.code !== "ECONNREFUSED") throw reason;
    }
  }
}

/** What must work through any proxy. */
async function checkThrough(port, ca, token) {
  const health = await untilItListens(port, ca);
  assert.equal(health.status, 200);
  assert.equal(JSON.parse(health.text).status, "ok");

  const authorized = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ tool: "create_contact", args: { firstName: "Ada", lastName: "Lovelace" } });
  const created = await send(port, ca, "/mcp/call", { method: "POST", headers: authorized, body });
  assert.equal(created.status, 200, created.text);

  const metrics = await send(port, ca, "/metrics");
  assert.ok([403, 404].includes(metrics.status), "the proxy keeps the metrics to itself");

  const accept = "application/json, text/event-stream";
  const initialize = JSON.stringify({
    jsonrpc: "2.0", id: 1, method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
  });
  const opened = await send(port, ca, "/mcp", { method: "POST", headers: { ...authorized, accept }, body: initialize });
  assert.equal(opened.status, 200, opened.text);
  const session = { "mcp-session-id": opened.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25" };
  // The head of a stream comes before the stream has anything to say.
  const status = await send(port, ca, "/mcp", {
    headers: { authorization: `Bearer ${token}`, accept, ...session },
    onResponse: (response, sent) => {
      sent.destroy();
      return response.statusCode;
    },
  });
  assert.equal(status, 200);
}

function runProxy(t, program, args, folder) {
  const child = spawn(program, args, { stdio: "ignore", env: { ...process.env, XDG_CONFIG_HOME: folder } });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
}

const serverOptions = ["--trusted-proxy", "127.0.0.1", "--public-url", "https://crm.example.com"];

test("calls and streams pass through nginx with the sample file", async (t) => {
  if (!isInstalled("nginx")) return t.skip("nginx is not installed");
  const folder = dataFolder(t);
  const { cert, key, ca } = certificate(folder, "crm.example.com");
  const server = await httpServer(t, dataFolder(t), ...serverOptions);
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n");
  writeFileSync(config, `daemon off;\npid ${folder}/pid;\nerror_log stderr;\n${sample("nginx.conf")
    .replace("http {", `http {\n${temporary}`)
    .replace("127.0.0.1:3001", new URL(server.url).host)
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace(/\/etc\/ssl\S*fullchain.pem/, cert)
    .replace(/\/etc\/ssl\S*privkey.pem/, key)}`);
  execFileSync("nginx", ["-t", "-q", "-c", config], { stdio: "inherit" });
  runProxy(t, "nginx", ["-c", config], folder);
  await checkThrough(port, ca, server.token);
});

test("calls and streams pass through Caddy with the sample file", async (t) => {
  if (!isInstalled("caddy")) return t.skip("caddy is not installed");
  const folder = dataFolder(t);
  const { cert, key, ca } = certificate(folder, "crm.example.com");
  const server = await httpServer(t, dataFolder(t), ...serverOptions);
  const port = await freePort();
  const config = join(folder, "Caddyfile");
  writeFileSync(config, `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}/caddy\n}\n${sample("Caddyfile")
    .replace("crm.example.com {", `crm.example.com:${port} {\n\ttls ${cert} ${key}`)
    .replace("127.0.0.1:3001", new URL(server.url).host)}`);
  runProxy(t, "caddy", ["run", "--config", config, "--adapter", "caddyfile"], folder);
  await checkThrough(port, ca, server.token);
});
