// The JavaScript of docs/patterns.md: what a person would write by hand does what the page says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";

const page = readFileSync(new URL("../../docs/patterns.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```js\n([^]*?)^```/gm)].map(([, source]) => source);
const [search, like, bus, drafts, cache] = await Promise.all(
  blocks.map((source) => import(`data:text/javascript,${encodeURIComponent(source)}`)),
);

const turn = () => new Promise((done) => setImmediate(done));
const element = (fields = {}) => Object.assign(new EventTarget(), { dataset: {} }, fields);

/** Answers requests with a function of their URL; notes them. */
const serve = (answer) => {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return answer(url);
  };
  return asked;
};

test("the table counts the lines", () => {
  const counts = [...page.matchAll(/\| (\d+) lines \|/g)].map(([, count]) => Number(count));
  assert.deepEqual(blocks.map((source) => source.trimEnd().split("\n").length), counts);
});

test("a search waits for a pause", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  globalThis.document = { createElement: () => ({}) };
  const asked = serve(() => ({ ok: true, json: async () => ["Lamp"] }));
  const input = element({ value: "" });
  const list = { replaceChildren: (...items) => (list.items = items) };
  search.debouncedSearch(input, list);
  for (const value of ["l", "la", "lam"]) {
    input.value = value;
    input.dispatchEvent(new Event("input"));
    mock.timers.tick(100);
  }
  assert.deepEqual(asked, []);
  input.dispatchEvent(new Event("blur"));
  await turn();
  mock.timers.tick(1000);
  assert.deepEqual(asked, ["/api/products/?query=lam"]);
  assert.equal(list.items[0].textContent, "Lamp");
});

test("a like shows at once and is taken back when it fails", async () => {
  const button = element({ ariaPressed: "false", dataset: { likes: "4" } });
  let works = true;
  serve(() => ({ ok: works, json: async () => ({ liked: true, likes: 9 }) }));
  like.likeButton(button, 7);
  button.dispatchEvent(new Event("click"));
  assert.equal(button.textContent, "♥ 5");
  await turn();
  assert.equal(button.textContent, "♥ 9");
  works = false;
  button.dispatchEvent(new Event("click"));
  assert.equal(button.textContent, "♡ 8");
  await turn();
  assert.equal(button.textContent, "♥ 9");
});

test("a bus tells all but the publisher, and ends circles", async () => {
  const made = new bus.StateBus();
  const select = element({ value: "new" });
  const summary = {};
  serve((url) => ({ text: async () => `of ${url}` }));
  bus.connectFilter(made, select, summary);
  select.dispatchEvent(new Event("change"));
  await turn();
  assert.equal(summary.textContent, "of /api/summary/?filter=new");
  let calls = 0;
  const warned = mock.method(console, "warn", () => {});
  made.subscribe("a", (value) => (calls++, made.publish("b", value + 1)));
  made.subscribe("b", (value) => (calls++, made.publish("a", value + 1)));
  made.publish("a", 0);
  assert.equal(calls, 8);
  assert.equal(warned.mock.callCount(), 1);
});

test("a draft comes back, without secrets, and to its user alone", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const store = {};
  const method = (value) => ({ value, enumerable: false });
  Object.defineProperties(store, {
    getItem: method((key) => store[key] ?? null),
    setItem: method((key, value) => (store[key] = value)),
    removeItem: method((key) => delete store[key]),
  });
  Object.defineProperty(globalThis, "localStorage", { value: store, configurable: true });
  const control = (name, type, value, checked) => ({ name, type, value, checked, autocomplete: "" });
  const form = (...values) =>
    element({ elements: [control("a", "text", values[0]), control("b", "checkbox", "on", values[1]), control("p", "password", values[2])] });
  const first = form("text", true, "secret");
  drafts.keepDraft(first, "contact", "ada");
  first.dispatchEvent(new Event("input"));
  mock.timers.tick(1000);
  assert.ok(!JSON.stringify(store).includes("secret"));
  const second = form("", false, "");
  const taken = drafts.keepDraft(second, "contact", "ada");
  assert.deepEqual(second.elements.map(({ value, checked }) => checked ?? value), ["text", true, ""]);
  const other = form("", false, "");
  drafts.keepDraft(other, "contact", "bob");
  assert.equal(other.elements[0].value, "");
  assert.deepEqual(Object.keys(store), []);
  taken();
});

test("an answer is kept for a while, by keys that do not collide", async () => {
  const made = new cache.AnswerCache({ size: 2 });
  let asked = 0;
  const load = async (params) => (asked++, JSON.stringify(params));
  for (const params of [["a:b", "c"], ["a", "b:c"], ["a:b", "c"]]) {
    assert.equal(await made.ask("ada", "find", params, load), JSON.stringify(params));
  }
  assert.equal(asked, 2);
  await made.ask("bob", "find", ["a", "b:c"], load);
  assert.equal(asked, 3);
  made.clear();
  await made.ask("bob", "find", ["a", "b:c"], load);
  assert.equal(asked, 4);
});
