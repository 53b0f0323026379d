// Events that are under way go in (`djust:busy`); what the page shows meanwhile comes out:
// `dj-loading.disable`, `.class`, `.show`, `.hide`, `.remove`, `.for`, `dj-disable-with`, `dj-lock`.
// Loaded when markup first names one of them.
//
// What is shown is no truth of the server. It is taken back exactly before each list of edits, and
// shown again after it on what the elements are then; so an edit always meets the page that the
// engine knows, and wins. Both happen in one task, so nothing flickers.

const LOADING = "disable class show hide remove"
  .split(" ")
  .map((name) => `[dj-loading\\.${name}]`)
  .join();
const WORDS = "[dj-disable-with],[\\@loading-text]";
const LOCK = "[dj-lock]";

/** The attributes by which an element sends events. */
const TRIGGER =
  /^(dj-(click|input|change|submit|key(down|up)|focus|blur|model|scroll|poll|mounted|window-|document-)|@(click|input|change|submit)$)/;

const triggers = (element) => element.getAttributeNames().some((name) => TRIGGER.test(name));

const listOf = (text) => text?.split(/[\s,]+/).filter(Boolean) ?? [];

const write = (element, name, value) =>
  value === null ? element.removeAttribute(name) : element.setAttribute(name, value);

/**
 * @param page what page.js gives every lazy module: `rootOf(element)` is the number of its view,
 *   `open` holds the events that are not answered, `values` reads their records, and
 *   `elementOf(number)` is the element of one
 * @returns what the op loop tells: `begin` and `end`
 */
export const start = ({ rootOf, open, values, elementOf }) => {
  /** Events under way: `{ root, element, handler }`. */
  const pending = [];
  for (const { record, isSent } of open.values()) {
    const [root, , number, , , handler] = values(record);
    if (isSent) pending.push({ root, element: elementOf(number), handler });
  }
  /** How to take back what is shown. */
  const undo = [];
  /** The element that lost the focus by being disabled. */
  let focused = null;

  // What shows only while something is under way is hidden by a style sheet, so that elements which
  // come later are hidden as well. A policy for styles allows it, since nothing is parsed from markup.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("[dj-loading\\.show]:not([data-djust-busy]){display:none!important}");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const attribute = (element, name, value) => {
    const before = element.getAttribute(name);
    write(element, name, value);
    undo.push(() => element.getAttribute(name) === value && write(element, name, before));
  };

  const classes = (element, names) => {
    const before = element.getAttribute("class");
    const added = names.filter((name) => !element.classList.contains(name));
    element.classList.add(...added);
    const after = element.className;
    undo.push(() => {
      if (element.className === after) write(element, "class", before);
      else element.classList.remove(...added);
    });
  };

  const hide = (element) => {
    const had = element.hasAttribute("style");
    const before = element.style.display;
    element.style.display = "none";
    undo.push(() => {
      element.style.display = before;
      // Chromium keeps an empty attribute that nobody has read since it was changed.
      if (!had && element.getAttribute("style") === "") element.removeAttribute("style");
    });
  };

  const disable = (element) => {
    if (!("disabled" in element)) return attribute(element, "aria-disabled", "true");
    if (element === document.activeElement) focused = element;
    attribute(element, "disabled", "");
  };

  const say = (element, text) => {
    if (!text) return;
    if (element.localName === "input") return attribute(element, "value", text);
    // What stands in it stays in the document: a hook there would end, and begin anew after it.
    const aside = document.createElement("template");
    document.documentElement.append(aside);
    aside.append(...element.childNodes);
    const shown = new Text(text);
    element.append(shown);
    undo.push(() => {
      if (element.firstChild === shown) element.replaceChildren(...aside.childNodes);
      aside.remove();
    });
  };

  /** Whether something that is under way concerns an element. */
  const isBusy = (element) => {
    const root = rootOf(element);
    const names = listOf(element.getAttribute("dj-loading.for"));
    const own = triggers(element);
    const isPart = element.matches(`${WORDS},${LOCK}`);
    return pending.some((event) => {
      if (event.root !== root) return false;
      if (names.length) return names.includes(event.handler);
      if (own || event.element === element) return event.element === element;
      // A button says what its form does.
      return !isPart || event.element?.contains(element) || event.element === element.form;
    });
  };

  const show = () => {
    for (const element of document.querySelectorAll(`${LOADING},${WORDS},${LOCK}`)) {
      if (!isBusy(element)) continue;
      const has = (name) => element.hasAttribute(`dj-loading.${name}`);
      if (triggers(element)) attribute(element, "aria-busy", "true");
      if (has("class")) classes(element, listOf(element.getAttribute("dj-loading.class")));
      if (has("hide") || has("remove")) hide(element);
      if (has("show")) {
        attribute(element, "data-djust-busy", "");
        attribute(element, "hidden", null);
      }
      const text = element.getAttribute("dj-disable-with") ?? element.getAttribute("@loading-text");
      if (text !== null) say(element, text);
      if (has("disable") || text !== null) disable(element);
      if (element.matches(LOCK)) {
        if (element.localName === "select") disable(element);
        else if ("readOnly" in element) attribute(element, "readonly", "");
      }
    }
  };

  /** Whether an event of an element is under way, or waits for the engine, which is not there yet. */
  const isLocked = (element) =>
    pending.some((event) => event.element === element) ||
    [...open.values()].some(
      ({ record, isSent }) => isSent === undefined && elementOf(values(record)[2]) === element,
    );

  window.djust.use("djust:lock", {
    event({ element }, next) {
      if (!element?.matches(LOCK) || !isLocked(element)) next();
    },
  });
  // A box that is locked stays as it is.
  const onClick = (event) => {
    const element = event.target.closest?.(LOCK);
    if (element && isLocked(element)) event.preventDefault();
  };
  document.addEventListener("click", onClick, true);

  document.addEventListener("djust:busy", ({ detail }) => {
    const { root, element, handler, busy } = detail;
    if (busy) return pending.push({ root, element, handler });
    const isIt = (event) => event.root === root && event.handler === handler;
    let at = pending.findIndex((event) => isIt(event) && event.element === element);
    // An element that is gone is not named any more.
    if (at < 0) at = pending.findIndex((event) => isIt(event) && !event.element?.isConnected);
    if (at >= 0) pending.splice(at, 1);
  });

  const end = () => {
    if (pending.length) show();
    if (focused && !focused.disabled) {
      if (document.activeElement === document.body) focused.focus({ preventScroll: true });
      focused = null;
    }
  };
  end();

  return {
    begin() {
      while (undo.length) undo.pop()();
    },
    end,
  };
};
