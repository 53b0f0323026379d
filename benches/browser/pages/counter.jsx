// A counter: the number stands in an attribute and in the text, and a class depends on it.
import { html } from "lit-html";
import { h } from "preact";

const parity = (odd) => (odd ? "odd" : "even");

export const lit = ({ count, odd }) =>
  html`<p data-count=${count} class=${parity(odd)}>${count}</p>`;

export const preact = ({ count, odd }) => (
  <p data-count={count} class={parity(odd)}>
    {count}
  </p>
);

export const byHand = (root) => {
  const paragraph = root.firstChild;
  const text = paragraph.firstChild;
  return {
    count(number) {
      paragraph.setAttribute("data-count", number);
      paragraph.className = parity(number % 2);
      text.data = number;
    },
  };
};
