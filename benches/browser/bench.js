// The recorded cases go in; the milliseconds of each contender in each round come out, once its
// page has been found to be the browser's own parse of what Django prints.
import { contenders, init } from "./contenders.js";
import { differenceFrom } from "./oracle.js";
import * as conditions from "./pages/conditions.jsx";
import * as counter from "./pages/counter.jsx";
import * as deep from "./pages/deep.jsx";
import * as form from "./pages/form.jsx";
import * as products from "./pages/products.jsx";
import * as rows from "./pages/rows.jsx";
import * as text from "./pages/text.jsx";

const pages = { conditions, counter, deep, form, products, rows, text };
const stage = document.querySelector("main");

/** How many updates of a contender a round times, unless they take this many milliseconds. */
const SAMPLES = 4;
const ENOUGH = 100;
/** A contender that needed this many milliseconds for some updates sits out the other rounds. */
const ALLOWANCE = 1000;
const SOME = 3;

/** Ends when the warm-up of the engine has run, which makes an instance of its own. */
const warmedUp = new Promise((done) => {
  const { instantiate } = WebAssembly;
  let instances = 0;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    if (++instances === 2) setTimeout(done);
    return made;
  };
});

const settle = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Fetches a case. The n-th update leads to `step(n)`; after the last step comes the first again. */
async function load(number) {
  const recorded = await (await fetch(`cases/${number}.json`)).json();
  const { steps, page } = recorded;
  const frames = {};
  for (const kind in recorded.frames) frames[kind] = recorded.frames[kind].map(bytes);
  return {
    steps,
    frames,
    page: pages[page],
    start: steps.at(-1),
    step: (number) => steps[(number - 1) % steps.length],
    updates: frames.deltas.length - 1,
  };
}

/** Makes every control one that the user has touched: from now on it ignores its attribute. */
function touch(root) {
  for (const control of root.querySelectorAll("input,textarea")) {
    if (control.type === "checkbox") control.checked = control.checked;
    else control.value = control.value;
  }
}

function open(name, scene) {
  const root = document.createElement("div");
  stage.replaceChildren(root);
  const { update, end } = contenders[name].show(root, scene);
  touch(root);
  return {
    update,
    end: () => (end?.(), stage.replaceChildren()),
    check(state) {
      const difference = differenceFrom(state.html, root, contenders[name].attributes !== false);
      if (difference) throw new Error(`${name} shows another page: ${difference}`);
    },
    /** Milliseconds of script, then of script and the style and layout that it makes necessary. */
    clock(number) {
      const start = performance.now();
      update(number);
      const changed = performance.now();
      root.getBoundingClientRect();
      return [changed - start, performance.now() - start];
    },
  };
}

/**
 * The times of the updates of one round. Each comes as an action of a user does: to a page that has
 * been painted and has nothing to do. The first cycle is not counted.
 */
async function block(name, scene, checked) {
  const { steps, step, updates } = scene;
  const { update, clock, check, end } = open(name, scene);
  let number = 0;
  let spent = 0;
  for (const state of steps) {
    const start = performance.now();
    update(++number);
    spent += performance.now() - start;
    if (checked) check(state);
  }
  globalThis.gc?.();
  const samples = [];
  while (samples.length < SAMPLES && number < updates && (spent < ENOUGH || !samples.length)) {
    if (!step(++number).timed) {
      update(number);
      continue;
    }
    await settle();
    const times = clock(number);
    samples.push(times);
    spent += times[0];
  }
  check(step(number));
  end();
  return { samples, spent };
}

/** The same in a random order (Fisher and Yates). */
function shuffled(names) {
  const order = [...names];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/**
 * Times a case: every contender in turn, in each round in another order, since what ran before makes
 * a difference of up to a tenth. After three rounds none begins later than the seconds.
 */
window.run = async (number, rounds, seconds, names) => {
  await init("djust.wasm");
  const scene = await load(number);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  const budget = Object.fromEntries(names.map((name) => [name, ALLOWANCE]));
  const end = performance.now() + seconds * 1000;
  // The round -1 warms up, and checks every step.
  for (let round = -1; round < rounds; round++) {
    if (round > 2 && performance.now() > end) break;
    for (const name of shuffled(names)) {
      if (budget[name] < 0 && results[name].length >= SOME) continue;
      const { samples, spent } = await block(name, scene, round < 0);
      budget[name] -= spent;
      if (round >= 0) results[name].push(...samples);
    }
  }
  return results;
};

/** Times the first update of this page, after the warm-up: a page is idle before a user acts. */
window.first = async (number, name) => {
  await init("djust.wasm");
  await warmedUp;
  const scene = await load(number);
  const { clock, check, end } = open(name, scene);
  await settle();
  const times = clock(1);
  check(scene.step(1));
  end();
  return times;
};

window.contenders = Object.keys(contenders);
