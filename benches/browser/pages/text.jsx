// One long text, as an answer that is still being written.
import { html } from "lit-html";
import { h } from "preact";

export const lit = ({ text }) => html`<article><p>${text}</p></article>`;

export const preact = ({ text }) => (
  <article>
    <p>{text}</p>
  </article>
);

export const byHand = (root) => {
  const node = root.querySelector("p").firstChild;
  return {
    write(text) {
      node.data = text;
    },
    // With layout, the quickest way to do it (docs/decisions/growing-texts.md).
    add(text) {
      node.appendData(text);
    },
  };
};
