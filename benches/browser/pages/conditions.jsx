// 20 sections, each with three conditions one in the other.
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { h } from "preact";
import { prototype } from "./prototype.js";

export const lit = ({ parts }) => html`<div>${repeat(parts, ({ id }) => id, (part) => html`<section id=${part.id}>${
      part.open
        ? html`<h3>${part.title}</h3>${
            part.details
              ? html`<p>${part.text}${part.note ? html`<b>${part.note}</b>` : html`<i>no note</i>`}</p>`
              : nothing
          }`
        : html`<em>closed</em>`
    }</section>`)}</div>`;

export const preact = ({ parts }) => (
  <div>
    {parts.map(({ id, open, title, details, text, note }) => (
      <section key={id} id={id}>
        {open ? (
          [
            <h3>{title}</h3>,
            details && (
              <p>
                {text}
                {note ? <b>{note}</b> : <i>no note</i>}
              </p>
            ),
          ]
        ) : (
          <em>closed</em>
        )}
      </section>
    ))}
  </div>
);

const heading = prototype("<h3>-");
const paragraph = prototype("<p>-");
const bold = prototype("<b>-");
const noNote = prototype("<i>no note");
const closed = prototype("<em>closed");

const filled = (node, text) => {
  const clone = node.cloneNode(true);
  clone.firstChild.data = text;
  return clone;
};

export const byHand = (root) => {
  const sections = [...root.firstChild.children];
  const noteOf = (note) => (note ? filled(bold, note) : noNote.cloneNode(true));
  const detailsOf = ([text, note]) => {
    const details = filled(paragraph, text);
    details.append(noteOf(note));
    return details;
  };
  const edits = {
    open([index, title, details]) {
      sections[index].firstChild.replaceWith(filled(heading, title));
      if (details) sections[index].append(detailsOf(details));
    },
    close([index]) {
      sections[index].textContent = "";
      sections[index].append(closed.cloneNode(true));
    },
    details([index, details]) {
      if (details) sections[index].append(detailsOf(details));
      else sections[index].lastChild.remove();
    },
    note([index, note]) {
      sections[index].lastChild.lastChild.replaceWith(noteOf(note));
    },
  };
  return {
    flip(list) {
      for (const [kind, ...values] of list) edits[kind](values);
    },
  };
};
