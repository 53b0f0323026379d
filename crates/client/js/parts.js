// A part, its node and its values go in; the node shows them.
// A value is a string, an integer, or `{ html }`: source that the server declared as HTML.

import * as controls from "./controls.js";
import { decodeAttribute, decodeText, parse, parseGroup } from "./markup.js";
import { morph } from "./morph.js";
import { ATTRIBUTE, ATTRIBUTES, CONDITION, ESCAPED_TEXT, TEXT } from "./template.js";

/** The nodes of a raw HTML value, by the text node that ends them. */
export const raws = new WeakMap();

/** The attributes that a group set, by element and part. */
const groups = new WeakMap();

/** The whole text of an attribute, element or comment: its statics with the values between. */
export const joined = (part, values, order, decode) => {
  let text = part.statics[0];
  for (let index = 0; index < order.length; index++) {
    const value = values[order[index]];
    text += (value.html === undefined ? value : decode(value.html)) + part.statics[index + 1];
  }
  return text;
};

/** The text of a `textarea` or `title`. */
export const escapedText = (part, values, order) => {
  const text = joined(part, values, order, decodeText);
  return part.trims && !part.statics[0] && text[0] === "\n" ? text.slice(1) : text;
};

/** The attributes that a group stands for, without those that the tag names before it. */
export const groupOf = (part, value) => {
  const group = new Map(parseGroup(value.html ?? String(value)));
  for (const name of part.taken) group.delete(name);
  return group;
};

/** Sets an attribute, or takes it away when the value is null. */
export const setAttribute = (element, name, value, namespace = null) => {
  if (value === null) element.removeAttribute(name);
  else if (namespace) element.setAttributeNS(namespace, name, value);
  else element.setAttribute(name, value);
};

const writeGroup = (part, element, group) => {
  let known = groups.get(element);
  if (!known) groups.set(element, (known = new Map()));
  const old = known.get(part);
  known.set(part, group);
  for (const name of old?.keys() ?? []) {
    if (group.has(name)) continue;
    setAttribute(element, name, null);
    controls.sync(element, name);
  }
  for (const [name, value] of group) {
    if (element.getAttribute(name) === value) continue;
    setAttribute(element, name, value);
    controls.sync(element, name);
  }
};

/**
 * Shows the values of a part. `values[order[n]]` is the value of its n-th hole.
 * Returns the first node when that is a new one: the value was HTML.
 */
export const write = (part, node, values, order, flags) => {
  const { kind } = part;
  // A hole that the parser dropped (an attribute named twice) has no node.
  if (!node || kind >= CONDITION) return;
  if (kind === TEXT) {
    let value = values[order[0]];
    if (value.html !== undefined || raws.has(node)) {
      const html = value.html ?? "";
      const old = raws.get(node) ?? [];
      const nodes = morph(node.parentNode, old, [...parse(html, flags).childNodes], node);
      if (html) raws.set(node, nodes);
      else raws.delete(node);
      node.data = value.html === undefined ? value : "";
      return nodes[0] ?? node;
    }
    if (part.trims && value[0] === "\n") value = value.slice(1);
    node.data = value;
  } else if (kind === ATTRIBUTE) {
    setAttribute(node, part.name, joined(part, values, order, decodeAttribute), part.namespaceURI);
    if (part.control || part.name === "muted") follow(node, part.name);
  } else if (kind === ATTRIBUTES) {
    if (part.control) controls.bind(node);
    writeGroup(part, node, groupOf(part, values[order[0]]));
  } else {
    const text =
      kind === ESCAPED_TEXT
        ? escapedText(part, values, order)
        : joined(part, values, order, String);
    if (node.nodeType === 8) node.data = text;
    else node.textContent = text;
    if (part.control) follow(node, "value");
  }
};

const follow = (element, name) => {
  if (/^(value|checked|selected)$/.test(name)) controls.bind(element);
  controls.sync(element, name);
};

/** Brings the served node of a part in step with its values; says whether it differed. */
export const adoptPart = (part, node, values, order) => {
  const { kind } = part;
  if (part.control && (kind > ATTRIBUTE || /^(value|checked|selected)$/.test(part.name))) {
    controls.bind(node);
  }
  if (kind === ATTRIBUTE) {
    const text = joined(part, values, order, decodeAttribute);
    if (node.getAttribute(part.name) === text) return false;
  } else if (kind === ATTRIBUTES) {
    const group = groupOf(part, values[order[0]]);
    let known = groups.get(node);
    if (!known) groups.set(node, (known = new Map()));
    let same = true;
    for (const [name, value] of group) same &&= node.getAttribute(name) === value;
    known.set(part, group);
    if (same) return false;
  } else if (kind === ESCAPED_TEXT) {
    const text = escapedText(part, values, order);
    if ((node.defaultValue ?? node.textContent) === text) return false;
  } else if (kind < CONDITION) {
    const text = joined(part, values, order, String);
    if ((node.nodeType === 8 ? node.data : node.textContent) === text) return false;
  }
  if (kind === ATTRIBUTES) groups.get(node).delete(part);
  write(part, node, values, order, 0);
  return true;
};

/** Takes away the attributes that a group of an older state left on a served element. */
export const stripGroups = (wanted, node, parts, values) => {
  if (!parts.some((part) => part.kind === ATTRIBUTES)) return;
  const names = new Set([...wanted.attributes].map(({ name }) => name));
  for (const part of parts) {
    if (part.kind === ATTRIBUTE) names.add(part.name);
    else if (part.kind === ATTRIBUTES) {
      for (const name of groupOf(part, values[part.slots[0]]).keys()) names.add(name);
    }
  }
  for (const { name } of [...node.attributes]) {
    if (names.has(name)) continue;
    node.removeAttribute(name);
    controls.sync(node, name);
  }
};
