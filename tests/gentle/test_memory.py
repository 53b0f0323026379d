"""A page that lives long: what the engine holds follows what is shown, not how often it changed.

``make campaign-memory`` runs this with ten thousand mounts and a million patches.
"""

import os
from base64 import b64encode

import pytest

from tests.gentle.scenes import scene

MOUNTS = int(os.environ.get("MOUNTS", "500"))
PATCHES = int(os.environ.get("PATCHES", "20000"))
# So many at once: a driver waits for an answer as long as for a page, and a browser must breathe.
SLICE = 500

TEMPLATE = """<section><h2 title="{{ q }}">{{ q }}</h2><input value="{{ q }}">
<ul>{% for row in rows %}<li id="r{{ row.id }}" class="{{ row.kind }}">{{ row.name }}
{% if row.on %}<b dj-click="off({{ row.id }})">on</b>{% else %}off{% endif %}</li>{% endfor %}</ul>
<p>{{ text }}</p>{{ html|safe }}</section>"""

# Counts what a page holds, before any other script of it runs.
COUNT = """
const held = (window.held = { listeners: 0, timers: new Set(), memories: [] });
const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
EventTarget.prototype.addEventListener = function (...given) {
  held.listeners++;
  return add.apply(this, given);
};
EventTarget.prototype.removeEventListener = function (...given) {
  held.listeners--;
  return remove.apply(this, given);
};
const start = (begin, again) => (callback, ...rest) => {
  const id = begin((...given) => {
    if (!again) held.timers.delete(id);
    callback(...given);
  }, ...rest);
  held.timers.add(id);
  return id;
};
const stop = (end) => (id) => (held.timers.delete(id), end(id));
window.setTimeout = start(setTimeout.bind(window), false);
window.setInterval = start(setInterval.bind(window), true);
window.clearTimeout = stop(clearTimeout.bind(window));
window.clearInterval = stop(clearInterval.bind(window));
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  held.memories.push(made.exports.memory);
  return made;
};
window.holds = () => ({ listeners: held.listeners, timers: held.timers.size });
"""

# The n-th frame of a root has the number n: recorded frames are numbered anew.
CAMPAIGN = """
const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const uint = (n) => n < 128 ? [n] : n < 256 ? [0xcc, n] : n < 65536 ? [0xcd, n >> 8, n & 255]
  : [0xce, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const numbered = (frame, n) => {
  const number = uint(n);
  const made = new Uint8Array(frame.length - 1 + number.length);
  made.set(frame.subarray(0, 2));
  made.set(number, 2);
  made.set(frame.subarray(3), 2 + number.length);
  return made;
};
const main = document.querySelector("main");
const state = () => ({
  pages: held.memories[0].buffer.byteLength / 65536,
  listeners: held.listeners,
  timers: held.timers.size,
});
let module, first, updates, root, number;
window.campaign = {
  async begin(frames) {
    module = await import("/static/pkg/djust.js");
    [first, ...updates] = frames.map(bytes);
    await module.init();
    // What runs first compiles, and fills the pools of the allocator.
    this.open();
    this.patch(updates.length * 100);
    this.close();
    this.mount(100);
    // The warm-up takes its time as well.
    await new Promise((done) => setTimeout(done, 500));
    return state();
  },
  mount(count) {
    for (let n = 0; n < count; n++) {
      const root = module.mount(main, first);
      root.apply(updates[0]);
      root.unmount();
    }
    return state();
  },
  open() {
    root = module.mount(main, first);
    number = 1;
  },
  patch(count) {
    for (let n = 0; n < count; n++) {
      root.apply(numbered(updates[(number - 1) % updates.length], ++number));
    }
  },
  /** Ends the root; whether it showed what a fresh one shows after the same steps. */
  close() {
    const shown = main.innerHTML;
    root.unmount();
    const after = state();
    const steps = (number - 1) % updates.length;
    this.open();
    this.patch(steps);
    const same = main.innerHTML === shown;
    root.unmount();
    return { ...after, same, left: main.innerHTML };
  },
};
"""

PAGE = f"<!doctype html><main></main><script>{COUNT}{CAMPAIGN}</script>"


@pytest.fixture(scope="module")
def frames(with_django):
    """The frames of a page that goes through six states and comes back to the first."""
    from django.template import Engine

    from djust.testing import FrameRecorder

    def state(number):
        rows = [
            {"id": n, "name": f"row {n * number}", "kind": "odd" if n % 2 else "", "on": n % 3 == 0}
            for n in range(number % 4, 12 - number)
        ]
        return {
            "q": f"question {number}",
            "rows": rows[::-1] if number == 4 else rows,
            "text": "a text of some length that goes on " * (1 + number),
            "html": "<i>é</i>" * number,
        }

    recorder = FrameRecorder(Engine().from_string(TEMPLATE))
    sent = [recorder.mount(state(0)), *(recorder.update(state(n)) for n in (1, 2, 3, 4, 5, 0))]
    return [b64encode(frame).decode() for frame in sent]


def test_mounts_and_patches_leave_nothing_behind(driver, address, frames):
    driver.get(f"{address}/memory/")

    def call(name, *arguments):
        return driver.execute_async_script(
            "const [name, given, done] = arguments;"
            "(async () => campaign[name](...given))().then(done, (error) => done(`${error}`));",
            *(name, arguments),
        )

    before = call("begin", frames)
    for _ in range(0, MOUNTS, SLICE):
        mounted = call("mount", SLICE)
    call("open")
    for _ in range(0, PATCHES, SLICE):
        assert call("patch", SLICE) is None
    after = call("close")
    print(driver.engine, MOUNTS, PATCHES, before, mounted, after)
    assert (after.pop("same"), after.pop("left")) == (True, "")
    growth = after.pop("pages") - before.pop("pages")
    assert growth <= 1, f"{growth} pages of 64 KiB"
    mounted.pop("pages")
    assert before == mounted == after


HEAD = f'<script nonce="{{{{ view.request.csp_nonce }}}}">{COUNT}</script>'


@scene(
    "<button dj-click='refuse'>go</button><input dj-input='typed' dj-debounce='20'><p>{{ q }}</p>",
    head=HEAD,
    q="",
)
def test_reconnects_and_events_leave_no_listener_and_no_timer(page):
    def work():
        page.reconnect()
        before = page.turn()
        page.type("input", "a")
        page.answered(before)
        page.show(q="")
        page.until("held.timers.size <= 2")
        return page.run("holds()")

    first = work()
    for _ in range(10):
        last = work()
    assert last == first
