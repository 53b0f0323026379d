// Markup goes in, and when it names what is rarely used, the module that serves it is loaded (lazy/).
// From then on the op loop tells the loaded modules what it does.

/** The markup that wants a module, by the name under which the script tag says where it is. */
const MODULES = {
  forms: /<(input|textarea|select|form)\b|\s(contenteditable|dj-debounce|(dj-|@)(key|focus|blur))/i,
  classes: /\sdj-optimistic/,
  views: /\sdj-view=/,
  lifecycle: /\sdj-(hook|transition|viewport)/,
  commands: /="\[\[&quot;/,
  calls: /\s(dj-|@)[\w.-]+=.[\w.]*(\(|\[\[)/,
  directives: /\sdj-(scroll|window-|document-|click-away|mounted|poll|copy)/,
  loading: /\s(dj-(loading|disable-with|lock)|@loading-text)/,
  streams: /\sdj-stream/,
  virtual: /\sdj-virtual/,
};

/** What lazy/lifecycle.js returns; null on pages that need nothing of it. */
export let watcher = null;

/** The modules that are there, by name. */
export const lazy = {};

/** Whether one of them wants to know when a list of edits begins or ends; most updates are too short to ask. */
export let isTold = false;

const loading = {};
let load = null;

/**
 * Says how to load a module: a function that takes its name and promises what its `start` returns,
 * an object of functions: `begin` and `end` run before and after each list of edits.
 */
export const watchWith = (loader) => (load = loader);

/** Promises a module. One that could not be fetched is tried again when it is next wanted. */
export const want = (name) =>
  (loading[name] ??= load(name).then(
    (made) => {
      lazy[name] = made;
      if (name === "lifecycle") watcher = made;
      isTold ||= made.begin ?? made.end ?? made.lift;
      return made;
    },
    (error) => {
      delete loading[name];
      console.error("djust:", error);
    },
  ));

/** Whether a module was asked for. */
export const isWanted = (name) => name in loading;

/** The modules that markup names, and that nobody asked for yet. */
export const named = (html) =>
  Object.keys(MODULES).filter((name) => !isWanted(name) && MODULES[name].test(html));

/** Looks at markup before it becomes part of the page; promises the modules that it names. */
export const heed = (html) => {
  tell("heed", html);
  return load && Promise.all(named(html).map(want));
};

/** Tells all loaded modules of a moment. */
export const tell = (moment, ...what) => {
  for (const name in lazy) lazy[name][moment]?.(...what);
};
