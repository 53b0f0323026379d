// DOM events go in, packed records come out; crates/client/src/record.rs reads them.
// One listener per event type on the document serves elements that come and go. What an event
// does is decided in Rust; here is only what must be known or done while the event is young.

import { pack } from "./msgpack.js";
import { propertyOf } from "./property.js";
import { ASIDE, BLUR, CLICK, DEBOUNCE, INPUT, OPTIMISTIC, PUSH, SUBMIT, TARGET, THROTTLE } from "./record.js";
import { isWanted, lazy, want } from "./watcher.js";

/** What `dj-debounce="blur"` waits, unless the field is left before. */
const DAY = 86_400_000;

let changes = 0;
/** The number of a further change that the server may answer. */
export const count = () => ++changes;

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

/** `data-*` and `dj-value-*` of an element, in snake case. */
const elementParams = (element) => {
  const params = new Map();
  for (const { name, value } of propertyOf(element, "attributes")) {
    const key = /^(?:data-|dj-value-)(.+)$/.exec(name)?.[1];
    if (key) params.set(key.replaceAll("-", "_"), value);
  }
  return params;
};

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

/** What happens in controls, for which lazy/forms.js is loaded, and what only matters beside it. */
const IN_CONTROLS = /^(input|change|submit|comp)/;
/** The types of the events that are heard. */
export const TYPES =
  "click input change submit compositionstart compositionend focusin focusout keydown keyup".split(" ");

/**
 * @param rootOf `(element) => number | undefined`: the live view in which an element stands
 * @param send takes a record and the codes of its options
 * @param fail is called for an event that cannot be sent
 * @param nodeOf `(element) => number`: a node of the instance in which an element stands
 * @returns `hear(event)`, for the events of `TYPES`;
 *   `push(root, name, params)`: sends an event that a script asks for;
 *   `fire(element, name, params, key)`: sends what an element says to an event, if it says something;
 *   `release()`: nothing may wait any longer;
 *   and for lazy/forms.js `record`, `emit`, `rootOf`, `answering`, `waitOf` and `isKnown`
 */
export const listen = (rootOf, send, fail, nodeOf) => {
  const write = (kind, root, element, name, params, changed, options = new Map()) => {
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
        const changes = lazy.forms?.changesOf(changed) ?? [];
        if (kind !== BLUR && element?.hasAttribute("dj-optimistic")) {
          const source = attribute("optimistic");
          const number = count();
          const mean = (classes) => classes?.mean(element, source, number);
          options.set(OPTIMISTIC, [source, nodeOf(element), number]);
          changes.push(number);
          // The event is held until the module is there.
          if (lazy.classes) mean(lazy.classes);
          else want("classes").then(mean);
        }
        const number = element ? identify(element) : 0;
        const record = pack(root, kind, number, options, changes, event.name, event.params);
        return send(record, [...options.keys()]);
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

  /** What waits for lazy/calls.js, in order. */
  let late;
  const release = () => {
    const all = late ?? [];
    late = null;
    for (const run of all) run();
  };
  const record = (...what) => (late ? late.push(() => write(...what)) : write(...what));

  /** Calls what an attribute says: a handler by its name alone, or what lazy/calls.js reads. */
  const call = (kind, root, element, spec, params, changed) => {
    if (/^[\w.\x80-\uffff-]+$/.test(spec)) return record(kind, root, element, spec, params, changed);
    const send = (name, more) =>
      record(kind, root, element, name, [...params, ...Object.entries(more)], changed);
    const run = () => (lazy.calls ? lazy.calls.read(element, spec, send) : fail());
    if (!late) {
      if (lazy.calls) return run();
      late = [];
      want("calls").then(release);
    }
    late.push(run);
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
      const question = asks && (submitter?.getAttribute("dj-confirm") ?? element.getAttribute("dj-confirm"));
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

  const click = (event) => {
    const { target } = event;
    const link = target.closest?.("a[href]");
    // Browsers differ in what a click on something in such a button does.
    if (target.closest?.("button:disabled")) return;
    // Such a click opens the link elsewhere.
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    // A click checks a box before its handlers run, and the input event comes after them.
    const check = () => lazy.forms?.check(target);
    const element = emit(CLICK, "click", event, check);
    if (!element) check();
    const acts = element?.closest("a[href],button,input");
    if (acts && (acts.localName === "a" || acts.type === "submit")) event.preventDefault();
  };

  /** What waits for lazy/forms.js, in order. */
  let early = [];
  /** Whether the browser may have a form. */
  let isPlain = false;

  /** Lets what happened be heard at last; a form is submitted again, the ordinary way if need be. */
  const catchUp = () => {
    const events = early;
    early = [];
    for (const event of events) {
      const { type, target, submitter } = event;
      isPlain = !lazy.forms;
      if (type === "submit") target.requestSubmit(submitter);
      else lazy.forms?.hear(event);
      isPlain = false;
    }
  };

  const hear = (event) => {
    const { type, target } = event;
    if (type === "click") click(event);
    else if (lazy.forms) lazy.forms.hear(event);
    else if (!isPlain && (isWanted("forms") || IN_CONTROLS.test(type)) && rootOf(target) !== undefined) {
      if (type === "submit") event.preventDefault();
      // A form cannot be submitted while it tells that it is.
      if (!early.length) want("forms").then(() => setTimeout(catchUp));
      early.push(event);
    }
  };

  return {
    hear,
    push: (root, name, params = {}) => record(PUSH, root, null, name, Object.entries(params), []),
    fire,
    release,
    record,
    emit,
    rootOf,
    answering,
    waitOf,
    isKnown: (element) => identities.has(element),
  };
};
