// The built engine: as a page has it, with some of its parts, or as users of the module have it.

import { readFileSync } from "node:fs";

globalThis.Element = class {};
const { instantiate } = await import("../../crates/client/js/engine.js");

export const compiled = (name) =>
  WebAssembly.compile(readFileSync(new URL(`../../pkg/${name}.wasm`, import.meta.url)));

/** What an instance with these parts exports. */
export const built = async (...parts) => {
  const instance = await instantiate(await compiled("djust-start"));
  for (const part of parts) await instance.add(part, await compiled(`djust-${part}`));
  return instance;
};

export const PARTS = ["lists", "optimistic", "overlay", "shared", "wait"];
