// An element and the name of one of its properties go in, the property comes out, also where that of a
// field hides it: a form has a property for each of its fields.

/** `propertyOf(form, "children")`, and what `form.children` would be without a field of this name. */
export const propertyOf = (node, name) => Reflect.get(Object.getPrototypeOf(node), name, node);
