// What a server says of the drafts of a view comes in; what is typed into its forms is kept in
// localStorage, and comes back into them when the page is loaded again. Loaded when a view that
// keeps drafts connects (python/djust/mixins.py).
//
// A draft holds the fields that the user touched, nothing else, so what the server knows better by
// then stays. It is one entry for each user, view, address and form. It goes when the server has
// taken the form, when it is too old, and when a page of another user loads.

import { propertyOf } from "../property.js";

const PREFIX = "djust:draft:";
const PAUSE = 400;
const UNKEPT = /^(password|hidden|file|submit|button|image|reset)$/;
const SECRET = /\b(one-time-code|cc-\w+|(current|new)-password)\b/i;
const INVALID = '[aria-invalid="true"],.errorlist';
const EDITABLE = '[contenteditable]:not([contenteditable="false"])';

/** The views that keep drafts, by their elements: `key`, `ttl` in milliseconds, `user`, `view`. */
const views = new Map();
const keys = new Map(); // The storage key of each form.
const touched = new WeakMap(); // The names of the fields that the user touched, by form.
const timers = new Map(); // What is about to be saved, by form.
const secrets = new WeakSet(); // Fields that were for passwords once, though they are shown now.
const cleared = new Map(); // The drafts that the latest answer took away, by key.
let viewOf;
let isUsed;
let isSecret;

/** Storage can be blocked, full or missing: then there are no drafts, and nothing else happens. */
const attempt = (work) => {
  try {
    return work(localStorage);
  } catch {
    return undefined;
  }
};

const isCheckable = ({ type }) => type === "checkbox" || type === "radio";

const nameOf = (control) => control.name || control.dataset.name || control.id;

const isKept = (control) => {
  if (control.type === "password" || isSecret(control)) secrets.add(control);
  return (
    nameOf(control) &&
    nameOf(control) !== "csrfmiddlewaretoken" &&
    !UNKEPT.test(control.type) &&
    !secrets.has(control) &&
    !SECRET.test(control.getAttribute("autocomplete")) &&
    !control.readOnly &&
    !control.matches(":disabled") &&
    !control.closest('[dj-draft="ignore"]')
  );
};

const controlsOf = (form) =>
  [...propertyOf(form, "elements"), ...form.querySelectorAll(EDITABLE)].filter(isKept);

/** What a control adds to the values of its name. */
const valuesOf = (control) => {
  if (isCheckable(control)) return control.checked ? [control.value] : [];
  if (control.selectedOptions) return [...control.selectedOptions].map(({ value }) => value);
  return [control.form === undefined ? control.innerText : control.value];
};

// ---- Saving

const save = (form) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
  const names = touched.get(form);
  const config = views.get(viewOf(form));
  if (!names || !config) return;
  const fields = new Map();
  for (const control of controlsOf(form)) {
    const name = nameOf(control);
    if (names.has(name)) fields.set(name, [...(fields.get(name) ?? []), ...valuesOf(control)]);
  }
  const draft = JSON.stringify({ expires: Date.now() + config.ttl, fields: [...fields] });
  const write = (storage) => {
    storage.setItem(keys.get(form), draft);
    return true;
  };
  if (attempt(write)) return;
  // It is full, perhaps of what nobody needs any more.
  purge(encodeURIComponent(config.user));
  attempt(write);
};

const heed = ({ target }) => {
  const form = target.form ?? target.closest?.("form");
  if (!form || !keys.has(form) || !isKept(target)) return;
  if (!touched.has(form)) touched.set(form, new Set());
  touched.get(form).add(nameOf(target));
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(save, PAUSE, form));
};

const flush = () => [...timers.keys()].forEach(save);

// ---- Restoring

/** Gives a control its values; says whether it had others. What was typed since the page came wins. */
const give = (control, values) => {
  if (isCheckable(control)) {
    const wanted = values.includes(control.value);
    if (control.checked !== control.defaultChecked) return true;
    return control.checked !== (control.checked = wanted);
  }
  if (control.options) {
    const before = valuesOf(control).join("\0");
    const options = [...control.options];
    if (!values.every((value) => options.some((option) => option.value === value))) return false;
    for (const option of options) option.selected = values.includes(option.value);
    return before !== valuesOf(control).join("\0");
  }
  const [value] = values.splice(0, 1);
  if (typeof value !== "string") return false;
  if (control.form === undefined) {
    if (control.innerText === value) return false;
    const lines = value.split("\n").flatMap((line) => [document.createElement("br"), line]);
    control.replaceChildren(...lines.slice(1));
  } else if (control.value === control.defaultValue) {
    if (control.value === value) return false;
    control.value = value;
  }
  return true;
};

const restore = (form) => {
  const stored = attempt((storage) => JSON.parse(storage.getItem(keys.get(form))));
  if (!stored) return;
  const fields = attempt(() => new Map(stored.fields));
  if (!fields || !(stored.expires > Date.now())) return remove(form);
  const changed = controlsOf(form).filter((control) => {
    const values = fields.get(nameOf(control));
    return Array.isArray(values) && give(control, values);
  });
  // As if the user had typed it: the view hears of it where it has a handler.
  for (const control of changed) {
    for (const name of ["input", "change"]) {
      control.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }
  if (changed.length) form.dispatchEvent(new Event("djust:restored", { bubbles: true }));
};

const remove = (form) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
  touched.delete(form);
  attempt((storage) => storage.removeItem(keys.get(form)));
};

/** Takes away what is too old, and what belongs to somebody else. */
const purge = (user) =>
  attempt((storage) => {
    for (const key of Object.keys(storage)) {
      if (!key.startsWith(PREFIX)) continue;
      const expires = attempt(() => JSON.parse(storage.getItem(key)).expires);
      const isOwn = key.startsWith(`${PREFIX}${user}:`);
      if (!isOwn || !(expires > Date.now())) storage.removeItem(key);
    }
  });

// ---- Forms and their views

/** Looks for forms that came. */
const scan = () => {
  for (const [view, { key, user, view: name }] of views) {
    if (!view.isConnected) {
      views.delete(view);
      continue;
    }
    [...view.querySelectorAll("form")].forEach((form, index) => {
      if (keys.has(form) || viewOf(form) !== view) return;
      const which = form.getAttribute("id") || form.getAttribute("name") || String(index);
      const parts = [user, name, key, location.pathname, view.id, which];
      keys.set(form, PREFIX + parts.map(encodeURIComponent).join(":"));
      // Passwords are noted before anybody shows them. What was typed before this came is kept too.
      for (const control of controlsOf(form)) if (isUsed(control)) heed({ target: control });
      restore(form);
    });
  }
  for (const form of keys.keys()) {
    if (form.isConnected) continue;
    // What was typed into it is still to be saved, in case it comes back.
    if (timers.has(form)) save(form);
    keys.delete(form);
  }
};

const answered = ({ detail: { form, isTaken } }) => {
  if (!keys.has(form) || !isTaken || form.querySelector(INVALID)) return;
  const key = keys.get(form);
  save(form);
  const draft = attempt((storage) => storage.getItem(key));
  cleared.clear();
  if (draft) cleared.set(key, draft);
  remove(form);
};

/**
 * @param page what page.js gives every lazy module. A view says `{ key, ttl, user, view }` when it
 *   connects, and later perhaps `{ clear }` or `{ keep }` in answer to a form.
 */
export const start = ({ viewOf: around, lazy }) => {
  viewOf = around;
  isUsed = (control) => lazy.forms?.isUsed(control);
  isSecret = (control) => lazy.forms?.isSecret(control);
  for (const name of ["input", "change"]) document.addEventListener(name, heed, true);
  document.addEventListener("djust:answered", answered);
  document.addEventListener("visibilitychange", flush);
  addEventListener("pagehide", flush);
  new MutationObserver(scan).observe(document.body, { childList: true, subtree: true });
  window.djust.on("djust:drafts", (said, view) => {
    if (said.clear) {
      for (const form of keys.keys()) if (viewOf(form) === view) remove(form);
    } else if (said.keep) {
      for (const [key, draft] of cleared) attempt((storage) => storage.setItem(key, draft));
    } else {
      views.set(view, said);
      purge(encodeURIComponent(said.user));
      scan();
    }
    cleared.clear();
  });
  return {};
};
