// What a page does not need to become live: it is loaded when there is nothing else to do, since it
// serves the first update and a lost connection.

import { notice } from "../notice.js";
import { warmUp } from "../warm.js";

/** @returns `notice(message)`, which shows a message until it is dismissed or replaced */
export const start = ({ module, ...engine }) => {
  warmUp(module, engine);
  return { notice };
};
