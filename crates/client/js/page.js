// A served page goes in, a live page comes out: the script-tag build, `djust-page.js`.
// Whatever fails here leaves the plain HTML page as it is.

// What listens comes first: a bundle in this order is 24 bytes smaller.
import { TYPES, count, elementOf, listen, use } from "./events.js";
import {
  ATTACH,
  EVENT,
  FRAME,
  GONE,
  HIDE,
  OFFLINE,
  SHOW,
  SLICE,
  TIMER,
  UNMOUNT,
  WAKE,
  compileModule,
  createEngine,
  idle,
  instantiate,
} from "./engine.js";
import { createBus } from "./bus.js";
import { parse } from "./markup.js";
import { morph } from "./morph.js";
import { pack, values } from "./msgpack.js";
import { bound } from "./parts.js";
import { CLIENT_STATE, DEBOUNCE, OPTIMISTIC } from "./record.js";
import { openSocket } from "./socket.js";
import { heed, isWanted, lazy, named, want, watchWith } from "./watcher.js";

const { dataset } = document.currentScript;
const STATES = ["connecting", "connected", "reconnecting", "offline", "offline"];
const STOPPED = 4;
const REASONS = ["error", "timeout", "disconnect", "unsent"];
/** What went wrong, in words for programs; js/messages.js has the sentences. */
const FAULTS = "unsent unsent attribute closed closed closed malformed stopped unsent expired".split(" ");
const STOP = 7;
const UNSENT = 8;
const TAKEN_BACK = 10;
const RESTARTS = 3;
/** Events that wait for a fresh instance. */
const EVENTS = 100;
/** The modules that must be there before there is an engine. */
const FIRST = ["forms", "classes", "views"];
/** Elements with a transition: a page can have many others. */
const TRANSITIONS = "[dj-transition],[dj-transition-enter],[dj-transition-leave]";

const dispatch = (name, detail) =>
  document.dispatchEvent(new CustomEvent(`djust:${name}`, { detail, cancelable: true }));

const warn = (message) => {
  if ("debug" in dataset) console.warn(`djust: ${message}`);
};

/** Shows a message, a text or the number of one, when the module that does is there. */
const notice = async (message) => (await want("idle"))?.notice(message);

/** Tells the page and, unless it takes the matter into its own hands, the user. */
const tellError = (code, message, event = 0) => {
  if (dispatch("error", { code, message, event })) notice(message);
};

/** Tells what went wrong here; without its sentence, if that cannot be loaded. */
const fail = async (fault) => tellError(FAULTS[fault], (await want("idle"))?.MESSAGES[fault] ?? "");

const listeners = new Map();
/** What a lazy module is to hear when it is there: pushes by name. */
const early = new Map();
const djust = (window.djust ??= {});
djust.hooks ??= {};
djust.connection = { state: "offline" };
djust.on = (name, callback) => {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(callback);
  for (const what of early.get(name) ?? []) callback(...what);
  early.delete(name);
  return () => listeners.get(name).delete(callback);
};
djust.pushEvent = (name, params, element) => {
  const root = element ? rootOf(element) : dataset.mount ? 0 : lazy.views?.first();
  if (root !== undefined) events?.push(root, name, params);
};
djust.use = use;
/** Calls who listens under a name. */
const call = (name, ...what) => {
  for (const callback of listeners.get(name) ?? []) {
    try {
      callback(...what);
    } catch (error) {
      reportError(error);
    }
  }
};
/**
 * The events that are not answered, by number: `{ record, isSent, isTried }`. An instance that fails
 * takes nothing with it: what has not left goes to the next one.
 */
const open = new Map();
let numbers = 0;
/** Whether the instance has yet to get what the one before it held. */
let isLate = false;
/** Takes a record and the codes of its options, some of which may want a part of the engine. */
const take = (record, options = []) => {
  if (isLate && open.size >= EVENTS) fail(UNSENT);
  else if (engine) {
    for (const option of options) need(option);
    // The event is shown before it is dealt with.
    if (options.includes(OPTIMISTIC) && !lazy.classes) engine.hold(want("classes"));
    open.set(++numbers, { record });
    if (!isLate) engine.input(EVENT, numbers, record);
  }
  return engine;
};
// Without the part there is nobody but scripts to hear of a value.
const { bus, tell, share } = createBus((record) => parts.shared && take(record), djust.on, call, warn);
djust.stateBus = bus;

let events;
let engine;
let instance;
let socket;
let module;
let stopped = false;
const timers = [];
const restarts = [];

/** The parts of the engine that an option of handlers wants (docs/decisions/parts.md). */
const PARTS = { 1: ["wait"], 2: ["wait"], 3: ["optimistic", "overlay", "lists"], 4: ["shared", "ends"], 5: ["shared"] };
/** Those that this instance has, or waits for. */
let parts = {};

/** Promises the module of a part; nothing if it could not be loaded. */
const modules = {};
const fetched = (name) =>
  (modules[name] ??= compileModule(fetch(dataset[name])).catch((error) => {
    delete modules[name];
    console.error("djust:", error);
  }));

/** Adds a part, if this instance does not have it; promises that it is there, or known not to come. */
const add = (name) => {
  const [own, { add }] = [parts, instance];
  return (own[name] ??= fetched(name).then((part) => (part ? add(name, part) : (own[name] = undefined))));
};

/** The part for rows of lists that get another order. */
const addLists = () => add("lists");

/**
 * The part for what ends (docs/decisions/parts.md). It is asked for until it comes, when the network is back
 * and every few seconds, not by all pages at once: who has lost the connection waits for it.
 */
const addEnds = async () => {
  while (!(await add("ends"))) {
    await new Promise((resolve) => {
      setTimeout(resolve, 2000 + 4000 * Math.random());
      addEventListener("online", resolve);
    });
  }
};

/** Adds what an option wants; until it is there, or known not to come, the engine is on hold. */
const need = (option) => {
  // It knows when an element is left.
  if (option == DEBOUNCE) want("forms");
  for (const name of PARTS[option] ?? []) if (!parts[name]) engine.hold(add(name));
};

/** The options of which the served page knows, each a digit. What is typed waits by itself. */
const known = () => {
  const has = (name, option) => (document.querySelector(`[dj-${name}]`) ? option : "");
  return (dataset.options ?? "") + (isWanted("forms") ? 1 : "") + has("throttle", 2) + has("optimistic", 3);
};

const show = (state) => {
  const before = djust.connection.state;
  djust.connection.state = document.documentElement.dataset.djust = state;
  if (state === "connected") {
    dispatch("connected");
    if (isLate) {
      for (const [number, event] of open) {
        event.isTried = true;
        engine.input(EVENT, number, event.record);
      }
    }
    isLate = false;
    lazy.forms?.recover();
  } else if (before === "connected") {
    lazy.forms?.hold();
    dispatch("disconnected");
  }
};

const effects = {
  16() {
    const url = new URL(dataset.socket, location.href.replace("http", "ws"));
    socket = openSocket(url, engine.input);
  },
  17: (word, text, bytes) => socket.send(bytes()),
  18: () => socket?.close(),
  19(word) {
    const id = word();
    clearTimeout(timers[id]);
    timers[id] = setTimeout(() => engine.input(TIMER, id), word());
  },
  20: (word) => clearTimeout(timers[word()]),
  21() {
    const flush = () => engine.input(FRAME);
    if (document.hidden) setTimeout(flush);
    else requestAnimationFrame(flush);
  },
  22(word) {
    const state = word();
    stopped = state === STOPPED;
    show(STATES[state]);
  },
  23(word, text) {
    const what = [text(), text(), word()];
    if (what[2]) lazy.forms?.fail();
    tellError(...what);
  },
  24(word, text, bytes) {
    const root = word();
    const view = viewOf(root);
    const name = text();
    const [payload] = values(bytes());
    if (name === "djust:commands") return command(view, payload, events.push.bind(null, root));
    if (name === "djust:warning") return warn(payload);
    dispatch("push", { name, payload, view });
    if (name === "djust:drafts") want("drafts");
    if (/^djust:/.test(name) && !listeners.has(name)) {
      early.set(name, [...(early.get(name) ?? []), [payload, view]]);
    }
    call(name, payload, view);
  },
  25(word, text) {
    const names = Array.from({ length: word() }, text);
    dispatch("unconfirmed", { names });
  },
  26: async () => (await want("idle"))?.reload(),
  28(word, text) {
    dispatch("busy", { root: word(), element: elementOf(word()), handler: text(), busy: !!word() });
  },
  29(word, text, bytes) {
    const key = text();
    const [value] = values(bytes());
    const [before, shares] = [word(), word()];
    tell(key, value, before);
    if (shares) want("tabs").then((tabs) => tabs?.post(key, value, before));
  },
  30: () => idle(addLists),
  31(word) {
    const number = word();
    if (!elementOf(number)) engine.input(GONE, number);
  },
  32(word, text) {
    const detail = { root: word(), handler: text(), reason: REASONS[word()] };
    // Of an error the user has been told already.
    const isNews = detail.reason === "timeout" || detail.reason === "disconnect";
    if (dispatch("rollback", detail) && isNews) notice(TAKEN_BACK);
  },
  33(word) {
    const event = open.get(word());
    event.isSent |= word();
    event.isOpen = true;
  },
  34(word) {
    const last = word();
    for (const [number, event] of open) {
      if (number <= last && !event.isOpen) open.delete(number);
      event.isOpen = false;
    }
  },
  35(word, text, bytes) {
    const [handlers] = values(bytes());
    for (const [, options] of handlers) {
      for (const option in options) need(option);
      if (options?.[CLIENT_STATE]?.[1]) want("tabs");
    }
  },
  36: (word) => fail(word()),
  37: (word) => engine.again(word() ? addEnds() : addLists()),
};

const liveRoot = () => document.querySelector("[dj-root]") ?? document.body;

/** Carries out commands (lazy/commands.js); `push` sends the events among them. */
const command = async (element, commands, push) =>
  (await want("commands"))?.run(element, commands, push);

const viewOf = (number) => lazy.views?.at(number) ?? liveRoot();

/** The number of the live view in which an element stands, if it stands in one. */
const rootOf = (element) => {
  const place = element.closest("[dj-view]");
  if (place) return lazy.views?.numberOf(place);
  return dataset.mount && liveRoot().contains(element) ? 0 : undefined;
};

/** Takes numbers and tokens of live views. */
const attach = (roots) => engine.input(ATTACH, 0, pack(...roots));

/**
 * An instance that has failed is not used again: a fresh one takes the page over, not for ever. What
 * was sent is not sent again, since a socket that closes still delivers it. What two instances could
 * not send may be why they failed.
 */
const recover = (error) => {
  socket?.close();
  timers.forEach(clearTimeout);
  console.error("djust:", error);
  const now = performance.now();
  restarts.push(now);
  stopped = now - restarts.at(-1 - RESTARTS) < 60_000;
  const held = [...open.values()];
  for (const [number, { isSent, isTried }] of open) {
    if (stopped || isSent || isTried) open.delete(number);
  }
  const kept = [...open.values()];
  want("idle").then((idle) => idle?.lose(held, kept));
  isLate = true;
  if (stopped) {
    show("offline");
    fail(STOP);
  } else {
    show("reconnecting");
    start();
  }
};

/** Starts a fresh instance on the page as it stands, whose modules its markup names. */
const start = async (html = "") => {
  try {
    instance = await instantiate(module);
    parts = {};
    const hooks = {
      container: viewOf,
      effect: (code, ...readers) => effects[code](...readers),
      settled: () => lazy.views?.settled(),
      warn,
      failed: recover,
    };
    engine = createEngine(instance, hooks, SLICE);
    for (const option of known()) need(option);
    idle(addEnds);
    // Who is connected misses nothing: not what a key says to the window, nor a push to a hook.
    engine.hold(heed(html));
    attach([...(dataset.mount ? [0, dataset.mount] : []), ...(lazy.views?.roots() ?? [])]);
  } catch (error) {
    recover(error);
  }
};

/** Loads a lazy module. */
const load = (name) => import(dataset[name]);

const live = async () => {
  show("connecting");
  events = listen(
    // Where nothing is live any more, links and forms do what they do without scripts.
    (element) => (stopped ? undefined : rootOf(element)),
    take,
    () => fail(UNSENT),
    (element) => engine.nodeOf(element),
  );
  const page = {
    ...{ attach, bound, count, createEngine, dataset, dispatch, elementOf, instantiate, lazy, morph },
    ...{ ...events, command, fail, need, open, parse, share, values, warn },
    engineOf: () => engine,
    viewOf: (element) => viewOf(rootOf(element)),
  };
  watchWith(async (name) => {
    const present = document.querySelectorAll(TRANSITIONS);
    const { start } = await load(name);
    return start({ ...page, module, present });
  });
  const html = document.body.outerHTML;
  // All are fetched now; what the others say wants an engine.
  const prepare = (name) => (FIRST.includes(name) ? want : load)(name);
  const first = Promise.allSettled(named(html).map(prepare));
  for (const option of known()) PARTS[option]?.forEach(fetched);
  module = await compileModule(fetch(dataset.wasm));
  await first;
  if (!dataset.mount && !lazy.views) throw new Error("no live view");
  await start(html);
  for (const type of TYPES) document.addEventListener(type, events.hear);
  idle(() => want("idle"));
  addEventListener("online", () => engine.input(WAKE));
  addEventListener("offline", () => engine.input(OFFLINE));
  addEventListener("pagehide", () => {
    lazy.forms?.hold();
    events.release();
    engine.input(HIDE);
  });
  addEventListener("pageshow", ({ persisted }) => persisted && engine.input(SHOW));
  // A hidden page gets no animation frames.
  document.addEventListener("visibilitychange", () => engine.input(document.hidden ? FRAME : WAKE));
};

// The tag of this script says `defer`: all of the page is there.
if (dataset.mount || document.querySelector("[dj-view]")) {
  live().catch((error) => {
    show("offline");
    console.error("djust: the page stays as it was served.", error);
  });
}
