// Rows of four cells, the last of which holds a condition.
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { h } from "preact";
import { prototype } from "./prototype.js";

export const lit = ({ rows }) =>
  html`<table><tbody>${repeat(rows, ({ id }) => id, ({ id, name, price, stock }) => html`<tr
    id="product-${id}"><td>${id}</td><td>${name}</td><td>${price}</td><td>${
      stock ? html`${stock} in stock` : html`<b>sold out</b>`
    }</td></tr>`)}</tbody></table>`;

export const preact = ({ rows }) => (
  <table>
    <tbody>
      {rows.map(({ id, name, price, stock }) => (
        <tr key={id} id={`product-${id}`}>
          <td>{id}</td>
          <td>{name}</td>
          <td>{price}</td>
          <td>{stock ? `${stock} in stock` : <b>sold out</b>}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const inStock = prototype("<tr><td>-<td>-<td>-<td>-");
const soldOut = prototype("<tr><td>-<td>-<td>-<td><b>sold out</b>");

export const byHand = (root) => {
  const body = root.querySelector("tbody");
  let names = [...body.rows].map((row) => row.cells[1].firstChild);
  return {
    create(rows) {
      for (const [id, name, price, stock] of rows) {
        const row = (stock ? inStock : soldOut).cloneNode(true);
        row.id = `product-${id}`;
        let cell = row.firstChild;
        cell.firstChild.data = id;
        cell = cell.nextSibling;
        names.push(cell.firstChild);
        cell.firstChild.data = name;
        cell = cell.nextSibling;
        cell.firstChild.data = price;
        if (stock) cell.nextSibling.firstChild.data = `${stock} in stock`;
        body.append(row);
      }
    },
    clear() {
      body.textContent = "";
      names = [];
    },
    rename([index, name]) {
      names[index].data = name;
    },
  };
};
