// The client's MessagePack against a well-kept implementation: the same bytes, the same values.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode } from "@msgpack/msgpack";

import { values as read, write } from "../../crates/client/js/msgpack.js";

const powers = [5, 7, 8, 15, 16, 31, 32, 40, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);
const integers = powers.flatMap((number) => [number, -number, -number - 1]);

const values = [
  ...integers.filter(Number.isSafeInteger),
  0.5,
  -1e300,
  true,
  false,
  null,
  "",
  "é😀",
  ..."1 31 32 63 64 255 256 65535 65536".split(" ").map((length) => "x".repeat(length)),
  [],
  Array(15).fill(null),
  Array(16).fill("a"),
  Array(65536).fill(1),
  {},
  { a: 1, b: [{ c: [true, "d"] }] },
  Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key ${index}`, index])),
];

test("values are written in their shortest form", () => {
  for (const value of values) {
    const bytes = [];
    write(bytes, value);
    assert.deepEqual(new Uint8Array(bytes), encode(value));
  }
});

test("values are read as they were written", () => {
  for (const value of values) {
    const bytes = encode(value);
    assert.deepEqual(read(bytes), [decode(bytes)]);
  }
  assert.deepEqual(read(encode(new Uint8Array([1, 2]))), [new Uint8Array([1, 2])]);
});

test("maps of the language are written as objects are", () => {
  const bytes = [];
  write(bytes, new Map([["a", 1]]));
  assert.deepEqual(read(new Uint8Array(bytes)), [{ a: 1 }]);
});
