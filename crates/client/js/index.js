// The engine without Django and without a socket: frames go in, an edited element comes out.
// This is the ES module of the package, `djust.js`; its types are in djust.d.ts.

import { createControls } from "./controls.js";
import { APPLY, UNMOUNT, compileModule, createEngine, idle, instantiate } from "./engine.js";
import { bound } from "./parts.js";
import { lazy } from "./watcher.js";
import { warmUp } from "./warm.js";

/** The effect by which the engine refuses a frame (crates/client/src/packed.rs), and its reasons. */
const REFUSED = 27;
const REASONS = [
  "a frame is missing: apply a mount frame",
  "only a mount frame can be applied now",
  "the frame ends inside a value",
  "a value has the wrong type",
  "a number is out of range",
  "a string is not UTF-8",
  "the frame exceeds a limit",
  "bytes follow the frame",
  "the kind of the frame is unknown",
];

// A page loads this when it needs it; here everything happens within a call.
let changes = 0;
lazy.forms = createControls(bound, () => ++changes);

/** Reads a module from a URL, a response, bytes, or takes one that is compiled already. */
const moduleOf = async (source) => {
  const input = await source;
  if (input instanceof WebAssembly.Module) return input;
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) return WebAssembly.compile(input);
  return compileModule(input instanceof Response ? input : fetch(input));
};

let starting;
let instance;

/** Loads the engine; `mount` may be called when the promise is fulfilled. */
export const init = (source = new URL("djust.wasm", import.meta.url)) => {
  starting ??= (async () => {
    try {
      const module = await moduleOf(source);
      const { step, apply, ...exports } = await instantiate(module);
      const take = (page, kind, argument, length) =>
        kind === APPLY ? apply(page, argument, length) : step(page, kind, argument, length);
      instance = { ...exports, step: take };
      idle(() => warmUp(module, { instantiate, createEngine }));
    } catch (error) {
      starting = undefined;
      throw error;
    }
  })();
  return starting;
};

/** Fills an element with the tree of a mount frame, or binds it to what a server put there. */
export const mount = (element, frame, { hydrate = false } = {}) => {
  if (!instance) throw new Error("djust: await init() before mount()");
  let root = 0;
  let trouble;
  let fault;
  const engine = createEngine(instance, {
    container(number) {
      root = number;
      return element;
    },
    effect(code, word) {
      if (code === REFUSED) trouble = new Error(`djust: ${REASONS[word()]}`);
    },
    warn() {},
    failed(error) {
      // The next `init` starts a fresh instance; roots of this one stay as they are.
      fault = error;
      instance = starting = undefined;
    },
  });
  const input = (kind, argument, bytes) => {
    trouble = undefined;
    engine.input(kind, argument, bytes);
    if (fault ?? trouble) throw fault ?? trouble;
  };
  if (!hydrate) element.replaceChildren();
  input(APPLY, +hydrate, frame);
  return {
    apply(next) {
      input(APPLY, 0, next);
    },
    unmount() {
      input(UNMOUNT, root);
      engine.close();
    },
  };
};
