// JSON-like values go in, MessagePack comes out, and back: parameters of events up, payloads of
// pushes down. Everything else of the wire is read and written in WebAssembly.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
    for (const item of entries.flatMap((entry) => entry)) write(out, item);
  } else {
    const bytes = encoder.encode(String(value));
    head(out, bytes.length, 0xa0, 31, 0xd9, 1);
    for (const byte of bytes) out.push(byte);
  }
};

/** Reads all values. */
export const values = (bytes) => {
  let at = 0;
  const take = (length) => bytes.slice(at, (at += length));
  const uint = (size) => take(size).reduce((value, byte) => value * 256 + byte, 0);
  const text = (length) => decoder.decode(take(length));
  const array = (length) => Array.from({ length }, value);
  const map = (length) => Object.fromEntries(Array.from({ length }, () => [value(), value()]));
  const value = () => {
    const marker = uint(1);
    if (marker < 0x80) return marker;
    if (marker < 0x90) return map(marker & 15);
    if (marker < 0xa0) return array(marker & 15);
    if (marker < 0xc0) return text(marker & 31);
    if (marker < 0xc4) return [null, null, false, true][marker & 3];
    if (marker < 0xc7) return take(uint(1 << (marker - 0xc4)));
    if (marker < 0xcc) return new DataView(take(8).buffer).getFloat64(0);
    if (marker < 0xd0) return uint(1 << (marker - 0xcc));
    if (marker < 0xd4) {
      const view = new DataView(take(1 << (marker - 0xd0)).buffer);
      if (marker > 0xd2) return Number(view.getBigInt64(0));
      return marker > 0xd1 ? view.getInt32(0) : marker > 0xd0 ? view.getInt16(0) : view.getInt8(0);
    }
    if (marker < 0xdc) return text(uint(1 << (marker - 0xd9)));
    if (marker < 0xde) return array(uint(2 << (marker - 0xdc)));
    if (marker < 0xe0) return map(uint(2 << (marker - 0xde)));
    return marker - 256;
  };
  const all = [];
  while (at < bytes.length) all.push(value());
  return all;
};
