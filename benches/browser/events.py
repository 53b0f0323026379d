"""Times events in headless Chromium: from the click to its bytes in the outbox, a flood of typing
through a debounce, and the change that a click is to make.

  python -m benches.browser.events

The page is that of a live view with a handler of each kind; a socket in the page answers. The clock of
the page has steps of 5 µs, so times are those of many events. `outbox` is what a click costs beyond one
that nothing listens to by name. A debounced event goes on when the typing pauses: however long that
takes, one is kept. `shown` is whether the page had changed when the click had been handled, and again
when the next animation frame began.
"""

import json
from base64 import b64encode
from statistics import median

import django
from django.conf import settings

from benches.browser.__main__ import SITE, chromium, publish, served

ROUNDS = 40
CLICKS = 50
FLOOD_SECONDS = 5
FLOOD_RATE = 10_000

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>events</title>
<link rel="icon" href="data:,"><body><p id="plain">nothing</p><main dj-root>{html}</main>
<script>{socket}</script>
<script src="djust.js" {files} data-options="1" data-socket="/"
 data-mount="token"></script></html>"""

SOCKET = """
const frames = %s.map((text) => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
window.sent = 0;
const answer = (socket, frame) => setTimeout(() => socket.onmessage({ data: frame.buffer }));
window.WebSocket = class {
  constructor() { setTimeout(() => this.onopen()); }
  send(bytes) {
    for (const frame of frames.splice(0)) answer(this, frame);
    // Events: their number comes next. All of them are handled, and nothing visible changed.
    if (bytes[0] !== 1) return;
    sent += bytes[1];
    answer(this, Uint8Array.of(3, 0, 0xce, sent >> 24, sent >> 16, sent >> 8, sent));
  }
  close() {}
};
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...parameters) => {
  const made = await instantiate.apply(WebAssembly, parameters);
  window.memory ??= (made.instance ?? made).exports.memory;
  return made;
};
document.addEventListener("djust:connected", () => (window.live = true));
const frame = () => new Promise(requestAnimationFrame);
// One task after the frame: what it asked for has left.
const rest = () => frame().then(frame).then(() => new Promise((done) => setTimeout(done, 5)));

/** Microseconds of a click on each element, over a frame's worth of clicks. */
window.clicks = async (selectors, rounds, count) => {
  const times = selectors.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, selector] of selectors.entries()) {
      const element = document.querySelector(selector);
      const start = performance.now();
      for (let n = 0; n < count; n++) element.click();
      times[index].push(((performance.now() - start) * 1000) / count);
      await rest();
    }
  }
  return times;
};

/** Types so often for so long; bytes of memory before and after, and how many events were sent. */
window.flood = async (selector, rate, seconds) => {
  const field = document.querySelector(selector);
  const held = () => (gc(), gc(), [memory.buffer.byteLength, performance.memory.usedJSHeapSize]);
  const type = (count) => {
    for (; count > 0; count--) field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  type(rate);
  await rest();
  const [before, had] = [held(), sent];
  const start = performance.now();
  let typed = 0;
  let longest = 0;
  while (performance.now() - start < seconds * 1000) {
    const now = performance.now();
    const due = Math.floor(((now - start) / 1000) * rate) - typed;
    type(due);
    typed += due;
    longest = Math.max(longest, performance.now() - now);
    await new Promise((done) => setTimeout(done));
  }
  return { typed, took: performance.now() - start, longest, before, after: held(), sent: sent - had };
};

/** What a click that shows its change at once costs, and when the change is there. */
window.optimistic = async (button, text, rounds) => {
  const [element, shown] = [button, text].map((selector) => document.querySelector(selector));
  const found = { handled: 0, framed: 0, times: [] };
  for (let round = 0; round < rounds; round++) {
    const before = shown.textContent;
    const framed = frame().then(() => shown.textContent !== before);
    const start = performance.now();
    element.click();
    found.times.push((performance.now() - start) * 1000);
    found.handled += shown.textContent !== before;
    found.framed += await framed;
    await rest();
  }
  return found;
};
"""


def main() -> None:
    settings.configure(
        INSTALLED_APPS=["djust"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        SECRET_KEY="only for a bench",
        USE_TZ=True,
    )
    django.setup()
    build()
    with served() as address, chromium(address) as page:
        page.goto(f"{address}events.html")
        page.wait_for_function("window.live")
        page.wait_for_timeout(1000)
        elements = ["#plain", "#plain-event", "#quiet"]
        page.evaluate("(all) => clicks(all, 10, 50)", elements)
        plain, bare, quiet = page.evaluate(
            "([all, rounds, count]) => clicks(all, rounds, count)", [elements, ROUNDS, CLICKS]
        )
        flood = page.evaluate(
            "([rate, seconds]) => flood('#typed', rate, seconds)", [FLOOD_RATE, FLOOD_SECONDS]
        )
        optimistic = page.evaluate("optimistic('#like', '#count', 50)")
    print("From the event to its bytes in the outbox, median (minimum) in µs; the goal is 50")
    for name, times in [("no parameters", bare), ("three parameters", quiet)]:
        beyond = [time - base for time, base in zip(times, plain, strict=True)]
        print(f"  {name:<18}{median(beyond):>8.1f} ({min(beyond):.1f})")
    print("Typing through a debounce")
    rate = flood["typed"] / flood["took"] * 1000
    grown = [after - before for before, after in zip(flood["before"], flood["after"], strict=True)]
    print(f"  {flood['typed']:,} events, {rate:,.0f} a second, of which {flood['sent']} sent")
    print(f"  memory of the engine {grown[0]:+,} bytes, of scripts {grown[1]:+,} bytes")
    times = optimistic["times"]
    print("A change that a click shows at once")
    print(f"  the click takes {median(times):.0f} ({min(times):.0f}) µs; {len(times)} clicks:")
    print(
        f"  shown when the click was handled {optimistic['handled']},"
        f" when the next frame began {optimistic['framed']}"
    )


def build() -> None:
    """Writes the page of a live view, and the frames that its server would send."""
    from djust import LiveView, debounce, event_handler
    from djust.testing import LiveViewTestClient

    class EventsView(LiveView):
        template_string = """
            <button id="plain-event" dj-click="bare">bare</button>
            <button id="quiet" dj-click="tell" data-a="1" data-b="two" data-c="3.5">tell</button>
            <input id="typed" dj-input="search" name="query" value="laptop">
            <button id="like" dj-click="bare" dj-optimistic="count:count+1">like</button>
            <p id="count">{{ count }}</p>
        """
        count = 0

        @event_handler
        def bare(self):
            pass

        @event_handler
        def tell(self, a: int, b: str, c: float):
            pass

        @debounce(wait=0.3)
        def search(self, query: str):
            pass

    client = LiveViewTestClient(EventsView).mount()
    frames = json.dumps([b64encode(frame).decode() for frame in client.frames])
    page = PAGE.format(html=client.html, socket=SOCKET % frames, files=publish())
    (SITE / "events.html").write_text(page)


if __name__ == "__main__":
    main()
