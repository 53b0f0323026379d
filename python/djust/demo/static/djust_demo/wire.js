// The log at the bottom of /interceptors/: binary frames of the socket in, one line for each out.
// It stands before djust's own script and reads what passes; it changes nothing.

const SENT = ["hello", "events", "resync", "ping", "leave", "join"];
const RECEIVED = ["welcome", "mount", "update", "ack", "push", "error", "pong"];
const LINES = 60;

/** Reads the MessagePack values of a frame, one after the other, as far as this page needs them. */
const reader = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  let at = 0;
  const text = (length) => decoder.decode(bytes.subarray(at, (at += length)));
  const list = (length) => Array.from({ length }, next);
  const map = (length) => Object.fromEntries(list(2 * length).flatMap((key, index, all) => (index % 2 ? [] : [[key, all[index + 1]]])));
  const uint = (size) => {
    const value = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
    at += size;
    return value;
  };
  const next = () => {
    const mark = uint(1);
    if (mark < 0x80) return mark;
    if (mark < 0x90) return map(mark & 15);
    if (mark < 0xa0) return list(mark & 15);
    if (mark < 0xc0) return text(mark & 31);
    if (mark >= 0xe0) return mark - 256;
    if (mark === 0xc4 || mark === 0xc5) return text(uint(mark - 0xc3));
    if (mark === 0xcb) return view.getFloat64((at += 8) - 8);
    if (mark === 0xcc || mark === 0xcd || mark === 0xce) return uint(1 << (mark - 0xcc));
    if (mark === 0xd0) return view.getInt8(at++);
    if (mark === 0xd1) return view.getInt16((at += 2) - 2);
    if (mark === 0xd2) return view.getInt32((at += 4) - 4);
    if (mark === 0xd9 || mark === 0xda) return text(uint(mark - 0xd8));
    if (mark === 0xdc) return list(uint(2));
    if (mark === 0xde) return map(uint(2));
    return { 0xc0: null, 0xc2: false, 0xc3: true }[mark];
  };
  return next;
};

const names = new Map(); // The names of the views, by number.
const handlers = new Map(); // The handlers of each view, from its mount frame.

/** Notes which view gets which number: its element has the token. */
const introduce = (number, token) => {
  const view = document.querySelector(`[dj-token="${token}"]`)?.getAttribute("dj-view");
  names.set(number, view?.split(".").at(-1) ?? number);
  return names.get(number);
};

/** What is worth saying of a frame. */
const describe = (bytes, isSent) => {
  const next = reader(bytes);
  const kind = (isSent ? SENT : RECEIVED)[next()];
  const times = (count, each) => Array.from({ length: count }, each);
  if (kind === "events") {
    return times(next(), () => {
      const [root, , handler, value] = times(4, next);
      // A target stands before the parameters.
      const params = typeof value === "string" ? next() : value;
      const name = handlers.get(root)?.[handler] ?? handler;
      const said = Object.entries(params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const target = params === value ? "" : ` for ${value}`;
      return `${names.get(root)}.${name}(${said.join(", ")})${target}`;
    }).join(" ");
  }
  if (kind === "hello") {
    const [, , count] = times(3, next);
    return `hello: ${times(count, () => introduce(next(), next())).join(", ")}`;
  }
  if (kind === "join") return `join: ${introduce(next(), next())}`;
  if (kind === "mount") {
    const [root, , , list] = times(4, next);
    if (list) handlers.set(root, list.map(([name]) => name));
    return `mount of ${names.get(root)}`;
  }
  if (kind === "push") {
    const [root, name] = times(2, next);
    return `push of ${names.get(root)}: ${name}`;
  }
  if (/update|ack|leave|error/.test(kind)) return `${kind}, ${names.get(next())}`;
  return kind;
};

const totals = { frames: 0, bytes: 0 };

const note = (data, isSent) => {
  const bytes = new Uint8Array(data);
  const log = document.getElementById("wire-log");
  if (bytes[0] === (isSent ? 3 : 6) || !log) return;
  totals.frames++;
  totals.bytes += bytes.length;
  const line = document.createElement("li");
  const [arrow, size, what] = ["b", "i", "span"].map((name) => line.appendChild(document.createElement(name)));
  line.className = isSent ? "up" : "down";
  arrow.textContent = isSent ? "↑" : "↓";
  size.textContent = `${bytes.length} B`;
  what.textContent = describe(bytes, isSent);
  log.append(line);
  if (log.children.length > LINES) log.firstChild.remove();
  log.parentNode.scrollTop = log.scrollHeight;
  document.getElementById("wire-sum").textContent = `${totals.frames} frame${totals.frames > 1 ? "s" : ""}, ${totals.bytes} bytes`;
};

window.WebSocket = class extends WebSocket {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener("message", ({ data }) => note(data, false));
  }
  send(data) {
    note(data, true);
    super.send(data);
  }
};

document.addEventListener("DOMContentLoaded", () => {
  if (matchMedia("(max-width: 48rem)").matches) document.querySelector(".wire").open = false;
});
