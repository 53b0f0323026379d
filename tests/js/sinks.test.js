// The scripts as they are shipped go in: markup can become nodes at one place in each bundle, which
// asks the Trusted Types policy `djust`, and text can become code nowhere. Lazy modules have no such
// place at all.
//
// What a name means is not known to a parser, so any use of a sink's name counts, as a property, an
// identifier or a text. A name that is put together while the page runs would not be seen; the pages of
// tests/gentle enforce the policy in three engines as well.

import { parse } from "acorn";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../pkg/", import.meta.url);
const bundles = readdirSync(folder).filter((name) => name.endsWith(".js"));
const STARTS = ["djust.js", "djust-page.js"];

/** Names by which text becomes nodes or code. */
const SINKS = [
  ...["innerHTML", "insertAdjacentHTML", "createContextualFragment", "setHTML", "setHTMLUnsafe"],
  ...["parseHTML", "parseHTMLUnsafe", "parseFromString", "DOMParser", "XSLTProcessor"],
  ...["write", "writeln", "eval", "Function", "execScript", "importScripts", "insertHTML"],
];
/** Names that are read, and by which nothing may be written. */
const READ_ONLY = ["outerHTML", "srcdoc", "src", "href", "text", "innerText"];

/** Every node of a script, with its parents. */
function* nodesOf(node, parents = []) {
  if (node.type) yield [node, parents];
  for (const value of Object.values(node)) {
    const below = node.type ? [node, ...parents] : parents;
    if (value && typeof value === "object") yield* nodesOf(value, below);
  }
}

const scriptOf = (bundle) => {
  const source = readFileSync(new URL(bundle, folder), "utf8");
  return [...nodesOf(parse(source, { ecmaVersion: "latest", sourceType: "module" }))];
};

/** What a member is called: `a.b` and `a["b"]`; nothing if that is known only when it runs. */
const nameOf = ({ type, property, computed }) =>
  type === "MemberExpression" ? (computed ? property.value : property.name) : undefined;

/** The uses of sinks: whether they are assignments, and of what. */
const sinksIn = (script) =>
  script.flatMap(([node, [parent, above]]) => {
    const { type } = node;
    // What is added to a text is read, and escaped.
    if (nameOf(parent ?? {}) === "innerHTML" && above.type === "BinaryExpression") return [];
    if (type === "Identifier" && SINKS.includes(node.name)) {
      const isOurs = parent.type === "Property" || parent.property === node;
      return isOurs && !/HTML|eval|Function|Script|DOM/.test(node.name) ? [] : [[node.name, parent]];
    }
    if (type === "Literal" && SINKS.includes(node.value)) return [[node.value, parent]];
    return [];
  });

for (const bundle of bundles) {
  const script = scriptOf(bundle);

  test(`${bundle}: markup becomes nodes ${STARTS.includes(bundle) ? "once" : "nowhere"}`, () => {
    const used = sinksIn(script);
    assert.deepEqual(
      used.map(([name]) => name),
      STARTS.includes(bundle) ? ["innerHTML"] : [],
    );
    for (const [, member] of used) {
      const [assignment] = script.filter(([node]) => node.left === member);
      assert.equal(assignment?.[0].operator, "=");
      // What is assigned is what the policy made: `trusted(…)`, which minifying may have inlined.
      const { right } = assignment[0];
      const maker = ({ type, id }) => type === "VariableDeclarator" && id.name === right.callee?.name;
      const [made = right] = script.map(([node]) => node).filter(maker);
      const names = [...nodesOf(made)].map(([node]) => nameOf(node));
      assert.ok(names.includes("createHTML"), "the policy is asked");
    }
  });

  test(`${bundle}: there is ${STARTS.includes(bundle) ? "one policy" : "no policy"}`, () => {
    const calls = script.filter(([node]) => nameOf(node.callee ?? {}) === "createPolicy");
    const names = calls.map(([node]) => node.arguments[0].value);
    assert.deepEqual(names, STARTS.includes(bundle) ? ["djust"] : []);
  });

  test(`${bundle}: nothing is written that loads or runs`, () => {
    for (const [node] of script) {
      const name = nameOf(node.type === "AssignmentExpression" ? node.left : {});
      assert.ok(!READ_ONLY.includes(name), `.${name} is written`);
      const called = node.type === "CallExpression" && (node.callee.name ?? nameOf(node.callee));
      const [first] = node.arguments ?? [];
      if (/^set(Timeout|Interval)$/.test(called)) {
        assert.ok(!/Literal/.test(first.type), "a timer takes a function");
      }
      if (called === "createElement") assert.notEqual(first.value, "script");
      if (called === "execCommand") assert.equal(first.value, "copy");
    }
  });
}

test("modules are imported by the address that the script tag names", () => {
  const imports = bundles.flatMap((bundle) =>
    scriptOf(bundle).filter(([node]) => node.type === "ImportExpression"),
  );
  assert.deepEqual(
    imports.map(([node]) => [node.source.type, node.source.computed]),
    [["MemberExpression", true]],
  );
});
