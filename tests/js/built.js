// The built engine: as a page has it, with some of its parts, or as users of the module have it.

import { readFileSync } from "node:fs";

globalThis.Element = class {};
const { ATTACH, BYTES, OPEN, instantiate } = await import("../../crates/client/js/engine.js");
const { pack } = await import("../../crates/client/js/msgpack.js");

export const compiled = (name) =>
  WebAssembly.compile(readFileSync(new URL(`../../pkg/${name}.wasm`, import.meta.url)));

/** What an instance with these parts exports. */
export const built = async (...parts) => {
  const instance = await instantiate(await compiled("djust-start"));
  for (const part of parts) await instance.add(part, await compiled(`djust-${part}`));
  return instance;
};

export const PARTS = ["ends", "lists", "optimistic", "overlay", "shared", "wait"];

/** Gives inputs to an engine; what it says of each, in words. */
export const stepper = (exports) => {
  const page = exports.create();
  return (kind, argument = 0, bytes = []) => {
    const place = exports.reserve(page, bytes.length);
    new Uint8Array(exports.memory.buffer, place).set(bytes);
    const header = exports.step(page, kind, argument, bytes.length, 0, 0);
    const [first, length] = new Uint32Array(exports.memory.buffer, header, 2);
    return [...new Uint32Array(exports.memory.buffer, first, length)];
  };
};

/** Gives frames of a server to an engine; what it says of each, without the timer that each one ends. */
export const taker = (exports) => {
  const step = stepper(exports);
  step(ATTACH, 0, pack(0, ""));
  step(OPEN);
  return (frame) => step(BYTES, 0, frame).slice(2);
};
