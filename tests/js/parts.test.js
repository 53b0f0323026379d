// Parts of the engine load when a page needs them: what must not come before them waits in order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PARTS, built, compiled, stepper, taker } from "./built.js";

const { ATTACH, BYTES, CLOSED, EVENT, HIDE, OFFLINE, OPEN, SHOW, SLICE, TIMER, UNMOUNT, WAKE, createEngine, instantiate } =
  await import("../../crates/client/js/engine.js");
const { pack } = await import("../../crates/client/js/msgpack.js");
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
  return { inputs, engine: createEngine(exports, { failed }, SLICE) };
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

test("events keep their order, whether they waited for what loads or behind a frame", async () => {
  const { inputs, engine, arrive } = late();
  let load;
  engine.hold(new Promise((resolve) => (load = resolve)));
  engine.input(EVENT, 1);
  engine.input(BYTES);
  engine.input(EVENT, 2);
  load();
  await settled();
  assert.deepEqual(inputs, [[BYTES, 0]]);
  arrive();
  await settled();
  assert.deepEqual(inputs, [[BYTES, 0], [BYTES, 0], [EVENT, 1], [EVENT, 2]]);
});

test("an event that came before something had to load stays before the next one", async () => {
  const { inputs, engine } = noting((kind) => {
    if (kind !== BYTES) return;
    engine.input(EVENT, 1);
    engine.hold(Promise.resolve());
    engine.input(EVENT, 2);
  });
  engine.input(BYTES);
  await settled();
  assert.deepEqual(inputs, [[BYTES, 0], [EVENT, 1], [EVENT, 2]]);
});

test("a page that goes gives it again at once, and not once more", async () => {
  const { inputs, engine, arrive } = late();
  engine.input(BYTES, 1);
  engine.input(HIDE);
  arrive();
  await settled();
  assert.deepEqual(inputs, [[BYTES, 1], [BYTES, 1], [HIDE, 0]]);
});

/** The codes of packed.rs. */
const ROOT = 9;
const CONNECT = 16;
const SEND = 17;
const CLOSE = 18;
const STATE = 22;
const AGAIN = 37;
/** The numbers of parts, of a state and of a timer. */
const LISTS = 0;
const ENDS = 1;
const RECONNECTING = 2;
const SILENCE = 2;

test("rows in another order ask for their part once, and are then what they would have been", async () => {
  const [shell, mount, update, reorder, whole] = frames();
  const complete = taker(await instantiate(await compiled("djust")));
  const instance = await built();
  const take = taker(instance);
  for (const frame of [shell, mount, update]) assert.deepEqual(take(frame), complete(frame));
  assert.deepEqual(take(reorder), [AGAIN, LISTS]);
  await instance.add("lists", await compiled("djust-lists"));
  for (const frame of [reorder, whole]) assert.deepEqual(take(frame), complete(frame));
});

test("without the part a full tree is asked for instead of a delta, and has rows built anew", async () => {
  const [shell, mount, update, reorder, whole] = frames();
  const take = taker(await built("ends"));
  for (const frame of [shell, mount, update]) take(frame);
  assert.deepEqual(take(reorder), [AGAIN, LISTS]);
  assert.equal(take(reorder)[0], SEND);
  assert.deepEqual(take(whole).slice(-2), [AGAIN, LISTS]);
  const [operation, root, ...edits] = take(whole);
  assert.deepEqual([operation, root], [ROOT, 0]);
  assert.ok(edits.length && !edits.includes(AGAIN), edits.join());
});

/** An engine that is live, without the part for what ends. */
const live = async () => {
  const instance = await built();
  const step = stepper(instance);
  step(ATTACH, 0, pack(0, "token"));
  step(OPEN);
  for (const frame of frames().slice(0, 2)) step(BYTES, 0, frame);
  return { step, arrive: async () => instance.add("ends", await compiled("djust-ends")) };
};

for (const [what, ...input] of [
  ["a connection that is lost", CLOSED, 1006],
  ["silence", TIMER, SILENCE],
]) {
  test(`${what} waits for the part for what ends, and is then tried again`, async () => {
    const { step, arrive } = await live();
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(step(...input), [STATE, RECONNECTING, AGAIN, ENDS]);
    }
    await arrive();
    const told = step(...input).join();
    assert.ok(told.includes([STATE, RECONNECTING].join()), told);
    assert.ok(!told.includes([AGAIN, ENDS].join()), told);
    assert.deepEqual(step(TIMER, 0), [CONNECT]);
  });
}

test("a view that ends and a frame that does not fit wait, and the page stays connected", async () => {
  const { step, arrive } = await live();
  const gap = pack(2, 0, 9, 0, 0, 1, 0, "b");
  assert.deepEqual(step(BYTES, 0, gap).slice(2), [AGAIN, ENDS]);
  assert.deepEqual(step(BYTES, 0, gap).slice(2), [AGAIN, ENDS]);
  assert.deepEqual(step(UNMOUNT, 0), [AGAIN, ENDS]);
  await arrive();
  assert.equal(step(BYTES, 0, gap)[2], SEND);
  const told = step(UNMOUNT, 0);
  assert.ok(told.length > 2 && !told.includes(AGAIN), told.join());
});

test("what the browser says of the network needs no part", async () => {
  const { step } = await live();
  assert.deepEqual([step(WAKE), step(OFFLINE)], [[], []]);
});

test("a page that is hidden goes without the part, and is connected when it is shown again", async () => {
  const { step, arrive } = await live();
  assert.deepEqual(step(HIDE), [CLOSE]);
  assert.deepEqual(step(SHOW), [STATE, RECONNECTING, AGAIN, ENDS]);
  await arrive();
  assert.deepEqual(step(SHOW).slice(-1), [CONNECT]);
  assert.equal(step(OPEN)[0], SEND);
});

test("an input that must wait while the page goes lets the end of the page pass", async () => {
  const arrived = new Promise(() => {});
  const { inputs, engine } = noting((kind) => kind !== HIDE && engine.again(arrived));
  engine.input(CLOSED, 1006);
  engine.input(BYTES, 1);
  engine.input(HIDE);
  const waits = [[CLOSED, 1006], [CLOSED, 1006], [BYTES, 1]];
  assert.deepEqual(inputs, [...waits, [HIDE, 0], [CLOSED, 1006]]);
});

test("every part has all that it needs of the others", async () => {
  const instance = await built();
  for (const order of [PARTS, [...PARTS].reverse()]) {
    for (const part of order) assert.ok(Object.keys(await instance.add(part, await compiled(`djust-${part}`))).length);
  }
});
