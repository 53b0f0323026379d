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

/** A block of one contender stops after this many milliseconds of updates, at the end of a cycle. */
const ENOUGH = 60;

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
    root,
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

/** The mean times of the updates of one round. The first cycle is not counted, but checked. */
async function block(name, scene) {
  const { steps, step, updates, start } = scene;
  const { root, clock, check, end } = open(name, scene);
  await settle();
  let number = 0;
  for (const state of steps) {
    clock(++number);
    check(state);
  }
  globalThis.gc?.();
  const sums = [0, 0];
  let [counted, spent] = [0, 0];
  while (number + steps.length <= updates && (spent < ENOUGH || !counted)) {
    for (let left = steps.length; left > 0; left--) {
      const times = clock(++number);
      spent += times[1];
      if (!step(number).timed) continue;
      counted++;
      times.forEach((time, kind) => (sums[kind] += time));
    }
  }
  check(start);
  end();
  return sums.map((sum) => sum / counted);
}

/** Times a case: every contender in turn, in every round another one first. */
window.run = async (number, rounds) => {
  await init("djust.wasm");
  const scene = await load(number);
  const names = Object.keys(contenders);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  // The round -1 warms up.
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length) % names.length];
      const times = await block(name, scene);
      if (round >= 0) results[name].push(times);
    }
  }
  return results;
};

/** Times the first update of this page. */
window.first = async (number, name) => {
  await init("djust.wasm");
  const scene = await load(number);
  const { clock, check, end } = open(name, scene);
  await settle();
  const times = clock(1);
  check(scene.step(1));
  end();
  return times;
};

window.contenders = Object.keys(contenders);
