// What the search for broken input has found to be interesting (fuzz/corpus), given to the engine that
// browsers load: it returns each time. A panic would be a trap here.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { PARTS, built, compiled } from "./built.js";

const { instantiate } = await import("../../crates/client/js/engine.js");

const CODES = [1006, 1009, 4400, 4401, 4403, 4406];
const CLOSED = 3;
const APPLY = 11;
const UNMOUNT = 12;
/** What the engine may keep after each file, in pages of 64 KiB. */
const PAGES = 32;

const folder = new URL("../../fuzz/corpus/runtime/", import.meta.url);

/** The inputs of a file, as fuzz/src/inputs.rs reads them: kind, argument, length, bytes. */
function* inputs(bytes) {
  while (bytes.length >= 4) {
    const [kind, argument, low, high] = bytes;
    const end = 4 + low + 256 * high;
    yield [kind & 15, argument, bytes.subarray(4, end)];
    bytes = bytes.subarray(end);
  }
}

const bears = async (make) => {
  const files = readdirSync(folder);
  assert.ok(files.length > 20);
  for (const file of files) {
    const exports = await make();
    const page = exports.create();
    let now = 0;
    for (const [kind, argument, bytes] of inputs(readFileSync(new URL(file, folder)))) {
      const place = exports.reserve(page, bytes.length);
      new Uint8Array(exports.memory.buffer, place, bytes.length).set(bytes);
      const said = kind === CLOSED ? CODES[argument % CODES.length] : argument;
      if (kind === APPLY) exports.apply?.(page, argument, bytes.length);
      else exports.step(page, Math.min(kind, UNMOUNT), said, bytes.length, (now += 40), 0.5);
    }
    assert.ok(exports.memory.buffer.byteLength <= PAGES * 65_536);
  }
};

test("the built engine bears what the search has found", () => bears(built));
test("with all of its parts it does as well", () => bears(() => built(...PARTS)));
test("that of the module does as well", () => bears(async () => instantiate(await compiled("djust"))));
