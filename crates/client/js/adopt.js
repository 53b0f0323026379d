// The nodes that the server's page already has and a template's prototype go in, side by side;
// the parts of the instance come out, bound to the served nodes.
//
// Example: the prototype of `Hello {{ name }}!` has three text nodes, the served page has one,
// "Hello Bob!". Text is therefore collected as pieces, "Hello ", "Bob" and "!", until something
// that is not text follows. Then the served text node is split where a piece has an id of its own.
// When its data is not what the pieces say (the state changed since the page was served), it gets
// the data of the pieces. An element that is not there is made; one that is too much goes.
// So a page that differs is repaired where it differs, and everything else is kept.

import { copyOf, parse } from "./markup.js";
import { morph } from "./morph.js";
import { insideOf, propertyOf, remove } from "./property.js";
import { adoptPart, raws, stripGroups } from "./parts.js";
import { CONDITION, ESCAPED_TEXT, RAW_TEXT, TEXT } from "./template.js";

/** What is known of the nodes in a node of a prototype, which is the same for many rows. */
const known = new WeakMap();

/** A prototype node, its attributes, its ids and the parts that are it. */
const look = (wanted, { lead, parts, refs }) => {
  const ids = refs.get(wanted) ?? [];
  const own = ids.flatMap((id) => parts[id - lead] ?? []);
  return { wanted, attributes: [...(propertyOf(wanted, "attributes") ?? [])], ids, own };
};

const lookInto = (parent, template) => {
  if (!known.has(parent)) {
    known.set(parent, Array.from(insideOf(parent).childNodes, (wanted) => look(wanted, template)));
  }
  return known.get(parent);
};

/**
 * @param container the element whose children are adopted
 * @param next `() => { template, base, values }`: the next instance
 * @param childCount `() => number`: how many instances the next structure holds
 * @param nodes where live nodes are noted, by id
 * @param warn called with a sentence for each repair
 */
export const adopt = (container, next, childCount, nodes, warn) => {
  /** Whether the values may be of another body than the served one: inside a structure. */
  let depth = 0;

  /** Siblings, up to the served node `at`. The children of an element that was just made are. */
  const level = (parent, made) => ({ parent, at: parent.firstChild, pieces: [], made });

  const repair = (here, what) => {
    if (!here.made) warn(`${what} in <${here.parent.nodeName.toLowerCase()}>`);
  };

  /** Binds the collected pieces to the served text. `last` says that the level ends here. */
  const flush = (here, last) => {
    const { parent, pieces } = here;
    let text = here.at?.nodeType === 3 ? here.at : null;
    if (!text && !pieces.length) return;
    here.pieces = [];
    let expected = "";
    for (const piece of pieces) expected += piece.text;
    // What follows the last node is not ours: text after `</body>`, what other scripts appended.
    if (last && parent === document.body && text?.data.startsWith(expected)) {
      if (!expected) text = null;
      else if (text.data !== expected) text.splitText(expected.length);
    }
    if (expected) text ??= parent.insertBefore(new Text(), here.at);
    if (text) {
      if (text.data !== expected) {
        repair(here, `other text than "${expected.trim().slice(0, 40)}"`);
        text.data = expected;
      }
      here.at = text.nextSibling;
    }
    // `text` is what is left of the served node.
    for (const { text: { length }, put } of pieces) {
      let node = text;
      // An empty served text node is used, so that nothing is left over.
      if (length || text?.length === 0) text = length < text.length ? text.splitText(length) : null;
      else node = parent.insertBefore(new Text(), text ?? here.at);
      put(node);
    }
  };

  /** Whether a served node can be the clone of a prototype node. */
  const matches = ({ wanted, attributes }, node) =>
    node.nodeName === wanted.nodeName &&
    attributes.every(
      // A live view in it is the same with a newer token.
      ({ name, value }) => name === "dj-token" || node.getAttribute(name) === value,
    );

  /** The served node for a prototype node, or null; those before it that match nothing go. */
  const take = (here, like) => {
    let found = here.at;
    while (found && !matches(like, found)) found = found.nextSibling;
    if (found) {
      drop(here, found);
      here.at = found.nextSibling;
    } else repair(here, `no <${like.wanted.nodeName.toLowerCase()}>`);
    return found;
  };

  const make = (here, wanted, deep) =>
    here.parent.insertBefore(copyOf(wanted, deep), here.at);

  /** Removes what is left, up to a node or to the end. */
  const drop = (here, stop) => {
    if (here.at !== stop) repair(here, "a node too much");
    while (here.at !== stop) {
      const node = here.at;
      here.at = node.nextSibling;
      remove(node);
    }
  };

  const end = (here) => {
    flush(here, true);
    if (here.parent !== document.body) drop(here, null);
  };

  /** Adopts the nodes of an HTML value; the empty text node of the part follows them. */
  const raw = (here, html, flags, template, put) => {
    const adopted = [];
    [...parse(html, flags).childNodes].forEach((wanted, index) => {
      if (wanted.nodeType === 3) {
        here.pieces.push({ text: wanted.data, put: (node) => (adopted[index] = node) });
        return;
      }
      flush(here);
      const node = take(here, look(wanted, template)) ?? make(here, wanted, true);
      if (!node.isEqualNode(wanted) && !wanted.hasAttribute?.("dj-view")) {
        morph(node, [...node.childNodes], [...wanted.childNodes], null);
      }
      adopted[index] = node;
    });
    here.pieces.push({
      text: "",
      put: (node) => {
        raws.set(node, adopted);
        put(node, adopted[0]);
      },
    });
  };

  const siblings = (parent, instance, here) => {
    const { template, base, values } = instance;
    for (const like of lookInto(parent, template)) {
      const { wanted, ids, own } = like;
      const put = (node, first) => {
        for (const id of ids) nodes[base + id] = id ? node : (first ?? node);
      };
      if (wanted.nodeType === 3) {
        const [part] = own;
        let text = wanted.data;
        if (part?.kind >= CONDITION) {
          depth++;
          for (let count = childCount(); count > 0; count--) instanceAt(here);
          depth--;
        } else if (part?.kind === TEXT) {
          const value = values[part.slots[0]];
          if (value.html !== undefined) {
            part.hasHtml = true;
            raw(here, value.html, part.flags, template, put);
            continue;
          }
          text = String(value);
          if (part.trims && text[0] === "\n") text = text.slice(1);
        }
        here.pieces.push({ text, put });
        continue;
      }
      flush(here);
      const alive = own.length || template.live.has(wanted);
      const served = take(here, like);
      const node = served ?? make(here, wanted, !alive);
      put(node);
      for (const part of own) {
        if (adoptPart(part, node, values) && served) {
          repair(here, `another ${part.name ?? "text"} of <${node.nodeName.toLowerCase()}>`);
        }
      }
      stripGroups(wanted, node, own, values);
      // What other scripts did to an element without holes is theirs, and kept. Only inside a
      // structure can the difference be that of another body.
      const textual = own.some(({ kind }) => kind === ESCAPED_TEXT || kind === RAW_TEXT);
      if (node.nodeType !== 1 || textual) continue;
      if (!alive && (!served || !depth || node.isEqualNode(wanted))) continue;
      if (served && node.matches("[dj-update=ignore]")) continue;
      const below = level(insideOf(node), !served);
      siblings(wanted, instance, below);
      end(below);
    }
  };

  const instanceAt = (here) => {
    const instance = next();
    const { template } = instance;
    siblings(template.content, instance, here);
  };

  // Split and empty text nodes of an earlier start become one again, but not those of other views.
  const tidy = (node) => {
    if (node.querySelector("[dj-view]")) {
      for (const child of propertyOf(node, "children")) if (!child.matches("[dj-view]")) tidy(child);
    } else node.normalize();
  };
  tidy(container);
  // The place of a view that came with a patch is empty.
  const top = level(container, !container.firstChild);
  instanceAt(top);
  end(top);
};
