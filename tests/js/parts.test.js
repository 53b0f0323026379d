// Parts of the engine load when a page needs them: what must not come before them waits in order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PARTS, built, compiled } from "./built.js";

const { ATTACH, BYTES, EVENT, HIDE, UNMOUNT, createEngine } = await import(
  "../../crates/client/js/engine.js"
);

globalThis.document = {};

/** An engine that only notes its inputs; `during` is called within each. */
const noting = (during = () => {}) => {
  const inputs = [];
  const exports = {
    memory: new WebAssembly.Memory({ initial: 1 }),
    create: () => 0,
    reserve: () => 1024,
    step(_, kind, argument) {
      inputs.push([kind, argument]);
      during(kind, argument);
      return 0;
    },
  };
  const failed = (error) => assert.fail(error);
  return { inputs, engine: createEngine(exports, { failed }) };
};

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("events wait for what loads, in order, and frames of the server do not", async () => {
  const { inputs, engine } = noting();
  let arrive;
  engine.hold(new Promise((resolve) => (arrive = resolve)));
  engine.hold(Promise.resolve());
  await settled();
  engine.input(ATTACH, 1);
  engine.input(EVENT, 2);
  engine.input(BYTES, 3);
  engine.input(UNMOUNT, 4);
  assert.deepEqual(inputs, [[BYTES, 3]]);
  arrive();
  await settled();
  engine.input(EVENT, 5);
  const all = [[BYTES, 3], [ATTACH, 1], [EVENT, 2], [UNMOUNT, 4], [EVENT, 5]];
  assert.deepEqual(inputs, all);
});

test("what fires while the engine finds out that something must load waits as well", async () => {
  const { inputs, engine } = noting((kind) => {
    if (kind !== BYTES) return;
    engine.hold(Promise.resolve());
    engine.input(EVENT, 1);
  });
  engine.input(BYTES);
  assert.deepEqual(inputs, [[BYTES, 0]]);
  await settled();
  assert.deepEqual(inputs, [[BYTES, 0], [EVENT, 1]]);
});

test("nothing is lost when the page goes before its parts came", () => {
  const { inputs, engine } = noting();
  engine.hold(new Promise(() => {}));
  engine.input(EVENT, 1);
  engine.input(HIDE);
  assert.deepEqual(inputs, [[EVENT, 1], [HIDE, 0]]);
});

test("every part has all that it needs of the others", async () => {
  const instance = await built();
  for (const order of [PARTS, [...PARTS].reverse()]) {
    for (const part of order) assert.ok(Object.keys(await instance.add(part, await compiled(`djust-${part}`))).length);
  }
});
