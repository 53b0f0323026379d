// A definition goes in, a prototype to clone and the way to each of its parts come out.

import { isState } from "./attributes.js";
import { copyOf, languageIn, parse } from "./markup.js";
import { insideOf, propertyOf } from "./property.js";

export const TEXT = 0;
export const ATTRIBUTE = 1;
export const ATTRIBUTES = 2;
export const ESCAPED_TEXT = 3;
export const RAW_TEXT = 4;
export const CONDITION = 5;

const SINGLE = 1;
const JOINED = 8;

// A private character on both sides makes the number of a part a mark of each of its holes, while the
// template goes through the parser.
const MARK = /\uE000(\d+)\uE000/;

const betweenTags = (kind) => kind === TEXT || kind >= CONDITION;

/** A mark that is all of an attribute which no property follows, and which every page may set. */
const PLAIN = /^(class|id|title|(aria|data)-[\w-]+)=\uE000\d+\uE000$/;

/** Elements that hold text alone. */
const TEXTUAL = /^(textarea|title|script|style|xmp|iframe|no(embed|frames|script))$/;

const IGNORE = "[dj-update=ignore]";
let ignores = false;

/** Whether a text is left to the page's own scripts; that of a served page has no node. */
export const isIgnored = (node) => !node || (ignores && node.parentNode?.matches?.(IGNORE));

/**
 * Parses a definition once.
 *
 * @param definition its values as they travel (docs/protocol.md)
 * @returns the template:
 *   `parts` what the holes are, `lead` how many ids stand before those of the parts,
 *   `content` the prototype, `clone` makes an instance of it, `steps` how to walk one (step n goes
 *   from the register `step >> 2` to the register n + 1), `registers` the register of each id,
 *   `refs` the ids of a prototype node, `live` the prototype nodes with a part below them
 */
export const compile = ([, flags, , scalars, count, ...rest]) => {
  const parts = [];
  let html = "";
  for (const item of rest.slice(0, count)) {
    const [piece] = [item].flat();
    if (typeof piece === "string") {
      html += piece;
      continue;
    }
    const kind = piece & 7;
    if (!(piece & JOINED)) {
      // The parser drops a newline after these tags, so a value does without it as well.
      const trims = /<(pre|listing|textarea)\b[^<>]*>$/i.test(html);
      parts.push({ kind, slots: [], order: [], trims });
    }
    const part = parts.at(-1);
    part.order.push(part.slots.length);
    part.slots.push(piece >> 4);
    const text = `\uE000${parts.length - 1}\uE000`;
    if (betweenTags(kind)) html += `<!--${text}-->`;
    else html += kind === ATTRIBUTES ? ` ${text} ` : text;
  }

  ignores ||= html.includes("dj-update");
  const content = parse(html, flags);
  const lead = flags & SINGLE ? 1 : 2;
  const refs = new Map();
  const refer = (node, ref) => refs.set(node, [...(refs.get(node) ?? []), ref]);
  /** The part that has its marks in a text and its place in a node, if there is one. */
  const claim = (node, text) => {
    const pieces = text.split(MARK);
    const part = parts[pieces[1]];
    if (part) {
      refer(node, lead + +pieces[1]);
      part.statics = pieces.filter((_, at) => at % 2 === 0);
    }
    return part;
  };
  const bind = (node) => {
    if (node.nodeType === 8) {
      const part = claim(node, node.data);
      if (!part) return;
      if (betweenTags(part.kind)) {
        const text = new Text();
        node.replaceWith(text);
        refs.set(text, refs.get(node));
        const { parentNode } = text;
        // What stands in such an element is filled in once, and is the page's own from then on.
        part.ignored = parentNode.matches?.(IGNORE);
        part.flags = languageIn(parentNode, flags);
      } else node.data = "";
      return;
    }
    const taken = [];
    for (const { name, value, namespaceURI } of [...(propertyOf(node, "attributes") ?? [])]) {
      const part = claim(node, name) ?? claim(node, value);
      if (part) {
        // The value of a box is what it sends, and not its state.
        const isSent = name === "value" && /^(checkbox|radio)$/.test(node.type);
        const writes = part.kind > ATTRIBUTE || (isState(name) && !isSent);
        const control = writes && /^(input|option)$/.test(node.localName);
        // In a tag that names an attribute twice the first one counts: `taken` are the earlier.
        const own = { taken: [...taken], isState: isState(name), groups: new WeakMap() };
        const isPlain = PLAIN.test(`${name}=${value}`);
        Object.assign(part, { name, namespaceURI, control, isPlain, ...own });
        node.removeAttribute(name);
      }
      taken.push(name);
    }
    const part = TEXTUAL.test(node.localName) && claim(node, node.textContent);
    if (part) {
      node.firstChild.data = "";
      part.control = node.localName === "textarea";
    } else [...insideOf(node).childNodes].forEach(bind);
  };
  bind(content);

  // The first node of an instance must stay the same: it is never the content of a structure.
  const first = refs.get(content.firstChild)?.[0];
  if (!content.firstChild || parts[first - lead]?.kind >= CONDITION) content.prepend(new Text());
  refer(content.firstChild, 0);
  if (lead > 1) refer(content.lastChild, 1);

  const live = new Set();
  const steps = [];
  const registers = [];
  const note = (node, register) => {
    for (const ref of refs.get(node) ?? []) registers[ref] = register;
  };
  const walk = (parent, register) => {
    const inside = insideOf(parent);
    let how = inside === parent ? 0 : 2;
    let useful = steps.length;
    for (const child of inside.childNodes) {
      steps.push(register * 4 + how);
      register = steps.length;
      how = 1;
      note(child, register);
      walk(child, register);
      if (live.has(child) || refs.has(child)) {
        useful = steps.length;
        live.add(parent);
      }
    }
    steps.length = useful;
  };
  const prototype = flags & SINGLE ? content.firstChild : content;
  note(prototype, 0);
  walk(prototype, 0);

  const clone = content.querySelector("script")
    ? () => copyOf(prototype)
    : () => document.importNode(prototype, true);
  return { flags, scalars, lead, parts, content, clone, steps, registers, refs, live };
};
