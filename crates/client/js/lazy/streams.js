// Stream operations of the server go in, items of a `dj-stream` element come and go.
//
// Items belong to the stream and are no part of the render tree: the server keeps nothing of them, and
// no render touches them. Items with an id are known by it: one that comes again changes in place.
// Markup of a stream brings nothing that runs: no scripts, no handlers, no URLs that are scripts.

import { insideOf, propertyOf, remove } from "../property.js";

const URLS = /^(href|src|action|formaction|data|poster|xlink:href)$/;

/** Takes out of parsed markup what would run. */
const tame = (content) => {
  for (const element of content.querySelectorAll("*")) {
    if (/^(script|base|animate|set)$/.test(element.localName)) {
      remove(element);
      continue;
    }
    for (const { name, value } of [...propertyOf(element, "attributes")]) {
      const url = URLS.test(name) && value.replace(/[\0- ]/g, "");
      if (/^(on|srcdoc$)/.test(name) || /^(javascript|vbscript|data:text)/i.test(url)) {
        element.removeAttribute(name);
      }
    }
    if (insideOf(element) !== element) tame(element.content);
  }
  return content;
};

/**
 * @param page what page.js gives every lazy module, among it `parse(html)`, which gives inert nodes,
 *   and `morph(parent, olds, news, end)`, which turns siblings into others
 * @returns `begin` and `end`, which the op loop calls: an element that shows its end goes on to
 */
export const start = ({ parse, morph, warn }) => {
  const owned = new WeakSet();

  const find = (box, selector) => {
    try {
      return box.querySelectorAll(selector);
    } catch {
      warn(`a stream names the selector "${selector}", which is none`);
      return [];
    }
  };

  const operations = {
    insert(box, html, at, limit) {
      for (const item of [...tame(parse(html)).children]) {
        const id = propertyOf(item, "id");
        const known = id && box.querySelector(`:scope > #${CSS.escape(id)}`);
        if (known) {
          morph(box, [known], [item], known.nextSibling);
          continue;
        }
        owned.add(item);
        box.insertBefore(item, at < 0 ? null : (at ? box.children[at] : box.firstChild) ?? null);
        if (at >= 0) at++;
      }
      // The oldest ones go: at the other end of where the new ones came.
      const items = [...box.children].filter((item) => owned.has(item));
      const spare = limit ? Math.max(0, box.children.length - limit) : 0;
      for (const item of at < 0 ? items.slice(0, spare) : items.reverse().slice(0, spare)) remove(item);
    },
    replace(box, selector, html) {
      for (const old of find(box, selector)) {
        morph(old.parentNode, [old], [...tame(parse(html)).children], old.nextSibling);
      }
    },
    delete(box, selector) {
      for (const item of find(box, selector)) remove(item);
    },
  };

  let ends = [];
  const begin = () => {
    ends = [...document.querySelectorAll("[dj-stream]")].filter(
      (box) => box.scrollTop && box.scrollHeight - box.scrollTop - box.clientHeight < 8,
    );
  };
  const end = () => {
    for (const box of ends) box.scrollTop = box.scrollHeight;
  };

  window.djust.on("djust:stream", ([name, operation, ...rest]) => {
    const boxes = document.querySelectorAll(`[dj-stream="${CSS.escape(name)}"]`);
    if (!boxes.length) warn(`no element has dj-stream="${name}"`);
    begin();
    for (const box of boxes) operations[operation](box, ...rest);
    end();
  });

  return { begin, end };
};
