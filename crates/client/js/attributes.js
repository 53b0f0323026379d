// An element, a name and a value go in; attribute and property say the same.

import { parse, trusted } from "./markup.js";
import { lazy } from "./watcher.js";

/** Whether a property says the same as the attribute of this name. */
export const isState = (name) => /^(value|checked|selected|muted)$/.test(name);

/** Sets an attribute, or takes it away when the value is null. */
export const setAttribute = (element, name, value, namespace = null, state = isState(name)) => {
  if (value === null) element.removeAttribute(name);
  else if (namespace) element.setAttributeNS(namespace, name, value);
  else {
    try {
      element.setAttribute(name, name === "srcdoc" ? trusted(value) : value);
    } catch {
      // A page with Trusted Types forbids scripts in attributes, and would not run them.
      if (/^on\w+$/i.test(name)) return;
      // A parser accepts names such as `@click` that setAttribute refuses in many engines.
      const attribute = parse(`<a ${name}>`).firstChild.attributes[0].cloneNode();
      attribute.value = value;
      element.setAttributeNode(attribute);
    }
  }
  if (name === "muted" && name in element) element.muted = value !== null;
  if (state) lazy.forms?.sync(element, name, value);
};

/** Sets the whole text of a `textarea`, `title`, `script` or `style`, or of a comment. */
export const setText = (node, text) => {
  // The text of a script is not set as a whole: a page with Trusted Types forbids it.
  const holder = node.nodeType === 1 ? (node.firstChild ?? node.appendChild(new Text())) : node;
  holder.data = text;
  if (node.localName === "textarea") lazy.forms?.sync(node, "value");
};
