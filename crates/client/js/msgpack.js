// JSON-like values go in, MessagePack comes out, and back: parameters of events up, payloads of
// pushes down. Everything else of the wire is read and written in WebAssembly.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of a text that the decoder is better at. */
const SHORT = 64;

const number = (out, marker, size, value) => {
  out.push(marker);
  while (size--) out.push(Math.floor(value / 256 ** size) & 255);
};

/** The shortest of the four sizes, whose markers follow each other. */
const integer = (out, value) => {
  if (value >= -32 && value < 128) return out.push(value & 255);
  let step = 0;
  while (value < -(2 ** ((8 << step) - 1)) || value >= 2 ** (8 << step)) step++;
  number(out, (value < 0 ? 0xd0 : 0xcc) + step, 1 << step, value);
};

/** A length: in `fixed` if it is small, else after a marker; the first takes `size` bytes. */
const head = (out, length, fixed, most, marker, size) => {
  if (length <= most) return out.push(fixed | length);
  for (; length >= 256 ** size; size *= 2) marker++;
  number(out, marker, size, length);
};

/** Appends a value to an array of bytes. Maps are written as objects are, `new Number(1)` as a float. */
export const write = (out, value) => {
  if (value === null || value === undefined) out.push(0xc0);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (Number.isSafeInteger(value)) integer(out, value);
  else if (typeof value === "number" || value instanceof Number) {
    out.push(0xcb, ...new Uint8Array(new Float64Array([value]).buffer).reverse());
  } else if (Array.isArray(value)) {
    head(out, value.length, 0x90, 15, 0xdc, 2);
    for (const item of value) write(out, item);
  } else if (typeof value === "object") {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    head(out, entries.length, 0x80, 15, 0xde, 2);
    for (const item of entries.flat()) write(out, item);
  } else {
    const bytes = encoder.encode(String(value));
    head(out, bytes.length, 0xa0, 31, 0xd9, 1);
    for (const byte of bytes) out.push(byte);
  }
};

/** The bytes of values. */
export const pack = (...values) => {
  const out = [];
  for (const value of values) write(out, value);
  return new Uint8Array(out);
};

/** The bytes that are read, and where the next value begins. */
let octets, at;

const uint = (size) => {
  let value = 0;
  while (size--) value = value * 256 + octets[at++];
  return value;
};

const take = (length) => octets.subarray(at, (at += length));

/** A text. Putting a few characters together is quicker than the decoder. */
const text = (length) => {
  const start = at;
  let text = "";
  if (length < SHORT) {
    const end = at + length;
    for (let byte; at < end && (byte = octets[at]) < 128; at++) text += String.fromCharCode(byte);
    if (at === end) return text;
    at = start;
  }
  return decoder.decode(take(length));
};

/** The next eight bytes. */
const eight = () => new DataView(take(8).slice().buffer);

/** An integer of eight bytes: a page shows all its digits. */
const large = (isSigned) => {
  const view = eight();
  const value = isSigned ? view.getBigInt64(0) : view.getBigUint64(0);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
};

const array = (length) => Array.from({ length }, value);

const map = (length) => Object.fromEntries(Array.from({ length }, () => [value(), value()]));

const value = () => {
  const marker = octets[at++];
  if (marker < 0x80) return marker;
  if (marker < 0x90) return map(marker & 15);
  if (marker < 0xa0) return array(marker & 15);
  if (marker < 0xc0) return text(marker & 31);
  if (marker > 0xdf) return marker - 256;
  if (marker < 0xc4) return [null, , false, true][marker & 3];
  if (marker < 0xc7) return take(uint(1 << (marker - 0xc4))).slice();
  if (marker < 0xca) return html(uint(1 << (marker - 0xc7)));
  if (marker < 0xcc) return eight().getFloat64(0);
  const size = 1 << (marker & 3);
  if (marker < 0xd4) {
    if (size > 7) return large(marker > 0xcf);
    const value = uint(size);
    return marker > 0xcf && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
  }
  if (marker < 0xd9) return html(1 << (marker - 0xd4));
  if (marker < 0xdc) return text(uint(1 << (marker - 0xd9)));
  return marker < 0xde ? array(uint(2 << (marker - 0xdc))) : map(uint(2 << (marker - 0xde)));
};

/** HTML source; the type of an extension stands before it. */
const html = (length) => (at++, { html: lines(text(length)) });

/** Reads on from here. */
export const seek = (bytes, place) => {
  octets = bytes;
  at = place;
};

/** Reads the scalar of a render tree: a text, an integer or `{ html }`. */
export const scalar = () => {
  const marker = octets[at];
  if (marker < 0x80) return octets[at++];
  if (marker > 0xc3 && marker < 0xc7) {
    at++;
    return lines(text(uint(1 << (marker - 0xc4))));
  }
  const read = value();
  return read.replace ? lines(read) : read;
};

/** Reads so many bytes of a text. */
export const piece = (length) => lines(text(length));

/** A parser reads these line ends of a served page as `\n`. */
const lines = (text) => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);

/** Reads all values. */
export const values = (bytes) => {
  seek(bytes, 0);
  const all = [];
  while (at < bytes.length) all.push(value());
  return all;
};
