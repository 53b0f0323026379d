// The same trees in several encodings go in; their sizes, and the time from bytes to values, come out:
// the numbers of docs/decisions/codec.md. `node benches/codec/codec.js`, after `make build`.
//
// "In place" is what a page does: the engine walks over the bytes of a full tree and compares them
// with those it keeps, or changes one cell. The others make JavaScript values of them, no more.

import { brotliCompressSync, deflateRawSync } from "node:zlib";

import { decodeMulti, encode } from "@msgpack/msgpack";

import { write } from "../../crates/client/js/msgpack.js";
import { compiled } from "../../tests/js/built.js";
import { instantiate } from "../../crates/client/js/engine.js";

const ROWS = 1000;
const ROUNDS = 60;

const pack = (...values) => {
  const bytes = [];
  for (const value of values) write(bytes, value);
  return bytes;
};

/** A definition of a single element, with a hash that the seed names. */
const define = (seed, key, scalars, ...parts) =>
  [0xc4, 8, ...Array(8).fill(seed), ...pack(1, key, scalars, parts.length, ...parts)];

const row = define(1, 1, 5, '<tr id="', 1, '"><td>', 16, "</td><td>", 32, "</td><td>", 48, "</td><td>", 64, "</td></tr>");
const list = define(2, 0, 0, "<tbody>", [6, 0], "</tbody>");

const CITIES = ["Aachen", "Köln", "Kyōto", "São Paulo", "Graz", "Lund"];
const rows = Array.from({ length: ROWS }, (_, n) =>
  [n + 1, `user ${n * 7919 % 9973}`, `user${n}@example.org`, n * 104_729 % 5000, CITIES[n % 6]]);

/** A full tree, numbered; the n-th frame has the number n. */
const tree = (n) => [...pack(1, 0, n, 0, null), ...(n > 1 ? [0] : [2, 0, ...row, ...list]), 1, ...pack(ROWS, ...rows.flat())];
/** The same, but a cell of each row is another one each time. */
const changed = (n) => {
  const cells = rows.map(([id, name, mail, number, city]) => [id, name, mail, number + (n % 2), city]);
  return [...pack(1, 0, n, 0, null), 0, 1, ...pack(ROWS, ...cells.flat())];
};
/** One cell of a row in the middle. */
const cell = (n) => pack(2, 0, n, 0, 0, 1, 0, 3, 1, 500, 1, 3, 1000 + n % 2);

// What the same says where values describe themselves: each row an array.
const nested = [1, 0, 2, 0, null, 0, 1, rows];
const nestedCell = [2, 0, 3, 0, [], [[0, 3, [[500, [[3, 1001]]]]]]];

/** Bytes of CBOR (RFC 8949): as MessagePack, but heads hold lengths and numbers up to 23. */
const head = (n) => (n < 24 ? 1 : n < 256 ? 2 : n < 65_536 ? 3 : 5);
const cbor = (value) => {
  if (Array.isArray(value)) return head(value.length) + value.reduce((sum, each) => sum + cbor(each), 0);
  if (typeof value === "string") return head(Buffer.byteLength(value)) + Buffer.byteLength(value);
  return value === null ? 1 : head(value);
};
/** Bytes of a binary form of our own: no types, since the template knows them; lengths and numbers of 7 bits. */
const varint = (n) => (n < 128 ? 1 : n < 16_384 ? 2 : 3);
const own = (value) => {
  if (Array.isArray(value)) return value.reduce((sum, each) => sum + own(each), 0);
  if (typeof value === "string") return varint(Buffer.byteLength(value)) + Buffer.byteLength(value);
  // One bit says whether a cell is a number or a text.
  return value === null ? 1 : varint(value * 2);
};

// The engine of the ES module, which takes frames as they are.
const instance = await instantiate(await compiled("djust"));
const page = instance.create();
let number = 0;
const apply = (bytes) => {
  const place = instance.reserve(page, bytes.length);
  new Uint8Array(instance.memory.buffer, place, bytes.length).set(bytes);
  const began = performance.now();
  const header = instance.apply(page, 0, bytes.length);
  const took = performance.now() - began;
  const [, words] = new Uint32Array(instance.memory.buffer, header, 2);
  return [took, words];
};
const first = apply(tree(++number));
if (first[1] < ROWS) throw new Error("the first tree was refused");

/** The least of many times, in microseconds. */
const least = (times) => Math.min(...times) * 1000;
const times = (work) =>
  least(Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  }));
const inPlace = (frame) =>
  least(Array.from({ length: ROUNDS }, () => {
    const [took, words] = apply(new Uint8Array(frame(++number)));
    if (frame === cell && !words) throw new Error("the cell was refused");
    return took;
  }));

const decoder = new TextDecoder();
const line = (name, bytes, took) => {
  const data = typeof bytes === "number" ? null : Buffer.from(bytes);
  const sizes = data
    ? [data.length, deflateRawSync(data).length, brotliCompressSync(data).length]
    : [bytes, "", ""];
  console.log([name.padEnd(34), ...[...sizes, took?.toFixed(1) ?? ""].map((each) => String(each).padStart(9))].join(""));
};

for (const [what, ours, values] of [["1,000 rows", tree, nested], ["one cell", cell, nestedCell]]) {
  console.log(`${what.padEnd(34)}      raw  deflate   brotli       µs`);
  line("MessagePack, read in place", ours(2), inPlace(ours));
  if (ours === tree) line("the same, every row changed", changed(2), inPlace(changed));
  const described = encode(values);
  line("MessagePack, to values", described, times(() => [...decodeMulti(described)]));
  const text = JSON.stringify(values);
  line("JSON, from text", Buffer.from(text), times(() => JSON.parse(text)));
  const bytes = Buffer.from(text);
  line("JSON, from bytes", bytes, times(() => JSON.parse(decoder.decode(bytes))));
  line("CBOR", cbor(values));
  line("binary of our own", own(values));
}
