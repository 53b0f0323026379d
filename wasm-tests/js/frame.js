// A page in an iframe with a socket that the test is the server of.

/**
 * @param html of the body
 * @param script the script-tag build
 * @param files the engine, its parts (bytes) and lazy modules (texts), by name
 * @param options `break`: the engine throws at this call
 */
export const open = async (html, script, files, options) => {
  document.getElementById("frame")?.remove();
  const frame = document.createElement("iframe");
  frame.id = "frame";
  frame.srcdoc = `<!doctype html><html><head></head><body>${html}</body></html>`;
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const page = frame.contentWindow;
  page.sockets = [];
  // The warm-up would count among the calls of the engine.
  page.requestIdleCallback = () => {};
  page.errors = [];
  page.WebSocket = class {
    constructor(url) {
      this.url = url;
      this.sent = [];
      page.sockets.push(this);
      setTimeout(() => this.onopen?.());
    }
    send(bytes) {
      this.sent.push(bytes.slice());
    }
    close() {
      this.closed = true;
    }
  };
  page.document.addEventListener("djust:error", (event) => {
    page.errors.push(event.detail.code);
    event.preventDefault();
  });
  let calls = 0;
  const { instantiate } = page.WebAssembly;
  page.WebAssembly.instantiate = async (...given) => {
    const { exports } = await instantiate(...given);
    const step = (...inputs) => {
      if (++calls === options.break) throw new Error("a trap");
      return exports.step(...inputs);
    };
    return { exports: { ...exports, step } };
  };
  const element = page.document.createElement("script");
  for (const [name, content] of Object.entries(files)) {
    const type = typeof content === "string" ? "text/javascript" : "application/wasm";
    element.dataset[name] = URL.createObjectURL(new Blob([content], { type }));
  }
  Object.assign(element.dataset, { socket: "ws://test/", mount: "token" });
  element.textContent = script;
  page.document.head.append(element);
  return page;
};

const until = async (what, value) => {
  for (let tries = 0; tries < 300; tries++) {
    const found = value();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not happen`);
};

/** The next message of the newest socket. */
export const sent = (page) => until("a message", () => page.sockets.at(-1)?.sent.shift());

/** Waits for the n-th socket. */
export const socket = (page, number) => until("a socket", () => page.sockets.length === number);

/** A message from the server. */
export const receive = (page, bytes) =>
  page.sockets.at(-1).onmessage({ data: bytes.slice().buffer });

/** The server closes the socket. */
export const drop = (page, code) => page.sockets.at(-1).onclose({ code });

/** Whether nothing is sent for a while. */
export const silent = async (page, wait) => {
  await new Promise((resolve) => setTimeout(resolve, wait));
  return !page.sockets.at(-1).sent.length;
};

/** Runs a function body in the page; `$` finds an element. */
export const run = (page, body) =>
  page.Function("$", body)((selector) => page.document.querySelector(selector));
