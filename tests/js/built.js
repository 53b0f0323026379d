// The built engine, as a page has it: with these of its parts.

import { readFileSync } from "node:fs";

globalThis.Element = class {};
const { instantiate } = await import("../../crates/client/js/engine.js");

export const compiled = (name) =>
  WebAssembly.compile(readFileSync(new URL(`../../pkg/${name}.wasm`, import.meta.url)));

/** What an instance exports. */
export const built = async (...parts) => {
  const instance = await instantiate(await compiled("djust"));
  for (const part of parts) await instance.add(part, await compiled(`djust-${part}`));
  return instance;
};

export const PARTS = ["optimistic", "overlay", "shared", "throttle"];
