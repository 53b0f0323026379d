// HTML and an element go in; out comes where the element's content differs from what the browser
// makes of the HTML, or nothing.

const controls = "input,textarea,option";

/** What counts: elements, attributes and text. How text is cut into nodes, and comments, do not. */
function plain(parent) {
  const comments = document.createNodeIterator(parent, NodeFilter.SHOW_COMMENT);
  for (let node; (node = comments.nextNode()); ) node.remove();
  parent.normalize();
  return parent;
}

/** What the user sees in the controls. */
const shown = (parent) =>
  [...parent.querySelectorAll(controls)].map((control) => control.selected ?? [control.checked, control.value]);

/** Takes away the attributes that stand for the first state of a control. */
function withoutDefaults(parent) {
  for (const control of parent.querySelectorAll(controls)) {
    for (const name of ["value", "checked", "selected"]) control.removeAttribute(name);
    if (control.localName === "textarea") control.textContent = "";
  }
  return parent;
}

export function differenceFrom(html, root, attributes) {
  const expected = document.createElement("div");
  expected.innerHTML = html;
  const [want, have] = [expected, root].map((parent) => JSON.stringify(shown(parent)));
  if (want !== have) return `controls ${have} instead of ${want}`;
  const pair = [expected, root.cloneNode(true)].map(plain);
  if (!attributes) pair.forEach(withoutDefaults);
  const [wanted, found] = pair.map((parent) => [...parent.childNodes]);
  if (wanted.length === found.length && wanted.every((node, index) => node.isEqualNode(found[index]))) return;
  const [one, other] = pair.map((parent) => parent.innerHTML);
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return `${other.slice(at - 40, at + 60)} instead of ${one.slice(at - 40, at + 60)}`;
}
