// A WebAssembly module goes in, an engine comes out: one instance and its queue of inputs.

import { ATTACH, CLOSED, EVENT, HIDE, UNMOUNT } from "./inputs.js";
import { createPatcher } from "./ops.js";

export * from "./inputs.js";

/** What waits for a part that is loading: the user, and views that come and go. */
const HELD = new Set([ATTACH, EVENT, UNMOUNT]);

/** Milliseconds after which the browser may show what there is of a long frame. */
export const SLICE = 8;

/** Calls back when the page has nothing else to do. */
export const idle = globalThis.requestIdleCallback ?? setTimeout;

/** Reads a module from what `fetch` promises. */
export const compileModule = async (source) => {
  const response = await source;
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
};

/**
 * Makes an instance: its exports, and `add(name, module)`, which adds a part (docs/decisions/parts.md).
 * What is called in a part that is not there does nothing and gives zero.
 */
export const instantiate = async (module) => {
  const made = {};
  const add = async (name, module) => {
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      imports[from][name] =
        from === "start" ? made.start[name] : (...values) => made[from]?.[name](...values);
    }
    return (made[name] = (await WebAssembly.instantiate(module, imports)).exports);
  };
  return { ...(await add("start", module)), add };
};

/**
 * A page runtime or a single root, over an instance.
 *
 * @param exports of the instance
 * @param hooks `container`, `effect` and `warn` as in ops.js, `settled()`: an input is dealt with,
 *   and `failed(error)`: the engine stopped, and the instance must not be used again
 * @param slice milliseconds after which a long frame goes on in another task; without, all of it is
 *   carried out before `input` returns, and nothing may ask for `again`
 * @returns `input(kind, argument, bytes)`, to be called as often as things happen, `hold(promise)`,
 *   which lets some of them wait until it is fulfilled, `again(promise)`, to be called by `effect`: then
 *   the same input is given again, and all others wait, and `nodeOf` as in ops.js
 */
export const createEngine = (exports, hooks, slice = Infinity) => {
  const { run, memory, nodeOf } = createPatcher({ memory: exports.memory, ...hooks });
  const { step: take, reserve } = exports;
  const handle = exports.create();
  let room = 0;
  let place = 0;
  const waiting = [];
  const held = [];
  let holds = 0;
  let busy = false;
  let broken = false;
  /** How long a frame may take; all the time that it needs while the page goes. */
  let wait = slice;
  /** What is to be given again when this promise is fulfilled. */
  let late;
  /** The input, or none for the next slice, with which `work` goes on later. */
  let rest;

  /**
   * Takes an input or, without one, goes on with a frame; then deals with what waits. Most updates are
   * so short that each call on the way is felt, and each look at the clock (docs/decisions/client.md).
   */
  const work = (kind, argument, bytes) => {
    busy = true;
    try {
      do {
        if (holds && HELD.has(kind)) {
          held.push([kind, argument, bytes]);
          continue;
        }
        const now = slice < Infinity ? performance.now() : 0;
        let header = 0;
        if (bytes) {
          const { length } = bytes;
          if (length > room) place = reserve(handle, (room = length + 4096));
          if (length) memory().set(bytes, place);
          // The random number is for the wait before the next connection.
          header = take(handle, kind, argument, length, now, kind === CLOSED && Math.random());
        }
        if (run(header, now + wait)) return void setTimeout(resume, 0, (rest = []));
        if (late) {
          const [wanted, own] = [late, [kind, argument, bytes]];
          late = undefined;
          if (wait < Infinity) {
            rest = own;
            return void wanted.then(() => resume(own));
          }
          // The page goes first.
          waiting.push(own);
        }
        if (kind === HIDE) wait = slice;
      } while (waiting.length && ([kind, argument, bytes] = waiting.shift()));
      busy = false;
    } catch (error) {
      broken = true;
      hooks.failed(error);
    }
    hooks.settled?.();
  };

  /** Goes on with a rest, once. */
  const resume = (own) => {
    if (own !== rest) return;
    rest = undefined;
    work(...own);
  };

  /** An edit of the DOM can fire events, and a frame can take several tasks: inputs wait for its end. */
  const input = (kind, argument = 0, bytes = []) => {
    // Nothing may wait any longer when the page goes.
    if (kind === HIDE) release();
    if (broken) return;
    if (!busy) return work(kind, argument, bytes);
    waiting.push([kind, argument, bytes]);
    if (kind === HIDE && rest) {
      wait = Infinity;
      resume(rest);
    }
  };

  /** What was held came before all that waits. */
  const release = () => {
    holds = 0;
    waiting.unshift(...held.splice(0));
    if (!busy && waiting.length) work(...waiting.shift());
  };

  const hold = (promise) => {
    holds++;
    promise.then(() => holds && !--holds && release());
  };

  const again = (promise) => (late = promise);

  return { input, hold, again, nodeOf, close: () => exports.destroy(handle) };
};
