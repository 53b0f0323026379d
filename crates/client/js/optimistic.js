// A `dj-optimistic` goes in, the option for its event comes out. What it says of variables is read in
// Rust; what it says of classes is done here, and laid over what the server writes until the event is
// answered:
//
//     class:read          the element gets the class
//     class:-new          it loses it
//     class:!open         it gets or loses it
//     #panel class:busy   the same of other elements, by a selector
//
// With `dj-target` and no selector, it is the target that changes.

import { count } from "./events.js";

/** The changes of classes that are not confirmed, by the number of their event. */
const open = new Map();

const all = () => [...open.values()].flat();

const put = (change) => {
  const { classList } = change.element;
  change.had = classList.contains(change.name);
  classList.toggle(change.name, change.sign ? change.sign === "!" && !change.had : true);
};

const takeBack = ({ element, name, had }) => element.classList.toggle(name, had);

const select = (selector) => {
  try {
    return document.querySelectorAll(selector);
  } catch {
    return [];
  }
};

/**
 * @param nodeOf `(element) => number`: a node of the instance in which an element stands
 * @returns `[source, node, number]`; the event carries the number among its changes
 */
export const mean = (element, nodeOf) => {
  const source = element.getAttribute("dj-optimistic");
  const number = count();
  const changes = [];
  for (const part of source.split("|")) {
    const [said, selector, sign, name] = /^\s*(.+\s)?class:([!-]?)(\S+)\s*$/.exec(part) ?? [];
    const target = selector ?? element.getAttribute("dj-target");
    for (const each of !said ? [] : target ? select(target) : [element]) {
      const change = { element: each, sign, name };
      put(change);
      changes.push(change);
    }
  }
  if (changes.length) open.set(number, changes);
  return [source, nodeOf(element), number];
};

/** Shows the page as the server has it, for the time of a frame. */
export const lift = () => {
  if (open.size) all().reverse().forEach(takeBack);
};

/** Shows again what is still open. */
export const relay = () => {
  if (open.size) all().forEach(put);
};

/** The event with this number was answered. Between `lift` and `relay`. */
export const drop = (number) => open.delete(number);
