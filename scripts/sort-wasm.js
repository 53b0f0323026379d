// The text form of a module goes in, the same with its functions in another order comes out:
// `node scripts/sort-wasm.js module.wat sorted.wat`.
//
// Each function is followed by the one of those left that is most like it, since what is alike
// compresses better side by side (docs/decisions/size.md). Loads and stores lose what they say of the
// alignment of their address: that is a hint, and no engine that we know of heeds it.

import { readFileSync, writeFileSync } from "node:fs";

/** How many words in a row are the same when two functions share a phrase. */
const PHRASE = 4;

const [, , source, target] = process.argv;

/** How often each phrase of a function occurs in it. */
const phrasesOf = (form) => {
  const words = form.match(/[a-z0-9_.]+/g) ?? [];
  const counts = new Map();
  for (let at = 0; at + PHRASE <= words.length; at++) {
    const phrase = words.slice(at, at + PHRASE).join(" ");
    counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  }
  return counts;
};

/** How much two functions share, for their length. */
const likeness = (one, other) => {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const [phrase, count] of few) shared += Math.min(count, many.get(phrase) ?? 0);
  return shared / Math.sqrt((one.size + 1) * (other.size + 1));
};

// The forms of a module begin on lines of their own, one space from the left.
const forms = readFileSync(source, "utf8").replace(/\)\s*$/, "").split(/\n (?=\()/);
const isFunction = (form) => form.startsWith("(func ");
const left = forms
  .filter(isFunction)
  .sort((one, other) => one.length - other.length)
  .map((form) => ({ form, phrases: phrasesOf(form) }));
const sorted = left.splice(0, 1);
while (left.length) {
  const last = sorted.at(-1).phrases;
  const values = left.map(({ phrases }) => likeness(last, phrases));
  sorted.push(...left.splice(values.indexOf(Math.max(...values)), 1));
}
const all = [...forms.filter((form) => !isFunction(form)), ...sorted.map(({ form }) => form)];
writeFileSync(target, `${all.join("\n ").replace(/ align=\d+/g, "")}\n)\n`);
