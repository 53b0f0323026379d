// What the scripts offer to pages has a type, and what has a type is offered.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../crates/client/js/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
const source = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
const types = readFileSync(new URL("djust.d.ts", folder), "utf8");

const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();

test("every event that a page can hear is in DocumentEventMap, and no other", () => {
  const fired = all(source, /(?:\b(?:dispatch|told)\(|Event\("djust:)"?([a-z-]+)"/g);
  const named = all(types, /"djust:([a-z-]+)": /g);
  assert.deepEqual(fired, named);
});

test("every member of window.djust has a type, and no other", () => {
  const [, body] = /export interface Djust \{\n([^]*?)\n\}/.exec(types);
  const typed = all(body, /^  (?:readonly )?(\w+)[:(]/gm);
  assert.deepEqual(all(source, /\bdjust\.(\w+) (?:\?\?)?= /g), typed);
});
