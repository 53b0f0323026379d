// The table of js-framework-benchmark: two values and a class in each row.
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { h } from "preact";
import { prototype } from "./prototype.js";

export const lit = ({ rows, selected }) =>
  html`<table><tbody>${repeat(rows, ({ id }) => id, ({ id, label }) => html`<tr
    id="row-${id}" class=${id === selected ? "danger" : ""}><td class="col-md-1">${id}</td><td
    class="col-md-4"><a>${label}</a></td><td
    class="col-md-1"><a><span class="remove" aria-hidden="true"></span></a></td><td
    class="col-md-6"></td></tr>`)}</tbody></table>`;

export const preact = ({ rows, selected }) => (
  <table>
    <tbody>
      {rows.map(({ id, label }) => (
        <tr key={id} id={`row-${id}`} class={id === selected ? "danger" : ""}>
          <td class="col-md-1">{id}</td>
          <td class="col-md-4">
            <a>{label}</a>
          </td>
          <td class="col-md-1">
            <a>
              <span class="remove" aria-hidden="true" />
            </a>
          </td>
          <td class="col-md-6" />
        </tr>
      ))}
    </tbody>
  </table>
);

const blank = prototype(
  '<tr class><td class="col-md-1">-</td><td class="col-md-4"><a>-</a></td>' +
    '<td class="col-md-1"><a><span class="remove" aria-hidden="true"></span></a></td>' +
    '<td class="col-md-6"></td></tr>',
);

export const byHand = (root) => {
  const body = root.querySelector("tbody");
  let rows = [...body.rows];
  let labels = rows.map((row) => row.cells[1].firstChild.firstChild);
  let selected = body.querySelector(".danger");

  const insert = (before, [id, label]) => {
    const row = blank.cloneNode(true);
    row.id = `row-${id}`;
    const cell = row.firstChild;
    cell.firstChild.data = id;
    const text = cell.nextSibling.firstChild.firstChild;
    text.data = label;
    body.insertBefore(row, before);
    return [row, text];
  };
  const append = (added) => {
    for (const values of added) {
      const [row, text] = insert(null, values);
      rows.push(row);
      labels.push(text);
    }
  };
  const clear = () => {
    body.textContent = "";
    rows = [];
    labels = [];
  };
  // The rows in their new order; from the end, so that the next row stands where it belongs.
  const arrange = (order) => {
    rows = order.map((index) => rows[index]);
    labels = order.map((index) => labels[index]);
    let before = null;
    for (let index = rows.length - 1; index >= 0; index--) {
      if (rows[index].nextSibling !== before) body.moveBefore(rows[index], before);
      before = rows[index];
    }
  };

  return {
    append,
    clear,
    replace(next) {
      clear();
      append(next);
    },
    rename(changes) {
      for (const [index, label] of changes) labels[index].data = label;
    },
    select(index) {
      if (selected) selected.className = "";
      selected = rows[index];
      selected.className = "danger";
    },
    swap([first, second]) {
      const [one, two] = [rows[first], rows[second]];
      const after = two.nextSibling;
      body.moveBefore(two, one.nextSibling);
      body.moveBefore(one, after);
      [rows[first], rows[second]] = [two, one];
      [labels[first], labels[second]] = [labels[second], labels[first]];
    },
    remove(index) {
      rows[index].remove();
      rows.splice(index, 1);
      labels.splice(index, 1);
    },
    insert([index, values]) {
      const [row, text] = insert(rows[index], values);
      rows.splice(index, 0, row);
      labels.splice(index, 0, text);
    },
    truncate(length) {
      for (const row of rows.splice(length)) row.remove();
      labels.length = length;
    },
    reverse() {
      rows.reverse();
      labels.reverse();
      for (const row of rows) body.moveBefore(row, null);
    },
    arrange,
  };
};
