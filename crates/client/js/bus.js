// Values that are shared go in and out: what `djust.stateBus` offers to the page's own scripts. Who
// else hears of a value is decided in the engine (crates/client/src/interceptors/bus.rs).

import { pack } from "./msgpack.js";
import { SHARED } from "./record.js";

/** So many changes in a row may cause each other; more are a circle. */
const DEPTH = 8;

const values = new Map();
/** How many changes led to the one whose callbacks run now. */
let depth = 0;

/**
 * @param send takes a record; returns whether there is somebody to take it
 * @param on `(name, callback) => () => void`: listens under a name
 * @param call `(name, value)`: calls who listens
 * @param warn takes a sentence for the developer
 * @returns `bus` is `djust.stateBus`; `tell(key, value, before)` is called for each change, after
 *   `before` others that caused it; `share(key, value, before)` says what another tab shared
 */
export const createBus = (send, on, call, warn) => {
  const tell = (key, value, before) => {
    values.set(key, value);
    depth = before + 1;
    call(`bus ${key}`, value);
    depth = 0;
  };
  const share = (key, value, before, tab = 1) => {
    if (before > DEPTH) {
      return warn(`stateBus: "${key}" is set again and again by what listens to it; stopped`);
    }
    const record = pack(before, SHARED, tab, null, [], key, new Map([[key, value]]));
    if (!send(record)) tell(key, value, before);
  };
  const bus = {
    get: (key) => values.get(key),
    set: (key, value) => share(key, value, depth, 0),
    subscribe: (key, callback) => on(`bus ${key}`, callback),
  };
  return { bus, tell, share };
};
