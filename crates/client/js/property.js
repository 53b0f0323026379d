// An element and the name of one of its properties go in, the property comes out, also where that of a
// field hides it: a form has a property for each of its fields.

/** `propertyOf(form, "children")`, and what `form.children` would be without a field of this name. */
export const propertyOf = (node, name) => Reflect.get(Reflect.getPrototypeOf(node), name, node);

/** Takes a node away; a form may have a field called `remove`. */
export const remove = (node) => propertyOf(node, "remove").call(node);

/** What holds the children of a node: of a `template` its content, which a form or a `meta` has as well. */
export const insideOf = (node) => (node.content?.nodeType > 9 ? node.content : node);
