// Who takes part. `show(root, scene)` brings the start of a case to an empty element, and gives
// `update(number)`, which makes the page show the state after the n-th update. An update starts
// from what its library would find in memory when the news has come:
//   djust       the bytes of an update frame (deltas), or of a mount frame (whole trees)
//   by hand     the text of a JSON list of edits
//   lit-html, preact   the new state as an object (nothing to parse: that is in their favour)
//   morphdom, idiomorph   the text of the new HTML
// `attributes` is false for those that write the state of controls to properties alone.
import { Idiomorph } from "idiomorph";
import { render as renderLit } from "lit-html";
import morphdom from "morphdom";
import { h, render as renderPreact } from "preact";
import { init, mount } from "../../pkg/djust.js";

export { init };

const fromFrames = (kind) => ({
  show(root, { frames }) {
    const view = mount(root, frames[kind][0]);
    return { update: (number) => view.apply(frames[kind][number]), end: () => view.unmount() };
  },
});

const fromHtml = (morph) => ({
  show(root, { start, step }) {
    root.innerHTML = start.html;
    const element = root.firstChild;
    return { update: (number) => morph(element, step(number).html) };
  },
});

const fromState = (render) => ({
  attributes: false,
  show(root, { start, step, page }) {
    render(root, page, start.state);
    return { update: (number) => render(root, page, step(number).state) };
  },
});

export const contenders = {
  "by hand": {
    show(root, { start, step, page }) {
      root.innerHTML = start.html;
      const edits = page.byHand(root);
      return {
        update(number) {
          const [name, value] = JSON.parse(step(number).edit);
          edits[name](value);
        },
      };
    },
  },
  djust: fromFrames("deltas"),
  "djust, trees": fromFrames("trees"),
  "lit-html": fromState((root, page, state) => renderLit(page.lit(state), root)),
  preact: fromState((root, page, state) => renderPreact(h(page.preact, state), root)),
  morphdom: fromHtml((element, html) => morphdom(element, html)),
  idiomorph: fromHtml((element, html) => Idiomorph.morph(element, html)),
};
