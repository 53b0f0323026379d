// The load of this machine goes in, a live page comes out: the djust engine behind a server that
// is not Django. Node's own modules are all it needs: `node examples/monitor/server.js`, after
// `make build`. docs/protocol.md describes the frames.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus, freemem, totalmem } from "node:os";

const port = Number(process.argv[2] ?? 8001);
const pause = Number(process.argv[3] ?? 1000);

/** The bytes of MessagePack values: small integers, strings, bytes, and arrays of one string. */
const pack = (values) =>
  Buffer.concat(
    values.flatMap((value) => {
      if (typeof value === "number") {
        if (value < 128) return Buffer.of(value);
        return value < 256 ? Buffer.of(0xcc, value) : Buffer.of(0xcd, value >> 8, value & 255);
      }
      const bytes = Buffer.from(value);
      const marker = typeof value === "string" ? 0xd9 : 0xc4;
      return [Buffer.of(marker, bytes.length), bytes];
    }),
  );

const MOUNT = 1;
const UPDATE = 2;
const TEXT = 0;
const ATTRIBUTE = 1;
const LIST = 6;
const hole = (slot, kind) => slot * 16 + kind;
/** A list hole names the template of its rows, in an array of two. */
const rows = (slot, tid) => Buffer.of(0x92, hole(slot, LIST), tid);

/** The page: a time, and a table with a row for each thing that is measured. */
const page = [
  [Buffer.from("monitor1"), 0, 0, 1, 5],
  ["<p>At ", hole(0, TEXT), " this machine is busy with:</p><table><tbody>"],
];
const end = "</tbody></table>";
/** A row: slot 0 is its name and its key, slot 1 the share in percent. */
const row = [
  [Buffer.from("monitor2"), 1, 1, 2, 7],
  ["<tr><th scope=\"row\">", hole(0, TEXT), "</th><td><meter min=\"0\" max=\"100\" value=\""],
  [hole(1, ATTRIBUTE), "\"></meter> ", hole(1, TEXT), " %</td></tr>"],
];
row[0][4] = row[1].length + row[2].length;
page[0][4] = page[1].length + 2;

const mountFrame = ({ time, shares }) =>
  Buffer.concat([
    pack([MOUNT, 0, 1, 0]),
    Buffer.of(0xc0), // no event handlers
    pack([2, 0, ...page.flat()]), // two definitions, the first has number 0
    rows(1, 1),
    pack([end, ...row.flat()]),
    pack([0, time, shares.length, ...shares.flat()]),
  ]);

/** Only what changed: the time, and the rows whose share is another one. */
const updateFrame = (seq, before, { time, shares }) => {
  const changes = [];
  let last = -1;
  shares.forEach(([, share], index) => {
    if (share === before.shares[index][1]) return;
    changes.push(index - last - 1, 1, 1, share);
    last = index;
  });
  const list = changes.length ? [1, 3, changes.length / 4, ...changes] : [];
  return pack([UPDATE, 0, seq, 0, 0, list.length ? 2 : 1, 0, time, ...list]);
};

let ticks = cpus().map(() => [0, 0]);
const measure = () => {
  const now = cpus().map(({ times }) => {
    const all = Object.values(times).reduce((sum, each) => sum + each);
    return [all, all - times.idle];
  });
  const shares = now.map(([all, busy], core) => {
    const [allBefore, busyBefore] = ticks[core] ?? [0, 0];
    return [`Core ${core + 1}`, Math.round((100 * (busy - busyBefore)) / (all - allBefore || 1))];
  });
  ticks = now;
  shares.push(["Memory", Math.round(100 * (1 - freemem() / totalmem()))]);
  return { time: new Date().toISOString().slice(11, 19), shares };
};

/** Sends frames until the page goes away: four bytes of length, then the frame. */
const stream = (response) => {
  const send = (frame) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    response.write(Buffer.concat([length, frame]));
  };
  let state = measure();
  let seq = 1;
  send(mountFrame(state));
  const timer = setInterval(() => {
    const next = measure();
    send(updateFrame((seq += 1), state, next));
    state = next;
  }, pause);
  response.on("close", () => clearInterval(timer));
};

const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/djust.js": ["../../pkg/djust.js", "text/javascript"],
  "/djust.wasm": ["../../pkg/djust.wasm", "application/wasm"],
};

createServer(async ({ url }, response) => {
  if (url === "/frames") return stream(response);
  const [name, type] = FILES[url] ?? [];
  if (!name) return response.writeHead(404).end();
  response.setHeader("Content-Type", type);
  response.end(await readFile(new URL(name, import.meta.url)));
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
