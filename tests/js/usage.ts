// What pages write, checked against the types of the package: `tsc` must find no error here.

import { init, mount, type Root } from "../../pkg/djust.js";
import type { Djust, ErrorDetail, Hook } from "../../pkg/djust.js";

// The engine alone.
const start = async (element: Element, frames: AsyncIterable<Uint8Array>): Promise<void> => {
  await init();
  await init(fetch("/static/djust.wasm"));
  let root: Root | undefined;
  for await (const frame of frames) {
    if (root) root.apply(frame);
    else root = mount(element, frame, { hydrate: true });
  }
  root?.unmount();
};

// A live page, before or after our script.
window.djust = window.djust || {};
window.djust.hooks = {
  Chart: {
    mounted() {
      this.points = JSON.parse(this.el.dataset.values ?? "[]");
      this.handleEvent("point", ({ x, y }) => this.draw(x, y));
      this.el.onclick = () => this.pushEvent("zoom", { factor: 2, range: [0, 1] });
    },
    draw(x: number, y: number) {
      this.points.push([x, y]);
    },
    updated() {
      this.points.length = 0;
    },
  },
};

const djust = window.djust as Djust;
const hook: Hook = { destroyed() {}, reconnected() {} };
djust.hooks.Other = hook;
djust.pushEvent("save", { title: "x", tags: ["a"], done: true, nested: { n: null } });
const end: () => void = djust.on("flash", (payload) => console.log(payload));
end();
if (djust.connection.state === "offline") location.reload();

const endUse: () => void = djust.use("trim", {
  event(event, next) {
    if (event.element?.matches(".draft")) return;
    if (typeof event.params.value === "string") event.params.value = event.params.value.trim();
    setTimeout(next, 10);
  },
});
endUse();
// @ts-expect-error: an interceptor takes events.
djust.use("none", {});

document.addEventListener("djust:error", (event) => {
  const { code, message, event: id }: ErrorDetail = event.detail;
  console.log(code.length, message, id + 1);
  event.preventDefault();
});
document.addEventListener("djust:copied", ({ detail }) => console.log(detail.text.length));
document.addEventListener("djust:unconfirmed", ({ detail }) => console.log(detail.names.join()));

document.addEventListener("djust:rollback", (event) => {
  if (event.detail.reason === "timeout") event.preventDefault();
  // @ts-expect-error: there is no such reason.
  if (event.detail.reason === "mood") console.log(event.detail.handler);
});
document.addEventListener("djust:answered", ({ detail: { form, isTaken } }) => {
  if (isTaken) form.reset();
});
document.addEventListener("djust:restored", ({ target }) => console.log(target));
document.addEventListener("djust:copy-failed", ({ detail: { text, error } }) => console.log(text, error));
document.addEventListener("djust:push", ({ detail: { name, payload, view } }) =>
  console.log(name, payload, view.id),
);
document.addEventListener("djust:connected", () => console.log(djust.connection.state));
document.addEventListener("djust:disconnected", () => console.log(djust.connection.state));

document.addEventListener("djust:busy", ({ detail: { element, handler, busy } }) =>
  element?.classList.toggle(`is-${handler}`, busy),
);
const stop: () => void = djust.stateBus.subscribe("filter", (value) => console.log(value));
djust.stateBus.set("filter", { query: djust.stateBus.get("filter") ?? "" });
stop();

// @ts-expect-error: parameters are what MessagePack carries.
djust.pushEvent("save", { at: new Date() });
// @ts-expect-error: there is no such state.
if (djust.connection.state === "asleep") location.reload();
// @ts-expect-error: a frame is bytes.
mount(document.body, "frame");
// @ts-expect-error: a callback has a moment of its own.
const wrong: Hook = { mounted: "soon" };

export { start, wrong };
