// What a page does not need to become live: it is loaded when there is nothing else to do, since it
// serves the first update, a lost connection, a page that is to be loaded again and an engine that failed.

import { MESSAGES } from "../messages.js";
import { OPTIMISTIC, SHARED } from "../record.js";
import { notice } from "../notice.js";
import { warmUp } from "../warm.js";

const UNSENT = MESSAGES[8];
const EXPIRED = 9;

/**
 * @returns `MESSAGES`; `notice(message)`, which shows a message, or that of a number, until it is
 *   dismissed or replaced; `reload()`, which loads the page again;
 *   `lose(held, kept)`, which says what becomes of the events that an engine held when it failed,
 *   where a fresh one gets those that are kept
 */
export const start = ({ module, values, elementOf, dispatch, fail, lazy, ...engine }) => {
  warmUp(module, engine);

  const lose = (held, kept) => {
    const names = [];
    lazy.classes?.lift();
    for (const event of held) {
      const [root, kind, number, options, changes, handler] = values(event.record);
      if (kind === SHARED) continue;
      dispatch("busy", { root, element: elementOf(number), handler, busy: false });
      if (kept.includes(event)) continue;
      if (event.isSent) names.push(handler);
      else if (dispatch("error", { code: "unsent", message: UNSENT, event: 0 })) notice(UNSENT);
      changes.forEach((change) => lazy.classes?.drop(change));
      if (options?.[OPTIMISTIC]) {
        dispatch("rollback", { root, handler, reason: event.isSent ? "disconnect" : "unsent" });
      }
    }
    lazy.classes?.relay();
    if (names.length) dispatch("unconfirmed", { names });
  };

  /** Not again and again: a page that comes back with the same trouble stays. */
  const reload = () => {
    const key = "djust:reloaded";
    const now = Date.now();
    try {
      if (now - sessionStorage[key] < 10_000) return fail(EXPIRED);
      sessionStorage[key] = now;
    } catch {
      return fail(EXPIRED);
    }
    location.reload();
  };

  return { MESSAGES, notice: (message) => notice(MESSAGES[message] ?? message), reload, lose };
};
