// Events that an element hears though they do not happen in it go in; what it says to them is sent:
// `dj-scroll`, `dj-window-…`, `dj-document-…`, `dj-click-away`, `dj-mounted`, `dj-poll`, `dj-copy`.
// Loaded when markup first names one of them.
//
// Nothing is attached to an element. What happens in the window or the document is heard once, and
// the elements that are concerned are looked up then; timers end with their elements.

import { isPressed, keyOf } from "../keys.js";

const WINDOW = ["keydown", "keyup", "scroll", "resize", "focus", "blur"];
const DOCUMENT = ["click", "keydown", "keyup", "scroll", "visibilitychange"];
const INTERVAL = 5_000;

/** Where an element, or the page, is scrolled to, in whole pixels. */
const scrolled = ({ scrollTop, scrollLeft, scrollHeight, clientHeight }) =>
  Object.entries({
    scroll_top: scrollTop,
    scroll_left: scrollLeft,
    scroll_height: scrollHeight,
    client_height: clientHeight,
  }).map(([name, value]) => [name, Math.round(value)]);

/** What an event of the window or the document says. */
const PARAMETERS = {
  keydown: ({ key }) => [["key", key]],
  keyup: ({ key }) => [["key", key]],
  scroll: () => scrolled(document.scrollingElement),
  resize: () => [["width", innerWidth], ["height", innerHeight]],
  click: ({ clientX, clientY }) => [["x", Math.round(clientX)], ["y", Math.round(clientY)]],
  visibilitychange: () => [["visible", !document.hidden]],
};

/** Puts a text into the clipboard, also where a page without HTTPS may not use it. */
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const { activeElement } = document;
    const field = document.createElement("textarea");
    field.value = text;
    Object.assign(field.style, { position: "fixed", opacity: 0 });
    document.documentElement.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    activeElement?.focus({ preventScroll: true });
    if (!isDone) throw new Error("the clipboard is closed");
  }
};

/**
 * @param page what page.js gives every lazy module: `fire(element, name, params, key)` sends what an
 *   element says to an event
 * @returns what the op loop tells: `end`
 */
export const start = ({ fire }) => {
  /** Lets all elements answer that have an attribute. */
  const tell = (name, params, key) => {
    const own = key ? `,[${CSS.escape(`dj-${name}.${key}`)}]` : "";
    for (const element of document.querySelectorAll(`[dj-${name}]${own}`)) {
      fire(element, name, params, key);
    }
  };

  const hear = (target, prefix, names) => {
    for (const name of names) {
      const heard = (event) => {
        // What happens in an element reaches the document, and is that element's.
        if (name === "scroll" && event.target !== document) return;
        if (/^key/.test(name) && !isPressed(event)) return;
        tell(prefix + name, PARAMETERS[name]?.(event), event.key && keyOf(event));
      };
      target.addEventListener(name, heard, { passive: true });
    }
  };
  hear(window, "window-", WINDOW);
  hear(document, "document-", DOCUMENT);

  // Scrolling does not bubble.
  const onScroll = ({ target }) => {
    if (target.matches?.("[dj-scroll]")) fire(target, "scroll", scrolled(target));
  };
  document.addEventListener("scroll", onScroll, { capture: true, passive: true });

  // Before an element answers, so that the click which opens a menu does not close it.
  const onClick = (event) => {
    const path = event.composedPath();
    for (const element of document.querySelectorAll("[dj-click-away]")) {
      const isShown = element.getClientRects().length;
      if (isShown && !path.includes(element)) fire(element, "click-away");
    }
    const element = event.target.closest?.("[dj-copy]");
    if (!element) return;
    const what = element.getAttribute("dj-copy");
    const source = /^#[\w-]+$/.test(what) && document.querySelector(what);
    // The value of a button or of an item of a list is nothing that one sees.
    const isField = source && !/^(button|li)$/.test(source.localName);
    const text = (isField ? source.value : null) ?? (source ? source.textContent : what);
    const told = (name, detail) =>
      element.dispatchEvent(new CustomEvent(`djust:${name}`, { bubbles: true, detail }));
    copy(text).then(
      () => told("copied", { text }),
      (error) => told("copy-failed", { text, error }),
    );
  };
  document.addEventListener("click", onClick, true);

  const mounted = new WeakSet();
  const polls = new Map(); // For each element with `dj-poll`: its interval and its timer.
  const busy = new WeakMap(); // How many events of an element are under way.
  document.addEventListener("djust:busy", ({ detail }) => {
    const { element } = detail;
    if (element) busy.set(element, Math.max(0, (busy.get(element) ?? 0) + (detail.busy ? 1 : -1)));
  });

  const isIdle = () => document.hidden || window.djust.connection.state !== "connected";

  const poll = (element) => {
    if (!isIdle() && !busy.get(element)) fire(element, "poll");
  };

  const scan = () => {
    for (const element of document.querySelectorAll("[dj-mounted]")) {
      if (!mounted.has(element)) fire(element, "mounted");
      mounted.add(element);
    }
    const found = new Set(document.querySelectorAll("[dj-poll]"));
    for (const [element, { timer, interval }] of polls) {
      if (found.has(element) && interval === element.getAttribute("dj-poll-interval")) continue;
      clearInterval(timer);
      polls.delete(element);
    }
    for (const element of found) {
      if (polls.has(element)) continue;
      const interval = element.getAttribute("dj-poll-interval");
      const timer = setInterval(() => poll(element), Math.max(100, +interval || INTERVAL));
      polls.set(element, { interval, timer });
    }
  };

  // What a hidden page missed is asked for when it is seen again.
  document.addEventListener("visibilitychange", () => {
    for (const element of polls.keys()) poll(element);
  });
  scan();

  return { end: scan };
};
