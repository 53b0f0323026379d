// Event attributes: what names a handler, what calls one, and what is neither.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "@msgpack/msgpack";

import { parse } from "../../crates/client/js/lazy/calls.js";
import { write } from "../../crates/client/js/msgpack.js";

test("a name alone has no arguments", () => {
  for (const spec of [" save ", "save()", "save( )"]) assert.deepEqual(parse(spec), ["save", []]);
  assert.deepEqual(parse("größe"), ["größe", []]);
  assert.deepEqual(parse("f( 1 , 2 )"), ["f", [1, 2]]);
});

test("arguments keep their types", () => {
  assert.deepEqual(parse("f(-3, true, False, None, null)")[1], [-3, true, false, null, null]);
  assert.deepEqual(parse(String.raw`f('it\'s, (é)', 1, "\"")`)[1], ["it's, (é)", 1, '"']);
  const bytes = [];
  write(bytes, parse("f(1.0, -0.3, 7)")[1]);
  assert.deepEqual(bytes.slice(0, 2), [0x93, 0xcb]);
  assert.deepEqual(decode(new Uint8Array(bytes)), [1, -0.3, 7]);
});

test("what is no call is refused", () => {
  const specs = ["", "f(", "f(1", "f(1,)", "f(1 2)", "f('a)", "f(x)", "a b", "f(1.2.3)", "f(-)"];
  specs.push("f(1-2)", "f(.)", "f(1) g", "f)", "f(1234567890123456)", "f(constructor)", "f(,1)");
  for (const spec of specs) assert.equal(parse(spec)[0], undefined, spec);
});
