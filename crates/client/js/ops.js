// Packed instructions go in (crates/client/src/packed.rs writes them), an edited page comes out.
//
// `run` carries out all that one frame says, at once or in slices. Nodes are numbers: an instance of a
// template owns `lead + parts` consecutive entries of `nodes` from its base (crates/vdom,
// mutation.rs). Nothing here decides what changes; it knows how the DOM is told.

import { adopt } from "./adopt.js";
import { isWhole, move } from "./morph.js";
import { piece, scalar, seek, values } from "./msgpack.js";
import { raws, write } from "./parts.js";
import { remove } from "./property.js";
import { CONDITION, TEXT, compile, isIgnored } from "./template.js";
import { isTold, lazy, tell, watcher } from "./watcher.js";

const MANY = 20;

/**
 * @param memory the exported memory of the engine
 * @param container `(root) => Element`: the element whose children a root is
 * @param effect `(code, word, text, bytes)`, the last three of which read on: carries out what is not an edit of the DOM
 * @param warn called with a sentence when a served page differs from its template
 * @returns `run(header, until)`, which carries out the instructions to which a header points, or goes
 *   on with them if it is 0, and says whether some are left because at a pause it was later than
 *   `until`; `memory()`, the bytes of the engine's memory, and `nodeOf(element)`: a node of the instance in
 *   which an element stands
 */
export const createPatcher = ({ memory, container, effect, warn }) => {
  const nodes = [];
  const templates = [];
  let words = new Int32Array();
  let octets, at, end, bytesAt, valuesAt, root, latest, isLate;

  /** The views are empty when the memory has grown. */
  const view = () => {
    if (!words.length) {
      words = new Int32Array(memory.buffer);
      octets = new Uint8Array(memory.buffer);
    }
    return octets;
  };

  const word = () => words[at++];
  const bytes = () => {
    const from = bytesAt + word();
    return octets.subarray(from, from + word());
  };

  /** The text of an effect. */
  const text = () => {
    seek(octets, bytesAt + word());
    return scalar();
  };

  /** Goes to the place of the next value. */
  const go = () => {
    seek(octets, valuesAt + word());
  };

  /** The next value, which has a place of its own. */
  const read = () => {
    go();
    return scalar();
  };

  /** The values of an instance, which stand side by side. */
  const scalars = (count) => {
    go();
    const values = [];
    while (values.length < count) values.push(scalar());
    return values;
  };

  const define = () => {
    const id = word();
    templates[id] = compile(values(bytes()));
  };

  const create = () => {
    const template = templates[word()];
    const before = nodes[word()] ?? null;
    const count = word();
    const parent = before ? before.parentNode : root;
    const { lead, parts, clone, steps, registers } = template;
    watcher?.touch(parent);
    const live = [];
    for (let left = count; left > 0; left--) {
      const base = word();
      const values = scalars(template.scalars);
      live[0] = clone();
      for (let step = 0; step < steps.length; step++) {
        const from = live[steps[step] >> 2];
        const how = steps[step] & 3;
        live[step + 1] = how === 1 ? from.nextSibling : (how ? from.content : from).firstChild;
      }
      for (let ref = 0; ref < registers.length; ref++) nodes[base + ref] = live[registers[ref]];
      for (let index = 0; index < parts.length; index++) {
        if (parts[index].kind >= CONDITION) continue;
        const node = nodes[base + lead + index];
        const first = write(parts[index], node, values);
        if (first && node === nodes[base]) nodes[base] = first;
      }
      parent.insertBefore(live[0], before);
    }
  };

  const instance = () => {
    const template = templates[word()];
    return { template, base: word(), values: scalars(template.scalars) };
  };

  const adoptRoot = () => {
    watcher?.settle(root);
    lazy.forms?.typeEarlier(root);
    // Every instance and every count of instances stands behind the code of its operation.
    at--;
    adopt(root, () => (at++, instance()), () => (at++, word()), nodes, warn);
  };

  const set = () => {
    const { lead, parts } = templates[word()];
    const base = word();
    const index = word();
    const part = parts[index - lead];
    const node = nodes[base + index];
    if (node) watcher?.touch(node);
    if (part.isPlain && node) {
      const value = read();
      if (value.html === undefined) return node.setAttribute(part.name, value);
      at--;
    }
    // The nodes of an HTML value stand before its text node: the first node of a fragment that
    // begins with such a value is the first of them.
    const begins = part.kind === TEXT && node && (raws.get(node)?.[0] ?? node) === nodes[base];
    const first = write(part, node, part.order.map(read), part.order);
    if (begins) nodes[base] = first ?? node;
  };

  /** Calls `each` for every top-level node of an instance. */
  const range = (each) => {
    const { lead } = templates[word()];
    const base = word();
    const last = nodes[base + lead - 1];
    for (let node = nodes[base]; node; ) {
      const next = node === last ? null : node.nextSibling;
      each(node);
      node = next;
    }
  };

  const take = (node) => (watcher ? watcher.remove(node) : remove(node));

  const answered = (reverts) => {
    const change = word();
    lazy.classes?.drop(change);
    lazy.forms?.release(change, reverts);
  };

  const operations = [
    define,
    create,
    adoptRoot,
    null,
    set,
    () => {
      // The node before which it goes stands after the instance.
      const before = nodes[words[at + 2]];
      watcher?.touch(before.parentNode);
      range((node) => move(before.parentNode, node, before));
      at++;
    },
    () => {
      const node = nodes[words[at + 1]];
      if (node) watcher?.touch(node.parentNode);
      range(take);
    },
    () => {
      let node = nodes[word()];
      const anchor = nodes[word()];
      const parent = anchor.parentNode;
      watcher?.touch(parent);
      // Emptying the parent costs a little at once, and less for each of many nodes.
      const isAll = !node.previousSibling && !anchor.nextSibling;
      if (isAll && !watcher && parent.childNodes.length > MANY) {
        parent.textContent = "";
        parent.append(anchor);
        return;
      }
      while (node !== anchor) {
        const next = node.nextSibling;
        take(node);
        node = next;
      }
    },
    () => nodes.fill(undefined, word(), words[at - 1] + word()),
    () => (root = container(word())),
    () => answered(false),
    () => {
      const node = nodes[word()];
      go();
      const tail = piece(word());
      if (isIgnored(node)) return;
      watcher?.touch(node);
      // A selection in the text stays, which it would not if the whole text were set.
      node.appendData(tail);
    },
    () => {
      const node = nodes[word()];
      const value = read();
      if (isIgnored(node)) return;
      watcher?.touch(node);
      node.data = value;
    },
    () => answered(true),
    () => (isLate = performance.now() > latest && !document.hidden),
  ];

  const run = (header, until) => {
    // A part of the engine that was added during a slice may have made the memory grow.
    if (!words.length) view();
    if (header) {
      at = header >> 2;
      const first = word() >> 2;
      end = first + word();
      bytesAt = word();
      valuesAt = word();
      at = first;
    }
    latest = until;
    isLate = false;
    // Without moveBefore a moved element loses the focus.
    const focused = !isWhole && document.activeElement;
    if (isTold) {
      tell("begin");
      lazy.classes?.lift();
    }
    while (at < end && !isLate) {
      const code = word();
      const operation = operations[code];
      if (operation) operation();
      else effect(code, word, text, bytes);
    }
    if (isTold) lazy.classes?.relay();
    if (focused?.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
    if (isTold) tell("end");
    return at < end;
  };

  // An instance begins with a node that has a number, and an anchor with one stands behind all that
  // a structure holds. So going back and up, the first such node belongs to the right instance.
  const nodeOf = (node) => {
    let at = -1;
    for (; node && at < 1; node = node.previousSibling ?? node.parentNode) at = nodes.indexOf(node);
    return Math.max(at, 0);
  };

  return { run, memory: view, nodeOf };
};
