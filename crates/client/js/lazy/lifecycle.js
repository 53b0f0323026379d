// Elements that appear, change and go come in; hooks are called, transitions shown, and handlers told
// that a list is at its end. Loaded when markup first names `dj-hook`, `dj-transition…` or
// `dj-viewport-…`.
//
// The op loop says what it is about to touch, which is what `beforeUpdate` and `updated` are about.
// What appeared and what went is read from a MutationObserver at the end of a frame, so that rows,
// conditions and HTML values need no code of their own, and nodes of other scripts count as well.

import { remove } from "../property.js";

/** Elements with a transition. */
const TRANSITIONS = "[dj-transition],[dj-transition-enter],[dj-transition-leave]";
const HOOK = "dj-hook";
const EDGES = "[dj-viewport-top],[dj-viewport-bottom]";

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** The elements below a node, and itself, that a selector matches. */
const within = (node, selector) =>
  node.nodeType === 1
    ? [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)]
    : [];

/** The classes of one half of a transition: those at its beginning, those at its end. */
const classesOf = (element, half) => {
  const name = element.getAttribute("dj-transition");
  const list = (attribute, named) =>
    (element.getAttribute(attribute) ?? (name ? `${name}-${half}-${named}` : "")).split(/\s+/).filter(Boolean);
  return [list(`dj-transition-${half}`, "from"), list(`dj-transition-${half}-to`, "to")];
};

/** How long the transitions and animations of an element take, in milliseconds. */
const durationOf = (element) => {
  const style = getComputedStyle(element);
  const longest = (durations, delays) => {
    const waits = delays.split(",").map(parseFloat);
    const sums = durations.split(",").map((each, at) => parseFloat(each) + waits[at % waits.length]);
    return Math.max(0, ...sums.filter(Number.isFinite));
  };
  const { transitionDuration, transitionDelay, animationDuration, animationDelay } = style;
  const animates = style.animationName !== "none" ? longest(animationDuration, animationDelay) : 0;
  return 1000 * Math.max(longest(transitionDuration, transitionDelay), animates);
};

/** Goes through one half of a transition, then calls back. Returns how to end it at once. */
const transit = (element, half, done) => {
  const [from, to] = classesOf(element, half);
  const { classList } = element;
  let timer = 0;
  const end = () => {
    clearTimeout(timer);
    classList.remove(...from, ...to);
    done();
  };
  classList.add(...from);
  // The browser has to see the beginning, or there is nothing to go from.
  element.getBoundingClientRect();
  classList.remove(...from);
  classList.add(...to);
  timer = setTimeout(end, durationOf(element));
  return end;
};

/**
 * @param page what page.js gives every lazy module: `present`, the elements with a transition that
 *   were there before the markup that asked for this; `warn`, which takes a sentence for the developer;
 *   `viewOf(element)`, the element of the view in which an element stands
 * @returns what the op loop tells: `begin`, `touch`, `remove`, `settle`, `end`
 */
export const start = ({ present, warn, viewOf }) => {
  const { djust } = window;
  const hooks = new Map(); // Those mounted, by element.
  const waiting = new Set(); // Elements whose hook nobody has registered yet.
  const seen = new WeakSet(present); // Elements that are no news: a moved one does not enter.
  const leaving = new Map(); // Elements that are gone for the server, with how to end them.
  const touched = new Set();

  const call = (element, name) => {
    const hook = hooks.get(element);
    try {
      hook[name]?.();
    } catch (error) {
      reportError(error);
    }
  };

  const mount = (element) => {
    const name = element.getAttribute(HOOK);
    const definition = djust.hooks[name];
    if (hooks.has(element) || !name) return;
    if (!definition) {
      if (!waiting.has(element)) warn(`no hook is registered as djust.hooks.${name}`);
      waiting.add(element);
      return;
    }
    waiting.delete(element);
    const ends = [];
    const hook = Object.create(definition, {
      el: { value: element },
      pushEvent: { value: (event, params) => djust.pushEvent(event, params, element) },
      handleEvent: {
        value(event, callback) {
          const own = (payload, view) => view === viewOf(element) && callback(payload);
          ends.push(djust.on(event, own));
        },
      },
      end: { value: () => ends.forEach((end) => end()) },
    });
    hooks.set(element, hook);
    call(element, "mounted");
  };

  const enter = (element) => {
    if (seen.has(element) || reduced.matches) return;
    // The same element again, while the one before it is still on its way out.
    for (const other of [element.previousElementSibling, element.nextElementSibling]) {
      if (other?.localName === element.localName) leaving.get(other)?.();
    }
    transit(element, "enter", () => {});
  };

  const edges = new Map(); // The children that are watched, with their lists and handlers.
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      for (const [list, handler] of edges.get(target) ?? []) {
        djust.pushEvent(handler, { id: target.id }, list);
      }
    }
  });
  /** Watches the first and last child of lists; a child that is no longer one is left alone. */
  const watchEdges = () => {
    const now = new Map();
    for (const list of document.querySelectorAll(EDGES)) {
      const note = (child, handler) => {
        if (child && handler) now.set(child, [...(now.get(child) ?? []), [list, handler]]);
      };
      note(list.firstElementChild, list.getAttribute("dj-viewport-top"));
      note(list.lastElementChild, list.getAttribute("dj-viewport-bottom"));
    }
    for (const child of edges.keys()) {
      if (!now.has(child)) {
        observer.unobserve(child);
        edges.delete(child);
      }
    }
    for (const [child, what] of now) {
      if (!edges.has(child)) observer.observe(child);
      edges.set(child, what);
    }
  };

  const scan = (records) => {
    for (const [element, hook] of hooks) {
      if (element.isConnected) continue;
      call(element, "destroyed");
      hook.end();
      hooks.delete(element);
    }
    for (const element of touched) if (hooks.has(element)) call(element, "updated");
    touched.clear();
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (!node.isConnected) continue;
        for (const element of within(node, TRANSITIONS)) {
          enter(element);
          seen.add(element);
        }
        within(node, `[${HOOK}]`).forEach(mount);
      }
    }
    for (const element of waiting) {
      if (!element.isConnected) waiting.delete(element);
      else if (djust.hooks[element.getAttribute(HOOK)]) mount(element);
    }
    watchEdges();
  };

  const changes = new MutationObserver(scan);
  changes.observe(document.body, { childList: true, subtree: true });
  scan([{ addedNodes: [document.body] }]);
  addEventListener("load", () => scan([]));
  // The first connection, which may still be under way, is no reconnection.
  let isConnected = /^conn/.test(djust.connection.state);
  const tell = (event, name, wanted) =>
    document.addEventListener(`djust:${event}`, () => {
      const changes = isConnected !== wanted;
      isConnected = wanted;
      if (changes) for (const element of hooks.keys()) call(element, name);
    });
  tell("disconnected", "disconnected", false);
  tell("connected", "reconnected", true);

  return {
    begin: () => scan(changes.takeRecords()),

    /** A node, or what stands in it, is about to change. */
    touch(node) {
      const element = (node.nodeType === 1 ? node : node.parentElement)?.closest(`[${HOOK}]`);
      if (!hooks.has(element) || touched.has(element)) return;
      touched.add(element);
      call(element, "beforeUpdate");
    },

    /** Takes a node away, when its transition is over. */
    remove(node) {
      if (leaving.has(node)) return;
      if (reduced.matches || node.nodeType !== 1 || !node.matches(TRANSITIONS)) return remove(node);
      const [from, to] = classesOf(node, "leave");
      if (!from.length && !to.length) return remove(node);
      // Nobody can use what is gone for the server, and its views leave.
      node.inert = true;
      for (const view of within(node, "[dj-view]")) view.removeAttribute("dj-view");
      const end = transit(node, "leave", () => {
        leaving.delete(node);
        remove(node);
      });
      leaving.set(node, end);
    },

    /** Only what the server knows may stand in a view now. */
    settle(view) {
      for (const [node, end] of [...leaving]) if (view.contains(node)) end();
    },

    end: () => scan(changes.takeRecords()),
  };
};
