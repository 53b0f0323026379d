// A WebAssembly module goes in, an engine comes out: one instance and its queue of inputs.

import { createPatcher } from "./ops.js";

export * from "./inputs.js";

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

/** Makes an instance. Nothing is imported, and all exports take and return numbers. */
export const instantiate = async (module) => (await WebAssembly.instantiate(module)).exports;

/**
 * A page runtime or a single root, over an instance.
 *
 * @param exports of the instance
 * @param hooks `container`, `effect` and `warn` as in ops.js, `settled()`: an input is dealt with,
 *   and `failed(error)`: the engine stopped, and the instance must not be used again
 * @returns `input(kind, argument, bytes)`, to be called as often as things happen, and `nodeOf` as
 *   in ops.js
 */
export const createEngine = (exports, hooks) => {
  const { run, memory, nodeOf } = createPatcher({ memory: exports.memory, ...hooks });
  const { step: take, reserve } = exports;
  const handle = exports.create();
  let room = 0;
  let place = 0;
  const waiting = [];
  let busy = false;
  let broken = false;

  const step = (kind, argument, bytes) => {
    const { length } = bytes;
    if (length > room) place = reserve(handle, (room = length + 4096));
    if (length) memory().set(bytes, place);
    run(take(handle, kind, argument, length, performance.now(), Math.random()));
  };

  /** An edit of the DOM can fire events; they wait until the edits of the frame are done. */
  const input = (kind, argument = 0, bytes = []) => {
    if (broken) return;
    if (busy) {
      waiting.push(() => step(kind, argument, bytes));
      return;
    }
    busy = true;
    try {
      step(kind, argument, bytes);
      while (waiting.length) waiting.shift()();
    } catch (error) {
      broken = true;
      hooks.failed(error);
    } finally {
      busy = false;
    }
    hooks.settled?.();
  };

  return { input, nodeOf, close: () => exports.destroy(handle) };
};
