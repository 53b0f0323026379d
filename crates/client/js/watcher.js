// Markup goes in, and when it names a hook, a transition or an edge, the module that serves them is
// loaded (lifecycle.js). From then on the op loop tells it what it does.

/** What lifecycle.js returns; null on pages that need nothing of it. */
export let watcher = null;

/** Elements with a transition. */
export const TRANSITIONS = "[dj-transition],[dj-transition-enter],[dj-transition-leave]";

let load = null;

/**
 * Says how to load the module: a function that takes the elements that were there before, which are
 * no news for a transition, and promises what lifecycle.js returns.
 */
export const watchWith = (loader) => (load = loader);

/** Looks at markup before it becomes part of the page. */
export const heed = (html) => {
  if (!load || !/\sdj-(hook|transition|viewport)/.test(html)) return;
  const loading = load([...document.querySelectorAll(TRANSITIONS)]);
  load = null;
  loading.then((made) => (watcher = made));
};
