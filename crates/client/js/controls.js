// What the user did to a control goes in, and whether the server may write to it comes out.
//
// The attribute of a control always follows the server; its property, which is what the user
// sees and edits, is the user's from the first key stroke until the server has answered an event
// that carried it. Then it follows the attribute again.

/** Controls that the user changed, each with the number of the last change. */
const typed = new Map();
/** Controls whose state comes from the server. */
const bound = new WeakSet();
/** Controls that were submitted, each with the number of the change that went with its form. */
const submitted = new WeakMap();
let changes = 0;

const isCheckable = (control) => /^(checkbox|radio)$/.test(control.type);

/** Says that the user changed a control. */
export const type = (control) => typed.set(control, ++changes);

/** The numbers of the changes that an event carries: those of these controls. */
export const changesOf = (controls) =>
  [...controls].map((control) => typed.get(control)).filter(Boolean);

/**
 * Says that a form was submitted. Its answer also resets the fields whose value the template fixes,
 * as sending the form the ordinary way would.
 */
export const submit = (controls) => {
  for (const control of controls) submitted.set(control, typed.get(control));
};

/** Says that the server writes the state of a control. */
export const bind = (control) => bound.add(control);

/** Whether neither the user nor the server's template says what a control shows. */
export const isFree = (control) =>
  !typed.has(control) && ![control, ...(control.options ?? [])].some((each) => bound.has(each));

/** Takes over what the user did before the script ran. */
export const typeEarlier = (root) => {
  for (const control of root.querySelectorAll("input,textarea")) {
    if (isCheckable(control)) {
      if (control.checked !== control.defaultChecked) type(control);
    } else if (control.type !== "hidden" && control.value !== control.defaultValue) type(control);
  }
};

/** Brings a property in step with its attribute, unless it is the user's. */
export const sync = (element, name) => {
  const { localName } = element;
  if (name === "muted" && "muted" in element) {
    element.muted = element.hasAttribute(name);
  } else if (name === "selected" && localName === "option") {
    if (!typed.has(element.closest("select"))) element.selected = element.hasAttribute(name);
  } else if (localName === "input" && !typed.has(element)) {
    if (name === "checked") element.checked = element.hasAttribute(name);
    if (name === "value") setValue(element, element.getAttribute(name) ?? "");
  } else if (localName === "textarea" && !typed.has(element)) {
    setValue(element, element.defaultValue);
  }
};

/** The server answered the change with this number: the control follows it again. */
export const release = (change) => {
  for (const [control, number] of typed) {
    if (number !== change && control.isConnected) continue;
    typed.delete(control);
    if (control.localName === "select") {
      const options = [...control.options];
      if (options.some((option) => bound.has(option))) {
        for (const option of options) sync(option, "selected");
      }
    } else if (isCheckable(control)) {
      if (bound.has(control)) sync(control, "checked");
    } else if (
      bound.has(control) ||
      (submitted.get(control) === number && control.hasAttribute("value"))
    ) {
      sync(control, "value");
    }
  }
};

/** Writes a value where it differs, and leaves the caret where the user has it. */
const setValue = (control, value) => {
  if (control.value === value || control.type === "file") return;
  const caret =
    control === document.activeElement ? [control.selectionStart, control.selectionEnd] : [];
  control.value = value;
  // Controls such as numbers and dates have no caret that could be read or set.
  if (caret[0] != null) control.setSelectionRange(...caret);
};
