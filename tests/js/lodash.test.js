// Debounce and throttle of the engine do what lodash's do, on random schedules over a virtual clock.
// Where throttle differs, docs/interceptors.md says why, and a test here shows it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decodeMulti } from "@msgpack/msgpack";
import lodash from "lodash";

import { built } from "./built.js";

const { ATTACH, BYTES, EVENT, FRAME, OPEN, TIMER } = await import("../../crates/client/js/engine.js");
const { write } = await import("../../crates/client/js/msgpack.js");

const file = (path) => readFileSync(new URL(`../../${path}`, import.meta.url));
const exports = await built("wait");

const DEBOUNCE = 1;
const THROTTLE = 2;
const INTERCEPTORS = 3;
const CLICK = 0;

/** The operations that can come after the page is live, with how many words follow. */
const LENGTHS = { 17: 2, 19: 2, 20: 1, 21: 0, 28: 4, 31: 1, 33: 2, 34: 1 };

/** Numbers that look random and are the same each time. */
const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** What the engine sends for events at these times: `[time, number]` of each. */
const ours = (times, code, option) => {
  const page = exports.create();
  const sent = [];
  let now = 0;
  let alarm = Infinity;

  const step = (kind, bytes = [], argument = 0) => {
    const place = exports.reserve(page, bytes.length);
    new Uint8Array(exports.memory.buffer, place).set(bytes);
    const header = exports.step(page, kind, argument, bytes.length, now, 0.5);
    const [first, length, section] = new Uint32Array(exports.memory.buffer, header, 3);
    return [...new Uint32Array(exports.memory.buffer, first, length)].map((word) => [word, section]);
  };

  const follow = (words) => {
    for (let at = 0; at < words.length; ) {
      const [[word, section], [first] = [], [second] = []] = words.slice(at, at + 3);
      assert.ok(word in LENGTHS, `operation ${word}`);
      at += 1 + LENGTHS[word];
      if (word === 19 && first === INTERCEPTORS) alarm = now + second;
      if (word === 20 && first === INTERCEPTORS) alarm = Infinity;
      if (word === 21) follow(step(FRAME));
      if (word === 17) {
        const frame = new Uint8Array(exports.memory.buffer, section + first, second).slice();
        const [kind, count, ...events] = decodeMulti(frame);
        assert.equal(kind, 1);
        assert.equal(events.length, 4 * count);
        for (let event = 0; event < count; event++) {
          sent.push([now, events[4 * event + 3].n]);
          follow(step(BYTES, [3, 0, events[4 * event + 1]]));
        }
      }
    }
  };

  const until = (time) => {
    while (alarm <= time) {
      now = alarm;
      alarm = Infinity;
      follow(step(TIMER, [], INTERCEPTORS));
    }
    now = time;
  };

  step(ATTACH, [0, 0xa1, 0x74]);
  step(OPEN);
  step(BYTES, [0, 1, 0]);
  step(BYTES, file("tests/vectors/mount_counter.msgpack"));
  times.forEach((time, number) => {
    until(time);
    const record = [];
    const options = new Map([[code, option]]);
    for (const value of [0, CLICK, 1, options, [], "increment", { n: number }]) write(record, value);
    follow(step(EVENT, record));
  });
  until(1e6);
  return sent;
};

/** The virtual clock of lodash. */
const timers = new Map();
let clock;
const virtual = lodash.runInContext({
  Date: { now: () => clock },
  setTimeout(callback, wait) {
    const timer = Symbol("timer");
    timers.set(timer, [clock + wait, callback]);
    return timer;
  },
  clearTimeout: (timer) => timers.delete(timer),
});

/** What lodash calls for the same times. */
const theirs = (times, make) => {
  const called = [];
  const start = 1e9;
  clock = start;
  const until = (time) => {
    for (;;) {
      const due = [...timers].filter(([, [when]]) => when <= start + time);
      if (!due.length) break;
      const [[timer, [when, callback]]] = due.sort((a, b) => a[1][0] - b[1][0]);
      timers.delete(timer);
      clock = when;
      callback();
    }
    clock = start + time;
  };
  const call = make(virtual, (number) => called.push([clock - start, number]));
  times.forEach((time, number) => {
    until(time);
    call(number);
  });
  until(1e6);
  return called;
};

/** Times of events: bursts, and pauses between them. */
const schedule = (next) => {
  let time = Math.floor(next() * 50);
  return Array.from({ length: 1 + Math.floor(next() * 25) }, () => {
    const gap = next() < 0.15 ? 400 : next() < 0.5 ? 20 : 90;
    return (time += Math.floor(next() * gap));
  });
};

const SCHEDULES = 400;

test("debounce is lodash's", () => {
  const next = random(1);
  for (let round = 0; round < SCHEDULES; round++) {
    const times = schedule(next);
    const wait = 1 + Math.floor(next() * 120);
    const expected = theirs(times, ({ debounce }, call) => debounce(call, wait));
    assert.deepEqual(ours(times, DEBOUNCE, [wait, null]), expected, `${times} wait ${wait}`);
  }
});

test("debounce with a longest wait is lodash's until that ends and the events go on", () => {
  const next = random(4);
  let equal = 0;
  for (let round = 0; round < SCHEDULES; round++) {
    const times = schedule(next);
    const wait = 1 + Math.floor(next() * 120);
    const maxWait = Math.floor(next() * 400);
    const expected = theirs(times, ({ debounce }, call) => debounce(call, wait, { maxWait }));
    const found = ours(times, DEBOUNCE, [wait, maxWait]);
    const label = `${times} wait ${wait} ${maxWait}`;
    const goesOn = ([time, number]) => times.some((at) => at > time && at < times[number] + wait);
    const limit = expected.find(goesOn)?.[0];
    const before = (list) => list.filter(([time]) => limit === undefined || time <= limit);
    assert.deepEqual(before(found), before(expected), label);
    equal += limit === undefined;
    // What holds of ours always: the last event is sent, and none that is sent waited longer.
    assert.equal(found.at(-1)[1], times.length - 1, label);
    const most = Math.max(wait, maxWait);
    for (const [time, number] of found) assert.ok(time - times[number] <= most, label);
  }
  assert.ok(equal > SCHEDULES / 4, `${equal} schedules are equal to their end`);
});

test("where they differ: our longest wait counts from the first event that waits", () => {
  const times = [0, 40, 80, 120, 130, 170, 210, 245];
  const expected = theirs(times, ({ debounce }, call) => debounce(call, 50, { maxWait: 125 }));
  assert.deepEqual(expected, [[125, 3], [250, 7]]);
  assert.deepEqual(ours(times, DEBOUNCE, [50, 125]), [[125, 3], [255, 7]]);
});

test("throttle without its trailing edge is lodash's", () => {
  const next = random(2);
  for (let round = 0; round < SCHEDULES; round++) {
    const times = schedule(next);
    const interval = 1 + Math.floor(next() * 150);
    const options = { trailing: false };
    const expected = theirs(times, ({ throttle }, call) => throttle(call, interval, options));
    assert.deepEqual(ours(times, THROTTLE, [interval, 1]), expected, `${times} every ${interval}`);
  }
});

test("throttle with its trailing edge is lodash's until an event follows within an interval after it", () => {
  const next = random(3);
  let equal = 0;
  for (let round = 0; round < 2 * SCHEDULES; round++) {
    const times = schedule(next);
    const interval = 1 + Math.floor(next() * 150);
    const leading = next() < 0.7;
    const options = { leading };
    const expected = theirs(times, ({ throttle }, call) => throttle(call, interval, options));
    const found = ours(times, THROTTLE, [interval, leading ? 3 : 2]);
    const label = `${times} every ${interval} ${leading}`;
    // The first time that something was sent at the end of an interval, and soon after it an event came.
    const trailing = expected.filter(([time, number]) => time > times[number]).map(([time]) => time);
    const limit = trailing.find((end) => times.some((time) => time > end && time < end + interval));
    const before = (list) => list.filter(([time]) => limit === undefined || time <= limit);
    assert.deepEqual(before(found), before(expected), label);
    equal += limit === undefined;
    // What holds of ours always: the rate, the last event, and that none waits longer than an interval.
    for (let at = 1; at < found.length; at++) {
      assert.ok(found[at][0] - found[at - 1][0] >= interval, `${label}: ${found}`);
    }
    assert.equal(found.at(-1)[1], times.length - 1, label);
    for (const [time, number] of found) assert.ok(time - times[number] <= interval, label);
  }
  assert.ok(equal > SCHEDULES / 4, `${equal} schedules are equal to their end`);
});

test("where they differ: lodash sends twice within an interval, and we do not", () => {
  const times = [0, 10, 115];
  const expected = theirs(times, ({ throttle }, call) => throttle(call, 100));
  assert.deepEqual(expected, [[0, 0], [100, 1], [115, 2]]);
  assert.deepEqual(ours(times, THROTTLE, [100, 3]), [[0, 0], [100, 1], [200, 2]]);
});
