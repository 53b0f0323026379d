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

// Two private characters frame the number of a hole while its template goes through the parser.
const MARK = /\uE000(\d+)\uE001/;
const mark = (hole) => `\uE000${hole}\uE001`;

const betweenTags = (kind) => kind === TEXT || kind >= CONDITION;

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
 *   `refs` the ids of a prototype node, `live` the prototype nodes with a part in or below them
 */
export const compile = ([, flags, , scalars, count, ...rest]) => {
  const pieces = rest.slice(0, count);
  const parts = [];
  const owner = []; // The part of each hole.
  let html = "";
  for (const [piece] of pieces.map((piece) => (Array.isArray(piece) ? piece : [piece]))) {
    if (typeof piece === "string") {
      html += piece;
      continue;
    }
    const kind = piece & 7;
    if (!(piece & JOINED)) {
      // The parser drops a newline after these tags, so a value does without it as well.
      const trims = /<(pre|listing|textarea)\b[^<>]*>$/i.test(html);
      parts.push({ kind, slots: [], order: [], statics: ["", ""], trims, hasHtml: false });
    }
    const part = parts.at(-1);
    part.order.push(part.slots.length);
    part.slots.push(piece >> 4);
    const text = mark(owner.length);
    owner.push(parts.length - 1);
    if (betweenTags(kind)) html += `<!--${text}-->`;
    else html += kind === ATTRIBUTES ? ` ${text} ` : text;
  }

  ignores ||= html.includes("dj-update");
  const content = parse(html, flags);
  const lead = flags & SINGLE ? 1 : 2;
  const refs = new Map();
  const live = new Set();
  const enliven = (node) => {
    for (; node; node = node.parentNode) live.add(node);
  };
  const refer = (node, ref) => refs.set(node, [...(refs.get(node) ?? []), ref]);
  const claim = (node, pieces) => {
    const index = owner[pieces[1]];
    refer(node, lead + index);
    enliven(node);
    parts[index].statics = pieces.filter((_, at) => at % 2 === 0);
    return parts[index];
  };
  const bind = (node) => {
    if (node.nodeType === 8) {
      const pieces = node.data.split(MARK);
      if (pieces.length < 2) return;
      if (betweenTags(parts[owner[pieces[1]]].kind)) {
        const text = new Text();
        node.replaceWith(text);
        // What stands in such an element is filled in once, and is the page's own from then on.
        const { parentNode } = text;
        const ignored = parentNode.matches?.(IGNORE);
        Object.assign(claim(text, pieces), { ignored, flags: languageIn(parentNode, flags) });
      } else {
        node.data = "";
        claim(node, pieces);
      }
    } else if (node.nodeType === 1) {
      const taken = [];
      for (const { name, value, namespaceURI } of [...propertyOf(node, "attributes")]) {
        const named = name.split(MARK);
        const pieces = named.length > 1 ? named : value.split(MARK);
        if (pieces.length > 1) {
          // In a tag that names an attribute twice the first one counts: `taken` are the earlier.
          const part = claim(node, pieces);
          // The value of a box is what it sends, and not its state.
          const isBox = /^(checkbox|radio)$/.test(node.type);
          const state = isBox ? /^checked$/ : /^(value|checked|selected)$/;
          const control = /^(input|option)$/.test(node.localName);
          part.control = control && (part.kind > ATTRIBUTE || state.test(name));
          Object.assign(part, { name, namespaceURI, taken: [...taken], isState: isState(name) });
          node.removeAttribute(name);
        }
        taken.push(name);
      }
      const pieces = /^(textarea|title|script|style|xmp|iframe|no(embed|frames|script))$/.test(node.localName)
        ? node.textContent.split(MARK)
        : [];
      if (pieces.length > 1) {
        node.firstChild.data = "";
        claim(node, pieces).control = node.localName === "textarea";
      } else {
        const size = refs.size;
        for (const child of [...insideOf(node).childNodes]) bind(child);
        // The chain of parents ends at a template's content.
        if (refs.size > size) enliven(node);
      }
    }
  };
  for (const child of [...content.childNodes]) bind(child);

  // The first node of an instance must stay the same: it is never the content of a structure.
  const first = refs.get(content.firstChild)?.[0];
  if (!content.firstChild || parts[first - lead]?.kind >= CONDITION) content.prepend(new Text());
  refer(content.firstChild, 0);
  if (lead > 1) refer(content.lastChild, 1);

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
      if (live.has(child) || refs.has(child)) useful = steps.length;
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
