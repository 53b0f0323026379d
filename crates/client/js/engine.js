// A WebAssembly module goes in, an engine comes out: one instance and its queue of inputs.

import { ATTACH, EVENT, HIDE, UNMOUNT } from "./inputs.js";
import { createPatcher } from "./ops.js";

export * from "./inputs.js";

/** What waits for a part that is loading: the user, and views that come and go. */
const HELD = new Set([ATTACH, EVENT, UNMOUNT]);

/** Calls back when the page has nothing else to do. */
export const idle = globalThis.requestIdleCallback ?? setTimeout;

/** Reads a module from a URL, a response, bytes, or takes one that is compiled already. */
export const compileModule = async (source) => {
  const input = await source;
  if (input instanceof WebAssembly.Module) return input;
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) return WebAssembly.compile(input);
  const response = input instanceof Response ? input : await fetch(input);
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  // Streaming needs the MIME type application/wasm; a server that sends another one is forgiven.
  return /^application\/wasm\b/.test(response.headers.get("content-type"))
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
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
 * @returns `input(kind, argument, bytes)`, to be called as often as things happen, `hold(promise)`,
 *   which lets some of them wait until it is fulfilled, and `nodeOf` as in ops.js
 */
export const createEngine = (exports, hooks) => {
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

  const step = (kind, argument, bytes) => {
    const { length } = bytes;
    if (length > room) place = reserve(handle, (room = length + 4096));
    if (length) memory().set(bytes, place);
    run(take(handle, kind, argument, length, performance.now(), Math.random()));
  };

  const isHeld = (what) => holds && HELD.has(what[0]) && held.push(what);

  /** An edit of the DOM can fire events; they wait until the edits of the frame are done. */
  const input = (kind, argument = 0, bytes = []) => {
    const what = [kind, argument, bytes];
    // Nothing may wait any longer when the page goes.
    if (kind === HIDE) release();
    if (broken || isHeld(what)) return;
    if (busy) {
      waiting.push(what);
      return;
    }
    busy = true;
    try {
      for (waiting.unshift(what); waiting.length; ) {
        const next = waiting.shift();
        if (!isHeld(next)) step(...next);
      }
    } catch (error) {
      broken = true;
      hooks.failed(error);
    } finally {
      busy = false;
    }
    hooks.settled?.();
  };

  const release = () => {
    holds = 0;
    for (const what of held.splice(0)) input(...what);
  };

  const hold = (promise) => {
    holds++;
    promise.then(() => holds && !--holds && release());
  };

  return { input, hold, nodeOf, close: () => exports.destroy(handle) };
};
