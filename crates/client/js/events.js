// DOM events go in, packed records come out; crates/client/src/record.rs reads them.
// One listener per event type on the document serves elements that come and go. What an event
// does is decided in Rust; here is only what must be known or done while the event is young.

import { parse } from "./call.js";
import * as controls from "./controls.js";
import { write } from "./msgpack.js";

/** The kinds of a record, as record.rs has them. */
const CLICK = 0;
const INPUT = 1;
const CHANGE = 2;
const SUBMIT = 3;
const KEYDOWN = 4;
const BLUR = 5;
const PUSH = 6;

/** The codes of options, as docs/protocol.md has them. */
const DEBOUNCE = 1;

const identities = new WeakMap();
let identity = 0;
/** A number that stands for an element as long as it lives. */
const identify = (element) => {
  if (!identities.has(element)) identities.set(element, ++identity);
  return identities.get(element);
};

const isCheckable = (control) => /^(checkbox|radio)$/.test(control.type);

/** What a control says: text, a list for a multiple select, the names of chosen files. */
const valueOf = (control) => {
  if (control.selectedOptions && control.multiple) {
    return [...control.selectedOptions].map((option) => option.value);
  }
  if (control.files) return [...control.files].map((file) => file.name);
  return control.value ?? control.textContent;
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

/**
 * @param rootOf `(element) => number | undefined`: the live view in which an element stands
 * @param send takes a record
 * @returns `push(root, name, params)`: sends an event that a script asks for
 */
export const listen = (rootOf, send) => {
  const record = (kind, root, element, name, params, changed) => {
    // On a field with several handlers it is the typing that waits.
    const waits = kind === INPUT || !element?.hasAttribute("dj-input");
    const wait = waits && element?.getAttribute("dj-debounce");
    const options = new Map();
    if (wait && Number.isFinite(+wait)) {
      options.set(DEBOUNCE, [Math.max(0, Math.round(+wait)), null]);
    }
    const out = [];
    write(out, root);
    write(out, kind);
    write(out, element ? identify(element) : 0);
    write(out, options);
    write(out, controls.changesOf(changed));
    write(out, name);
    write(out, params);
    send(new Uint8Array(out));
  };

  /** Sends the call that an attribute says; an attribute that is none calls "". */
  const call = (kind, root, element, spec, params, changed) => {
    const [name = "", args] = parse(spec);
    if (args?.length) params.set("args", args);
    record(kind, root, element, name, params, changed);
  };

  /** Sends the event of the closest element that has the attribute; says which element it was. */
  const emit = (kind, name, event, fill) => {
    const element = event.target.closest?.(`[dj-${name}]`);
    const root = element ? rootOf(element) : undefined;
    if (root === undefined) return null;
    const params = elementParams(element);
    const changed = fill?.(params, element) ?? [event.target];
    call(kind, root, element, element.getAttribute(`dj-${name}`), params, changed);
    return element;
  };

  const field = (control) => (params, element) => {
    if (element.localName === "form") formParams(params, element);
    fieldParams(params, control);
  };

  /** Text that was typed since its last change event. */
  const uncommitted = new WeakSet();

  /** What waits for a field goes first. */
  const leave = (target) => {
    const element = target.closest?.("[dj-input]");
    const root = element ? rootOf(element) : undefined;
    if (root !== undefined) record(BLUR, root, element, "", {}, []);
  };

  const handlers = {
    click(event) {
      // A click checks a box before its handlers run, and the input event comes after them.
      if (isCheckable(event.target)) controls.type(event.target);
      const element = emit(CLICK, "click", event);
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
    },
    change(event) {
      uncommitted.delete(event.target);
      emit(CHANGE, "change", event, field(event.target));
    },
    focusout(event) {
      const { target } = event;
      // A value that a script or the server wrote in the meantime keeps the browser from saying so.
      if (uncommitted.delete(target)) emit(CHANGE, "change", event, field(target));
      leave(target);
    },
    submit(event) {
      const element = emit(SUBMIT, "submit", event, (params, form) => {
        formParams(params, form, event.submitter);
        controls.submit(form.elements);
        return form.elements;
      });
      if (element) event.preventDefault();
    },
    keydown(event) {
      if (event.isComposing) return;
      const { target } = event;
      const key = event.key === " " ? "space" : event.key.toLowerCase();
      const own = `dj-keydown.${key}`;
      if (key === "enter") leave(target);
      const selector = `[dj-keydown],[${CSS.escape(own)}]`;
      let element = target.closest?.(selector);
      for (; element; element = element.parentElement?.closest(selector)) {
        const filter = element.getAttribute("dj-key");
        const accepts = !filter || filter.toLowerCase().split(/[\s,]+/).includes(key);
        const any = accepts ? element.getAttribute("dj-keydown") : null;
        const spec = element.getAttribute(own) ?? any;
        const root = rootOf(element);
        if (spec === null || root === undefined) continue;
        const params = elementParams(element);
        params.set("key", event.key);
        params.set("value", valueOf(target));
        call(KEYDOWN, root, element, spec, params, [target]);
        return;
      }
    },
  };
  for (const name in handlers) document.addEventListener(name, handlers[name]);

  return (root, name, params = {}) => record(PUSH, root, null, name, params, []);
};
