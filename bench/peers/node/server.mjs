// SPDX-License-Identifier: Apache-2.0
// What a user would write instead: plain Node http and better-sqlite3, the same two calls with the
// same work (token check, change row with a chained hash, search index) and the same durability
// (WAL, synchronous=FULL, one transaction per write, answered after its commit).
//
//   node server.mjs FOLDER WORKSPACES
//
// Prints one JSON line when it listens: {"port":N,"tokens":["…"]}, one token for each workspace.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import Database from "better-sqlite3";

const [folder, workspaceCount] = [process.argv[2], Number(process.argv[3] ?? 1)];
const bodyBytesMax = 1024 * 1024;

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** A workspace: its file, its statements, and the hash of its last change. */
function openWorkspace(name) {
  const db = new Database(join(folder, `${name}.db`));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("locking_mode = EXCLUSIVE");
  db.exec(`
    create table contacts (seq integer primary key, id text not null unique, doc text not null,
      company_id text, email text);
    create index contacts_by_email on contacts (email) where email is not null;
    create index contacts_by_company on contacts (company_id) where company_id is not null;
    create virtual table contacts_text using fts5 (title, body, content = '',
      tokenize = 'unicode61 remove_diacritics 2');
    create table changes (seq integer primary key, at integer not null, actor text not null,
      tool text not null, entity_id text not null, action text not null, after text,
      previous blob not null, hash blob not null);
    create index changes_by_entity on changes (entity_id);
    create index changes_by_actor on changes (actor);`);
  const insertContact = db.prepare("insert into contacts (id, doc, company_id, email) values (?, ?, ?, ?)");
  const indexContact = db.prepare("insert into contacts_text (rowid, title, body) values (?, ?, ?)");
  const insertChange = db.prepare(
    "insert into changes (at, actor, tool, entity_id, action, after, previous, hash) values (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const selectContact = db.prepare("select doc from contacts where id = ?");
  const selectNewest = db.prepare("select doc from contacts order by seq desc limit ?");
  let lastHash = Buffer.alloc(32);

  const create = db.transaction((contact, doc, at) => {
    const { lastInsertRowid } = insertContact.run(contact.id, doc, contact.companyId ?? null, contact.email ?? null);
    indexContact.run(
      lastInsertRowid,
      [contact.firstName, contact.lastName, contact.email].filter(Boolean).join(" "),
      [contact.phone, contact.notes, ...(contact.tags ?? [])].filter(Boolean).join(" "),
    );
    const hash = sha256(lastHash, String(at), "bench", "create_contact", contact.id, sha256(doc));
    insertChange.run(at, "bench", "create_contact", contact.id, "create", doc, lastHash, hash);
    return hash;
  });

  return {
    create(args) {
      const at = Date.now();
      const contact = { id: newId(at), version: 1, createdAt: at, updatedAt: at, ...args };
      const doc = JSON.stringify(contact);
      lastHash = create(contact, doc, at);
      return doc;
    },
    get: (id) => selectContact.get(id)?.doc,
    list: (limit) => `[${selectNewest.all(limit).map((row) => row.doc).join(",")}]`,
  };
}

/** A time-ordered id, as ours are: the inserts then go to the end of their indexes. */
let lastId = 0;
function newId(at) {
  lastId = Math.max(lastId + 1, at * 4096);
  return `con_${lastId.toString(32).padStart(13, "0")}${randomBytes(8).toString("hex")}`;
}

const texts = { firstName: 100, lastName: 100, email: 254, phone: 50, notes: 10_000, companyId: 64 };

/** Says what is wrong with the arguments of create_contact, or nothing. */
function faultOf(args) {
  for (const [name, value] of Object.entries(args)) {
    if (name === "tags") {
      if (!Array.isArray(value) || !value.every((tag) => typeof tag === "string")) return "tags";
    } else if (!(name in texts) || typeof value !== "string" || value.length > texts[name]) {
      return name;
    }
  }
  return args.firstName ? undefined : "firstName";
}

const workspaces = new Map(); // by the SHA-256 of their token
const tokens = [];
for (let number = 0; number < workspaceCount; ++number) {
  const token = `peer_${randomBytes(24).toString("base64url")}`;
  tokens.push(token);
  workspaces.set(sha256(token).toString("hex"), openWorkspace(`w${number}`));
}

function answer(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
const succeed = (response, data) => answer(response, 200, `{"success":true,"data":${data}}`);
const fail = (response, status, code, message) =>
  answer(response, status, JSON.stringify({ success: false, error: { code, message } }));

function call(request, response, body) {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const workspace = workspaces.get(sha256(token).toString("hex"));
  if (!workspace) return fail(response, 401, "UNAUTHENTICATED", "the token is unknown");
  let asked;
  try {
    asked = JSON.parse(body);
  } catch {
    return fail(response, 400, "INVALID_REQUEST", "not JSON");
  }
  const args = asked.args ?? {};
  if (asked.tool === "create_contact") {
    const fault = faultOf(args);
    if (fault) return fail(response, 400, "ZOD_VALIDATION_ERROR", fault);
    return succeed(response, workspace.create(args));
  }
  if (asked.tool === "get_contact") {
    const doc = workspace.get(String(args.contactId));
    return doc ? succeed(response, doc) : fail(response, 404, "NOT_FOUND", "there is no such contact");
  }
  if (asked.tool === "list_contacts") return succeed(response, workspace.list(Number(args.limit ?? 20)));
  return fail(response, 404, "TOOL_NOT_FOUND", "there is no such tool");
}

const server = createServer((request, response) => {
  if (request.method === "GET" && request.url === "/health") return answer(response, 200, '{"status":"ok"}');
  if (request.method !== "POST" || request.url !== "/mcp/call") return fail(response, 404, "NOT_FOUND", "no route");
  const chunks = [];
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => call(request, response, Buffer.concat(chunks).toString()));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: server.address().port, tokens }));
});
process.on("SIGTERM", () => process.exit(0));
