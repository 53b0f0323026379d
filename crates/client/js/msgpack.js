// JSON-like values go in, MessagePack comes out, and back: parameters of events up, payloads of
// pushes down. Everything else of the wire is read and written in WebAssembly.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const number = (out, marker, size, value) => {
  out.push(marker);
  for (let byte = size - 1; byte >= 0; byte--) out.push(Math.floor(value / 2 ** (8 * byte)) & 255);
};

const head = (out, length, fix, most, markers) => {
  if (length <= most) out.push(fix | length);
  else if (length < 256 && markers[0]) number(out, markers[0], 1, length);
  else if (length < 65536) number(out, markers[1], 2, length);
  else number(out, markers[2], 4, length);
};

const integer = (out, value) => {
  if (value >= -32 && value < 128) out.push(value & 255);
  else if (value >= 0) {
    if (value < 256) number(out, 0xcc, 1, value);
    else if (value < 65536) number(out, 0xcd, 2, value);
    else if (value < 2 ** 32) number(out, 0xce, 4, value);
    else number(out, 0xcf, 8, value);
  } else if (value >= -128) number(out, 0xd0, 1, value);
  else if (value >= -32768) number(out, 0xd1, 2, value);
  else if (value >= -(2 ** 31)) number(out, 0xd2, 4, value);
  else number(out, 0xd3, 8, value);
};

/** Appends a value to an array of bytes. Maps are written as objects are. */
export const write = (out, value) => {
  if (value === null || value === undefined) out.push(0xc0);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (Number.isSafeInteger(value)) integer(out, value);
  else if (typeof value === "number") {
    out.push(0xcb, ...new Uint8Array(new Float64Array([value]).buffer).reverse());
  } else if (typeof value === "object") {
    if (Array.isArray(value)) {
      head(out, value.length, 0x90, 15, [0, 0xdc, 0xdd]);
      for (const item of value) write(out, item);
    } else {
      const entries = value instanceof Map ? [...value] : Object.entries(value);
      head(out, entries.length, 0x80, 15, [0, 0xde, 0xdf]);
      for (const entry of entries) for (const item of entry) write(out, item);
    }
  } else {
    const bytes = encoder.encode(String(value));
    head(out, bytes.length, 0xa0, 31, [0xd9, 0xda, 0xdb]);
    for (const byte of bytes) out.push(byte);
  }
};

/** Reads one value. */
export const read = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const uint = (size) => {
    let value = 0;
    while (size--) value = value * 256 + view.getUint8(at++);
    return value;
  };
  const skip = (size) => (at += size) - size;
  const text = (length) => decoder.decode(bytes.subarray(at, (at += length)));
  const binary = (length) => bytes.slice(at, (at += length));
  const array = (length) => Array.from({ length }, value);
  const map = (length) => Object.fromEntries(Array.from({ length }, () => [value(), value()]));
  const value = () => {
    const marker = uint(1);
    if (marker < 0x80) return marker;
    if (marker < 0x90) return map(marker & 15);
    if (marker < 0xa0) return array(marker & 15);
    if (marker < 0xc0) return text(marker & 31);
    if (marker > 0xdf) return marker - 256;
    const size = 1 << (marker & 3);
    switch (marker) {
      case 0xc2:
      case 0xc3:
        return marker === 0xc3;
      case 0xc4:
        return binary(uint(1));
      case 0xc5:
        return binary(uint(2));
      case 0xc6:
        return binary(uint(4));
      case 0xca:
        return view.getFloat32(skip(4));
      case 0xcb:
        return view.getFloat64(skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return uint(size);
      case 0xd0:
        return view.getInt8(skip(1));
      case 0xd1:
        return view.getInt16(skip(2));
      case 0xd2:
        return view.getInt32(skip(4));
      case 0xd3:
        return Number(view.getBigInt64(skip(8)));
      case 0xd9:
        return text(uint(1));
      case 0xda:
        return text(uint(2));
      case 0xdb:
        return text(uint(4));
      case 0xdc:
        return array(uint(2));
      case 0xdd:
        return array(uint(4));
      case 0xde:
        return map(uint(2));
      case 0xdf:
        return map(uint(4));
      default:
        return null;
    }
  };
  return value();
};
