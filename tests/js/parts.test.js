// Parts of the engine load when a page needs them: what must not come before them waits in order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PARTS, built, compiled } from "./built.js";

const { APPLY, ATTACH, BYTES, EVENT, HIDE, UNMOUNT, createEngine, instantiate } = await import(
  "../../crates/client/js/engine.js"
);
const { frames } = await import("../../crates/client/js/warm.js");

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

/** An engine whose first input is to be given again when a promise is fulfilled. */
const late = () => {
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  const { inputs, engine } = noting(() => inputs.length === 1 && engine.again(arrived));
  return { inputs, engine, arrive };
};

test("a frame that came too early is given again, and everything else waits behind it", async () => {
  const { inputs, engine, arrive } = late();
  engine.input(BYTES, 1);
  engine.input(BYTES, 2);
  engine.input(EVENT, 3);
  await settled();
  assert.deepEqual(inputs, [[BYTES, 1]]);
  arrive();
  await settled();
  assert.deepEqual(inputs, [[BYTES, 1], [BYTES, 1], [BYTES, 2], [EVENT, 3]]);
});

test("a page that goes gives it again at once, and not once more", async () => {
  const { inputs, engine, arrive } = late();
  engine.input(BYTES, 1);
  engine.input(HIDE);
  arrive();
  await settled();
  assert.deepEqual(inputs, [[BYTES, 1], [BYTES, 1], [HIDE, 0]]);
});

/** The codes of packed.rs, and what is said of a frame that names rows nobody knows. */
const ROOT = 9;
const REFUSED = 27;
const AGAIN = 37;
const OUT_OF_RANGE = 4;
/** Gives frames to an engine; what it says of each. */
const taker = (exports) => {
  const page = exports.create();
  return (frame) => {
    const place = exports.reserve(page, frame.length);
    new Uint8Array(exports.memory.buffer, place).set(frame);
    const header = exports.step(page, APPLY, 0, frame.length, 0, 0);
    const [first, length] = new Uint32Array(exports.memory.buffer, header, 2);
    return [...new Uint32Array(exports.memory.buffer, first, length)];
  };
};

test("rows in another order ask for their part once, and are then what they would have been", async () => {
  const [mount, update, reorder, whole] = frames();
  const complete = taker(await instantiate(await compiled("djust")));
  const instance = await built();
  const take = taker(instance);
  for (const frame of [mount, update]) assert.deepEqual(take(frame), complete(frame));
  assert.equal(take(reorder)[0], AGAIN);
  await instance.add("lists", await compiled("djust-lists"));
  for (const frame of [reorder, whole]) assert.deepEqual(take(frame), complete(frame));
});

test("without the part a delta is refused, and a whole tree has rows built anew", async () => {
  const [mount, update, reorder, whole] = frames();
  const take = taker(await built());
  for (const frame of [mount, update]) take(frame);
  assert.equal(take(reorder)[0], AGAIN);
  assert.deepEqual(take(reorder), [REFUSED, OUT_OF_RANGE]);
  assert.ok(take(whole).includes(AGAIN));
  const [operation, root, ...edits] = take(whole);
  assert.deepEqual([operation, root], [ROOT, 0]);
  assert.ok(edits.length && !edits.includes(REFUSED), edits.join());
});

test("every part has all that it needs of the others", async () => {
  const instance = await built();
  for (const order of [PARTS, [...PARTS].reverse()]) {
    for (const part of order) assert.ok(Object.keys(await instance.add(part, await compiled(`djust-${part}`))).length);
  }
});
