// DOM events go in, packed records come out; crates/client/src/record.rs reads them.
// One listener per event type on the document serves elements that come and go. What an event
// does is decided in Rust; here is only what must be known or done while the event is young.

import { parse } from "./call.js";
import * as controls from "./controls.js";
import { write } from "./msgpack.js";
import { mean } from "./optimistic.js";

/** The kinds of a record, as record.rs has them. */
const CLICK = 0;
const INPUT = 1;
const CHANGE = 2;
const SUBMIT = 3;
/** What accompanies other input and does not hurry it: keys, the focus, scrolling, a poll. */
const ASIDE = 4;
const BLUR = 5;
const PUSH = 6;

/** The options of an event, by the codes of docs/protocol.md. */
const DEBOUNCE = 1;
const THROTTLE = 2;
const OPTIMISTIC = 3;
const TARGET = 6;

/** What `dj-debounce="blur"` waits, unless the field is left before. */
const DAY = 86_400_000;

const identities = new WeakMap();
const elements = new Map();
const forget = new FinalizationRegistry((number) => elements.delete(number));
let identity = 0;
/** A number that stands for an element as long as it lives. */
export const identify = (element) => {
  if (!identities.has(element)) {
    identities.set(element, ++identity);
    elements.set(identity, new WeakRef(element));
    forget.register(element, identity);
  }
  return identities.get(element);
};
/** The element for which a number stands, if it is on the page. */
export const elementOf = (number) => {
  const element = elements.get(number)?.deref();
  return element?.isConnected ? element : undefined;
};

const isCheckable = (control) => /^(checkbox|radio)$/.test(control.type);

/** What a control says: text, a list for a multiple select, the names of chosen files. */
const valueOf = (control) => {
  if (control.selectedOptions && control.multiple) {
    return [...control.selectedOptions].map((option) => option.value);
  }
  if (control.files) return [...control.files].map((file) => file.name);
  return control.value ?? (control.isContentEditable ? control.textContent : undefined);
};

/** The value of an element, if it has one. */
const valueParam = (element) => {
  const value = valueOf(element);
  return value === undefined ? [] : [["value", value]];
};

/** What a name says: a box alone is true or false, of several those that are checked are a list. */
const valueOfName = (control) => {
  if (control.type !== "checkbox") return valueOf(control);
  const boxes = control.form?.elements.namedItem(control.name);
  if (!(boxes?.length > 1)) return control.checked;
  return [...boxes].filter((box) => box.checked).map((box) => box.value);
};

const fieldParams = (params, control) => {
  params.set("value", valueOf(control));
  if (control.type === "checkbox") params.set("checked", control.checked);
  if (control.name) {
    params.set("field", control.name);
    params.set(control.name, valueOfName(control));
  }
};

/** The successful controls of a form. What can have several values is always a list. */
const formParams = (params, form, submitter) => {
  const data = new FormData(form, submitter);
  for (const name of new Set(data.keys())) {
    const values = data.getAll(name).map((value) => value.name ?? value);
    const control = form.elements.namedItem(name);
    const boxes = control?.length > 1 && control[0]?.type === "checkbox";
    params.set(name, values.length > 1 || control?.multiple || boxes ? values : values[0]);
  }
};

/** `data-*` and `dj-value-*` of an element, in snake case. */
const elementParams = (element) => {
  const params = new Map();
  for (const { name, value } of element.attributes) {
    const key = /^(?:data-|dj-value-)(.+)$/.exec(name)?.[1];
    if (key) params.set(key.replaceAll("-", "_"), value);
  }
  return params;
};

/** The attribute that binds a control to a field of the view: `[name, field]`. */
const modelOf = (control) => {
  for (const { name, value } of control.attributes) {
    if (/^dj-model(\.|$)/.test(name)) return [name, value];
  }
  return [];
};

/** The name of a key, as filters have it. */
export const keyOf = ({ key }) => (key === " " ? "space" : key.toLowerCase());

/** A selector of the elements that may answer an event; `key` is that of a keyboard event. */
const answering = (name, key) =>
  `[dj-${name}],[\\@${name}]` + (key ? `,[${CSS.escape(`dj-${name}.${key}`)}]` : "");

/** What an element says to an event, or null. Inside of an `x-data`, `@click` is Alpine's. */
const specOf = (element, name, key) => {
  const own = key ? element.getAttribute(`dj-${name}.${key}`) : null;
  const filter = key && element.getAttribute("dj-key");
  if (own !== null || (filter && !filter.toLowerCase().split(/[\s,]+/).includes(key))) return own;
  return (
    element.getAttribute(`dj-${name}`) ??
    (element.closest("[x-data]") ? null : element.getAttribute(`@${name}`))
  );
};

/** How long an attribute says that something takes, or null. */
const waitOf = (text) => {
  if (text === "blur") return DAY;
  return text && Number.isFinite(+text) ? Math.max(0, Math.round(+text)) : null;
};

const interceptors = new Map();

/** Lets a script see, change, delay and drop events before they are packed; returns how to end it. */
export const use = (name, interceptor) => {
  interceptors.set(name, interceptor);
  return () => interceptors.delete(name);
};

/**
 * @param rootOf `(element) => number | undefined`: the live view in which an element stands
 * @param send takes a record and the codes of its options
 * @param command `(element, commands, push)`: carries out an attribute that is a list of commands
 * @param nodeOf `(element) => number`: a node of the instance in which an element stands
 * @returns `push(root, name, params)`: sends an event that a script asks for;
 *   `fire(element, name, params, key)`: sends what an element says to an event, if it says something;
 *   `recover()`: tells views that began anew what the user had made of their controls
 *   `rootOf`
 */
export const listen = (rootOf, send, command, nodeOf) => {
  const record = (kind, root, element, name, params, changed, options = new Map()) => {
    const attribute = (name) => element?.getAttribute(`dj-${name}`);
    // On a field with several handlers it is the typing that waits.
    if (kind === INPUT || !element?.hasAttribute("dj-input")) {
      const wait = waitOf(attribute("debounce"));
      const interval = waitOf(attribute("throttle"));
      if (wait !== null && !options.has(DEBOUNCE)) options.set(DEBOUNCE, [wait, null]);
      if (interval) options.set(THROTTLE, [interval, 3]);
    }
    if (attribute("target")) options.set(TARGET, attribute("target"));
    const event = { name, params: Object.fromEntries(params), element };
    const links = kind === BLUR ? [] : [...interceptors.values()];
    const pass = () => {
      const link = links.shift();
      if (!link) {
        const changes = controls.changesOf(changed);
        if (kind !== BLUR && element?.hasAttribute("dj-optimistic")) {
          const meant = mean(element, nodeOf);
          options.set(OPTIMISTIC, meant);
          changes.push(meant[2]);
        }
        const out = [];
        write(out, root);
        write(out, kind);
        write(out, element ? identify(element) : 0);
        write(out, options);
        write(out, changes);
        write(out, event.name);
        write(out, event.params);
        return send(new Uint8Array(out), options.keys());
      }
      let next = pass;
      // What goes wrong in it is no reason to let the browser submit a form the ordinary way.
      try {
        link.event(event, () => {
          next?.();
          next = null;
        });
      } catch (error) {
        reportError(error);
      }
    };
    pass();
  };

  /** Sends the call that an attribute says; an attribute that is none calls "". */
  const call = (kind, root, element, spec, params, changed) => {
    if (spec[0] === "[") {
      return command(element, spec, (name, more) =>
        record(kind, root, element, name, [...params, ...Object.entries(more)], changed),
      );
    }
    const [name = "", args] = parse(spec);
    if (args?.length) params.set("args", args);
    record(kind, root, element, name, params, changed);
  };

  /**
   * Sends the event of the closest element that answers, and says which one it was. `fill` may
   * complete its parameters and return the controls whose changes it carries.
   */
  const emit = (kind, name, event, fill, key) => {
    const { target, submitter } = event;
    const wanted = answering(name, key);
    let element = target.closest?.(wanted);
    for (; element; element = element.parentElement?.closest(wanted)) {
      const spec = specOf(element, name, key);
      const root = rootOf(element);
      if (spec === null || root === undefined) continue;
      const asks = kind === CLICK || kind === SUBMIT;
      const confirms = asks && [submitter, element].find((each) => each?.hasAttribute("dj-confirm"));
      const question = confirms && confirms.getAttribute("dj-confirm");
      if (question && !confirm(question)) event.preventDefault();
      else {
        const params = elementParams(element);
        const changed = fill?.(params, element) ?? [target];
        call(kind, root, element, spec, params, changed);
      }
      return element;
    }
    return null;
  };

  const fire = (element, name, params = [], key) => {
    const spec = specOf(element, name, key);
    const root = rootOf(element);
    if (spec === null || root === undefined) return;
    call(ASIDE, root, element, spec, new Map([...elementParams(element), ...params]), [element]);
  };

  const field = (control) => (params, element) => {
    if (element.localName === "form") formParams(params, element);
    fieldParams(params, control);
  };

  /** Sends the value of a control that is bound to a field: at once, or when it is committed. */
  const update = (control, isCommitted) => {
    const [attribute, field] = modelOf(control);
    const root = attribute && rootOf(control);
    if (root === undefined) return;
    const [, ...modifiers] = attribute.split(".");
    const isTyped = !isCheckable(control) && control.localName !== "select";
    if (isCommitted === (isTyped && !modifiers.includes("lazy"))) return;
    let value = valueOf(control);
    let changed = [control];
    if (modifiers.includes("trim") && value.trim) value = value.trim();
    const params = new Map([["field", field]]);
    if (control.type === "checkbox") {
      const boxes = [...document.querySelectorAll("input[type=checkbox]")];
      changed = boxes.filter((box) => modelOf(box)[1] === field && rootOf(box) === root);
      const values = changed.filter((box) => box.checked).map((box) => box.value);
      value = changed.length > 1 ? values : control.checked;
      // A field that is a list may have only one box so far.
      params.set("values", values);
    }
    params.set("value", value);
    const wait = modifiers.find((modifier) => /^debounce-/.test(modifier))?.slice(9);
    const options = wait ? new Map([[DEBOUNCE, [waitOf(wait), null]]]) : undefined;
    record(isCommitted ? CHANGE : INPUT, root, control, "update_model", params, changed, options);
  };

  /** Text that was typed since its last change event. */
  const uncommitted = new WeakSet();

  /** What waits for a field, or for what it stands in, goes first. */
  const leave = (target) => {
    for (let element = target; element; element = element.parentElement) {
      const root = identities.has(element) ? rootOf(element) : undefined;
      if (root !== undefined) record(BLUR, root, element, "", [], []);
    }
  };

  const commit = (event) => {
    uncommitted.delete(event.target);
    emit(CHANGE, "change", event, field(event.target));
    update(event.target, true);
  };

  const focus = (name, { target }) => {
    // As with the events of these names, it is the element itself that must say it.
    fire(target, name, valueParam(target));
  };

  const key = (name, event) => {
    if (event.isComposing) return;
    const { target } = event;
    const key = keyOf(event);
    if (key === "enter" && name === "keydown") leave(target);
    const more = [["key", event.key], ...valueParam(target)];
    emit(ASIDE, name, event, (params) => void more.forEach((pair) => params.set(...pair)), key);
  };

  const handlers = {
    click(event) {
      const { target } = event;
      const link = target.closest?.("a[href]");
      // Such a click opens the link elsewhere.
      if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
      // A click checks a box before its handlers run, and the input event comes after them.
      const check = () => void (isCheckable(target) && controls.type(target));
      const element = emit(CLICK, "click", event, check);
      if (!element) check();
      const acts = element?.closest("a[href],button,input");
      if (acts && (acts.localName === "a" || acts.type === "submit")) event.preventDefault();
    },
    // A character that is being composed is the user's from the start, and is sent when it is whole.
    // Chromium's last input event comes before the end of the composition, that of others after it.
    compositionstart: ({ target }) => controls.type(target),
    compositionend: (event) => handlers.input(event),
    input(event) {
      const { target } = event;
      if (!isCheckable(target)) controls.type(target);
      if (event.isComposing) return;
      uncommitted.add(target);
      emit(INPUT, "input", event, field(target));
      update(target, false);
    },
    change: commit,
    focusin: (event) => focus("focus", event),
    focusout(event) {
      const { target } = event;
      // A value that a script or the server wrote in the meantime keeps the browser from saying so.
      if (uncommitted.has(target)) commit(event);
      leave(target);
      focus("blur", event);
    },
    submit(event) {
      const { target: form, submitter } = event;
      // A button with an address of its own is sent there.
      if (submitter?.hasAttribute("formaction")) return;
      const element = emit(SUBMIT, "submit", event, (params) => {
        formParams(params, form, submitter);
        return controls.submit(form);
      });
      // A dialog closes by itself, and nothing is loaded.
      const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method");
      if (element && method !== "dialog") event.preventDefault();
    },
    keydown: (event) => key("keydown", event),
    keyup: (event) => key("keyup", event),
  };
  for (const name in handlers) document.addEventListener(name, handlers[name]);

  /** Tells views that began anew what is in their controls; a form is told once. */
  const recover = () => {
    const told = new Set();
    for (const target of controls.takeHeld()) {
      const element = target.closest(`${answering("input")},${answering("change")}`);
      if (element?.localName === "form" && told.has(element)) continue;
      told.add(element);
      // A text that the user is still typing is committed when the user does.
      const isTyping = uncommitted.has(target);
      handlers.input({ target });
      if (!isTyping) commit({ target });
    }
  };

  return {
    rootOf,
    fire,
    recover,
    push: (root, name, params = {}) => record(PUSH, root, null, name, Object.entries(params), []),
  };
};
