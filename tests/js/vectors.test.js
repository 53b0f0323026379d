// The shared vectors, read by a JavaScript decoder that is not ours.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeMulti, ExtData } from "@msgpack/msgpack";

const folder = new URL("../vectors/", import.meta.url);

function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const [[kind, body]] = Object.entries(value);
  if (kind === "bin") return new Uint8Array(Buffer.from(body, "hex"));
  if (kind === "ext") return new ExtData(1, new TextEncoder().encode(body));
  return Object.fromEntries(body.map(([key, item]) => [key, plain(item)]));
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  test(`${file} describes its bytes`, () => {
    const { values } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    const bytes = new Uint8Array(readFileSync(new URL(file.replace(".json", ".msgpack"), folder)));
    assert.deepEqual([...decodeMulti(bytes)], values.map(plain));
  });
}
