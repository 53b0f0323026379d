// The frames that warm the engine up are sound, so that they take the ways of real ones.

import assert from "node:assert/strict";
import { test } from "node:test";

import { built } from "./built.js";

const { APPLY } = await import("../../crates/client/js/engine.js");
const { frames } = await import("../../crates/client/js/warm.js");

const REFUSED = 27;

test("the engine takes every frame of the warm-up", async () => {
  const exports = await built("lists");
  const page = exports.create();
  const said = frames().map((frame) => {
    const place = exports.reserve(page, frame.length);
    new Uint8Array(exports.memory.buffer, place).set(frame);
    const header = exports.step(page, APPLY, 0, frame.length, 0, 0);
    const [first, length] = new Uint32Array(exports.memory.buffer, header, 2);
    return new Uint32Array(exports.memory.buffer, first, length);
  });
  for (const words of said) assert.ok(words.length > 2 && words[0] !== REFUSED, [...words].join());
});
