// Old siblings and the parsed nodes that shall replace them go in; what can be kept is kept.
//
// A node is kept when the new one has the same id or, without ids, the same name; the first such
// old node is taken. So a changed text deep inside leaves focus, scroll and playing media alone.
// The element of another live view is kept as a whole: what is in it belongs to that view.

import { setAttribute } from "./attributes.js";
import { propertyOf, remove } from "./property.js";
import { lazy } from "./watcher.js";

/** Whether a node can be moved with its focus, media and frames. */
export const isWhole = "moveBefore" in Element.prototype;

/** Moves a node among its siblings. */
export const move = (parent, node, before) =>
  parent[isWhole ? "moveBefore" : "insertBefore"](node, before);

/** The name of the live view whose place a node is. */
const viewOf = (node) => node.getAttribute?.("dj-view");

const update = (old, fresh) => {
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (viewOf(fresh) || old.isEqualNode(fresh)) return;
  // What the user opened stays open, what is closed stays closed.
  const isKept = (name) => name === "open" && /^(details|dialog)$/.test(old.localName);
  for (const { name } of [...propertyOf(old, "attributes")]) {
    if (!fresh.hasAttribute(name) && !isKept(name)) setAttribute(old, name, null);
  }
  for (const { name, value, namespaceURI } of propertyOf(fresh, "attributes")) {
    if (old.getAttribute(name) !== value && !isKept(name)) setAttribute(old, name, value, namespaceURI);
  }
  if (old.matches("[dj-update=ignore]")) return;
  morph(old, [...old.childNodes], [...fresh.childNodes], null);
  if (old.localName === "textarea") lazy.forms?.sync(old, "value");
};

/**
 * Turns the siblings `olds` of `parent`, which end before the node `end`, into `news`.
 * Returns the nodes that now stand there.
 */
export const morph = (parent, olds, news, end) => {
  let at = olds[0] ?? end;
  const left = new Set(olds);
  const result = news.map((fresh) => {
    // If there is none like it, the parsed node itself: a script in it does not run.
    let node = fresh;
    for (const old of left) {
      const same = old.nodeName === fresh.nodeName && propertyOf(old, "id") === propertyOf(fresh, "id");
      if (same && viewOf(old) === viewOf(fresh)) {
        node = old;
        left.delete(old);
        update(old, fresh);
        break;
      }
    }
    if (node === at) at = at.nextSibling;
    else if (node.parentNode === parent) move(parent, node, at);
    else parent.insertBefore(node, at);
    return node;
  });
  left.forEach(remove);
  return result;
};
