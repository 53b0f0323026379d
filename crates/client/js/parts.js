// A part, its node and its values go in; the node shows them.
// A value is a string, an integer, or `{ html }`: source that the server declared as HTML.

import { setAttribute, setText } from "./attributes.js";
import { decodeAttribute, decodeText, parse, parseGroup } from "./markup.js";
import { morph } from "./morph.js";
import { propertyOf } from "./property.js";
import { ATTRIBUTE, ATTRIBUTES, CONDITION, ESCAPED_TEXT, TEXT } from "./template.js";

/** The nodes of a raw HTML value, by the text node that ends them. */
export const raws = new WeakMap();

/** Controls whose state comes from the server. */
export const bound = new WeakSet();

/** The whole text of an attribute, element or comment: its statics with the values between. */
const joined = (part, values, order, decode) => {
  let text = part.statics[0];
  for (let index = 0; index < order.length; index++) {
    const value = values[order[index]];
    text += (value.html === undefined ? value : decode(value.html)) + part.statics[index + 1];
  }
  return text;
};

/** The text of an element that holds only text, or of a comment. */
const textOf = (part, values, order) => {
  if (part.kind !== ESCAPED_TEXT) return joined(part, values, order, String);
  const text = joined(part, values, order, decodeText);
  return part.trims && !part.statics[0] && text[0] === "\n" ? text.slice(1) : text;
};

/** The attributes that a group stands for, without those that the tag names before it. */
const groupOf = (part, value) => {
  const parsed = parseGroup(value.html ?? String(value));
  if (!part.taken.some((name) => parsed.has(name))) return parsed;
  const group = new Map(parsed);
  for (const name of part.taken) group.delete(name);
  return group;
};

const writeGroup = ({ groups }, element, group) => {
  const old = groups.get(element);
  if (old === group) return;
  groups.set(element, group);
  for (const name of old?.keys() ?? []) {
    if (!group.has(name)) setAttribute(element, name, null);
  }
  for (const [name, value] of group) {
    if (element.getAttribute(name) !== value) setAttribute(element, name, value);
  }
};

/**
 * Shows the values of a part. `values[order[n]]` is the value of its n-th hole; those of an instance
 * stand in its slots.
 * Returns the first node when that is a new one: the value was HTML.
 */
export const write = (part, node, values, order = part.slots) => {
  const { kind } = part;
  // A hole that the parser dropped (an attribute named twice) has no node.
  if (!node || kind >= CONDITION || (part.ignored && node.isConnected)) return;
  own(part, node);
  if (kind === TEXT) {
    let value = values[order[0]];
    if (value.html !== undefined) part.hasHtml = true;
    if (part.hasHtml && (value.html !== undefined || raws.has(node))) {
      const html = value.html ?? "";
      const old = raws.get(node) ?? [];
      const nodes = morph(node.parentNode, old, [...parse(html, part.flags).childNodes], node);
      if (html) raws.set(node, nodes);
      else raws.delete(node);
      node.data = value.html === undefined ? value : "";
      return nodes[0] ?? node;
    }
    if (part.trims && value[0] === "\n") value = value.slice(1);
    node.data = value;
  } else if (kind === ATTRIBUTE) {
    const text = joined(part, values, order, decodeAttribute);
    setAttribute(node, part.name, text, part.namespaceURI, part.isState);
  } else if (kind === ATTRIBUTES) {
    writeGroup(part, node, groupOf(part, values[order[0]]));
  } else {
    setText(node, textOf(part, values, order));
  }
};

/** Notes that the server writes the state of a control. */
const own = ({ control }, node) => {
  if (control) bound.add(node);
};

/** Brings the served node of a part in step with its values; says whether it differed. */
export const adoptPart = (part, node, values) => {
  const { kind, slots: order } = part;
  let same = true;
  own(part, node);
  if (kind === ATTRIBUTE) {
    same = node.getAttribute(part.name) === joined(part, values, order, decodeAttribute);
  } else if (kind === ATTRIBUTES) {
    for (const [name, value] of groupOf(part, values[order[0]])) {
      same &&= node.getAttribute(name) === value;
    }
  } else if (kind < CONDITION) {
    const text = node.nodeType === 8 ? node.data : (node.defaultValue ?? node.textContent);
    same = text === textOf(part, values, order);
  }
  if (!same || kind === ATTRIBUTES) write(part, node, values);
  return !same;
};

/** Takes away the attributes that a group of an older state left on a served element. */
export const stripGroups = (wanted, node, parts, values) => {
  if (!parts.some((part) => part.kind === ATTRIBUTES)) return;
  const names = parts.flatMap((part) =>
    part.kind === ATTRIBUTES ? [...groupOf(part, values[part.slots[0]]).keys()] : part.name,
  );
  for (const { name } of [...propertyOf(node, "attributes")]) {
    if (!wanted.hasAttribute(name) && !names.includes(name)) setAttribute(node, name, null);
  }
};
