// One value, 50 elements down.
import { html } from "lit-html";
import { h } from "preact";

const nest = (wrap, depth, child) => (depth ? nest(wrap, depth - 1, wrap(child)) : child);

export const lit = ({ leaf }) => nest((child) => html`<div>${child}</div>`, 50, html`<b>${leaf}</b>`);

export const preact = ({ leaf }) => nest((child) => <div>{child}</div>, 50, <b>{leaf}</b>);

export const byHand = (root) => {
  const text = root.querySelector("b").firstChild;
  return {
    leaf(value) {
      text.data = value;
    },
  };
};
