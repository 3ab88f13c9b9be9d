// SPDX-License-Identifier: Apache-2.0
// Prints what the conformance suite found, a line per scenario: how many checks had which outcome,
// and the names of those that neither succeeded nor just informed.
//
//   node outcomes.mjs <folder of results>
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const quiet = ["SUCCESS", "INFO"];
const folder = process.argv[2];
const lines = readdirSync(folder).filter((name) => name.startsWith("server-")).map((name) => {
  const checks = JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8"));
  // A folder is named server-<scenario>-<time>.
  const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
  const counts = new Map();
  for (const { status } of checks) counts.set(status, (counts.get(status) ?? 0) + 1);
  const outcome = [...counts].sort().map(([status, count]) => `${count} ${status}`).join(", ") || "no check";
  const named = checks.filter(({ status }) => !quiet.includes(status)).map(({ id, status }) => `  ${id}: ${status}`);
  return [`${scenario}: ${outcome}`, ...named.sort()].join("\n");
});
if (lines.length === 0) throw new Error(`no results in ${folder}`);
console.log(lines.sort().join("\n"));
