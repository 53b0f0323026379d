// The frames that warm the engine up are sound, so that they take the ways of real ones.

import assert from "node:assert/strict";
import { test } from "node:test";

import { built, taker } from "./built.js";

const { frames } = await import("../../crates/client/js/warm.js");

/** The beginnings of what an engine says of a frame that it does not take: it asks for a part, or sends. */
const AGAIN = 37;
const SEND = 17;
const FAULT = 36;

test("the engine takes every frame of the warm-up", async () => {
  const take = taker(await built("ends", "lists"));
  for (const words of frames().map(take)) {
    assert.ok(words.length > 2 && ![AGAIN, SEND, FAULT].includes(words[0]), words.join());
  }
});
