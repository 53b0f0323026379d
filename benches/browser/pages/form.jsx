// 30 text inputs with a message and a state, 10 checkboxes, 10 text areas.
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { h } from "preact";

const byName = ({ name }) => name;

export const lit = ({ texts, checks, notes }) => html`<form>${repeat(texts, byName, (field) => html`<label
    id=${field.name} class=${field.state}>${field.label}<input name=${field.name} .value=${field.value}
    ><small>${field.message}</small></label>`)}${repeat(checks, byName, (field) => html`<label
    id=${field.name}><input type="checkbox" name=${field.name} .checked=${field.checked}>${field.label}</label
    >`)}${repeat(notes, byName, (field) => html`<label
    id=${field.name}>${field.label}<textarea name=${field.name} .value=${field.value}></textarea></label
    >`)}</form>`;

export const preact = ({ texts, checks, notes }) => (
  <form>
    {texts.map(({ name, state, label, value, message }) => (
      <label key={name} id={name} class={state}>
        {label}
        <input name={name} value={value} />
        <small>{message}</small>
      </label>
    ))}
    {checks.map(({ name, checked, label }) => (
      <label key={name} id={name}>
        <input type="checkbox" name={name} checked={checked} />
        {label}
      </label>
    ))}
    {notes.map(({ name, label, value }) => (
      <label key={name} id={name}>
        {label}
        <textarea name={name} value={value} />
      </label>
    ))}
  </form>
);

export const byHand = (root) => {
  const labels = [...root.firstChild.children];
  const inputs = labels.map((label) => label.querySelector("input,textarea"));
  const messages = labels.map((label) => label.querySelector("small")?.firstChild);
  return {
    // Attributes and properties: the user has touched the controls, and they can still be reset.
    fill({ texts, checks, notes }) {
      let index = 0;
      for (const [value, state, message] of texts) {
        labels[index].className = state;
        inputs[index].defaultValue = inputs[index].value = value;
        messages[index++].data = message;
      }
      for (const checked of checks) {
        inputs[index].defaultChecked = inputs[index].checked = checked;
        index++;
      }
      for (const value of notes) {
        inputs[index].defaultValue = inputs[index].value = value;
        index++;
      }
    },
  };
};
