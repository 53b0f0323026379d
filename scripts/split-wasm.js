// One WebAssembly module goes in, as text; what a page starts with and the parts that load when they
// are needed come out: `node scripts/split-wasm.js client.wat folder part=regex ...`.
//
// A part has the functions whose names the expression finds, and all that these alone call. Memory,
// stack and allocator are those of the start, so a part is nothing but code. Modules call each other
// by imports, which name the module that has the function (js/engine.js provides them).
//
// `-name` leaves out what the module exports under this name.
//
// A panic is a trap (crates/client/src/browser.rs), so what would put its message together is left out,
// and its texts are zeros.

import { readFileSync, writeFileSync } from "node:fs";

const START = "start";
const PANIC = /4core(9panicking|3fmt)|handle_error|assert_failed/;
/** Where a panic is, and what it says of an index or a size: text that ends with a zero, and digits. */
const TEXTS =
  /(\/rustc\/|crates\/\w+\/src\/|index out of bounds: |(insertion|removal|swap_remove) index |memory allocation of )([^\\]|\\([1-9a-f].|0[1-9a-f]|[^0-9a-f]))*\\00|capacity overflow|0001020304\d{190}/g;
/** As many zeros as a text of the module's text form has bytes. */
const zeros = (text) => "\\00".repeat(text.replace(/\\([0-9a-f]{2}|.)/g, ".").length);

const [, , source, folder, ...wanted] = process.argv;
const dropped = wanted.filter((word) => word[0] === "-").map((word) => `(export "${word.slice(1)}"`);
const paths = new Map(
  wanted.filter((word) => word[0] !== "-").map((part) => {
    const [, name, path] = /^(\w+)=(.*)$/.exec(part);
    return [name, new RegExp(path)];
  }),
);

// The forms of a module begin on lines of their own, one space from the left.
const forms = readFileSync(source, "utf8")
  .replace(/\)\s*$/, "")
  .split(/\n (?=\()/)
  .slice(1)
  .map((form) => form.trimEnd())
  .filter((form) => !dropped.some((start) => form.startsWith(start)))
  .map((form) => (form.startsWith("(data ") ? form.replace(TEXTS, zeros) : form));
const kindOf = (form) => /^\((\w+)/.exec(form)[1];
const nameOf = (form) => /\$[^\s()]+/.exec(form)[0];

const functions = new Map();
for (const form of forms.filter((form) => kindOf(form) === "func")) functions.set(nameOf(form), form);
/** The parameters and the result of a function. */
const head = (name) => /^\(func \S+((?: \((?:param|result|type) [^()]*\))*)/.exec(functions.get(name))[1];
for (const name of functions.keys()) {
  if (PANIC.test(name)) functions.set(name, `(func ${name}${head(name)} (unreachable))`);
}
const calls = new Map();
for (const [name, form] of functions) {
  calls.set(name, [...form.matchAll(/\(call (\$[^\s()]+)/g)].map(([, callee]) => callee));
}

/** All that is called from these, but not through what is `shut`. */
const reach = (from, shut) => {
  const found = new Set();
  const todo = from.filter((name) => !shut(name));
  while (todo.length) {
    const name = todo.pop();
    if (found.has(name)) continue;
    found.add(name);
    todo.push(...calls.get(name).filter((name) => !shut(name)));
  }
  return found;
};

/** The functions of each module; what several parts call, and the start does not, is in each of these. */
const members = new Map();
const partOf = (name) => [...paths].find(([, path]) => path.test(name))?.[0];
// What has an address may be called from anywhere.
const roots = forms.filter((form) => /^\((export|elem) /.test(form)).flatMap((form) => form.match(/\$[^\s()]+/g) ?? []);
const rooted = new Set(roots.filter((name) => functions.has(name)));
members.set(START, reach([...rooted], (name) => !rooted.has(name) && partOf(name)));
for (const part of paths.keys()) {
  const isOther = (name) => members.get(START).has(name) || ![part, undefined].includes(partOf(name));
  members.set(part, reach([...functions.keys()].filter((name) => partOf(name) === part), isOther));
}
/** The module from which others import a function. */
const ownerOf = (name) => (members.get(START).has(name) ? START : partOf(name));

/** Names of functions that another module calls. */
const short = new Map();
const modules = new Map([...members.keys()].map((name) => [name, { imports: [], exports: [] }]));
for (const [module, { imports }] of modules) {
  const own = members.get(module);
  for (const name of new Set([...own].flatMap((name) => calls.get(name)))) {
    if (own.has(name)) continue;
    if (!short.has(name)) {
      short.set(name, short.size.toString(36));
      modules.get(ownerOf(name)).exports.push(name);
    }
    imports.push(name);
  }
}

const types = forms.filter((form) => kindOf(form) === "type");
const stack = nameOf(forms.find((form) => /^\(global \$\S+ \(mut i32\)/.test(form)));
for (const [module, { imports, exports }] of modules) {
  const own = [...functions.keys()].filter((name) => members.get(module).has(name)).map((name) => functions.get(name));
  if (!own.length) throw new Error(`no function of ${module} matches ${paths.get(module)}`);
  const isStart = module === START;
  if (!isStart && own.some((form) => form.includes("call_indirect"))) throw new Error(`${module} calls by an address`);
  const lines = [
    ...types,
    ...imports.map((name) => `(import "${ownerOf(name)}" "${short.get(name)}" (func ${name}${head(name)}))`),
    ...exports.map((name) => `(export "${short.get(name)}" (func ${name}))`),
    ...(isStart
      ? [`(export "stack" (global ${stack}))`, ...forms.filter((form) => !/^\((type|func) /.test(form))]
      : [`(import "${START}" "memory" (memory 1))`, `(import "${START}" "stack" (global ${stack} (mut i32)))`]),
    ...own,
  ];
  writeFileSync(`${folder}/${module}.wat`, `(module\n ${lines.join("\n ")}\n)\n`);
}
