// A compiled module goes in, and comes out quicker: browsers compile a function when it is called
// first, so tiny frames take the ways of real ones. It is called when there is nothing else to do.
// They go to an instance and an element of their own; whatever fails here concerns nobody.

import { ATTACH, BYTES, OPEN } from "./inputs.js";
import { pack } from "./msgpack.js";

/** A definition of a single element, with a hash of zeros. */
const define = (key, scalars, ...parts) => {
  const hash = [0xc4, 8, ...Array(8).fill(0)];
  return [...hash, ...pack(1, key, scalars, parts.length, ...parts)];
};

const row = define(1, 2, '<p class="', 1, '">', 16, 37, "</p>");
const list = define(0, 1, '<div><i title="', 1, '"></i>', [22, 0], "</div>");
const body = define(0, 0, "<b>b</b>");

/** Mount frames and updates. The first one is for the element that is there. */
export const frames = () => [
  [...pack(1, 0, 0, 0, null, 3, 0), ...row, ...list, ...body, ...pack(2)],
  [
    ...pack(1, 0, 1, 0, null, 0),
    ...pack(1, "a", 3, "a", 1, false, "b", "b", 2, "c", "c".repeat(2000), false),
  ],
  // Other values, a condition that ends, and a text that goes on.
  pack(2, 0, 2, 0, 0, 2, 0, "b", 1, 3, 2, 1, 2, 1, "d", 2, false, 0, 1, 1, ["e"]),
  // A new row, the others the other way round, and one of them changed.
  pack(2, 0, 3, 0, 0, 1, 1, 1, 3, 5, "d", "é", 2, 10, 2, 4, 0, 1, 1, 1, 1, "e"),
  // A whole tree: rows that stay, change, come and go; then two that change places, and no rows.
  pack(1, 0, 4, 0, null, 0, 1, "c", 3, "d", "é", 2, "a", 2, false, "f", "f", false),
  pack(2, 0, 5, 0, 0, 1, 1, 1, 3, 4, 1, 4, 0, 3, 0),
  pack(1, 0, 6, 0, null, 0, 1, "c", 0),
];

const ignore = () => {};

const run = (exports, createEngine) => {
  const root = document.createElement("div");
  root.appendChild(document.createElement("b")).textContent = "b";
  const hooks = { container: () => root, effect: ignore, warn: ignore, failed: ignore };
  const { input } = createEngine(exports, hooks);
  input(ATTACH, 0, pack(0, ""));
  input(OPEN);
  for (const frame of frames()) input(BYTES, 0, new Uint8Array(frame));
};

/** Takes a compiled module and, from engine.js, what makes an engine of it. */
export const warmUp = (module, { instantiate, createEngine }) =>
  instantiate(module)
    .then((exports) => run(exports, createEngine))
    .catch(ignore);
