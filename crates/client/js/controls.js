// What the user did to a control goes in, and whether the server may write to it comes out.
//
// The attribute of a control always follows the server; its property, which is what the user
// sees and edits, is the user's from the first key stroke until the server has answered an event
// that carried it. Then it follows the attribute again.

import { propertyOf } from "./property.js";

/** Whether a control is checked or not. */
export const isCheckable = (control) => /^(checkbox|radio)$/.test(control.type);

/** Writes a value where it differs, and leaves the caret where the user has it. */
const setValue = (control, value) => {
  if (control.value === value || control.type === "file") return;
  const caret =
    control === document.activeElement ? [control.selectionStart, control.selectionEnd] : [];
  control.value = value;
  // Controls such as numbers and dates have no caret that could be read or set.
  if (caret[0] != null) control.setSelectionRange(...caret);
};

/**
 * @param bound the controls whose state comes from the server
 * @param count `() => number`: the number of a further change
 */
export const createControls = (bound, count) => {
  /** Controls that the user changed, each with the number of the last change. */
  const typed = new Map();
  /** Controls that were submitted, each with the number of the change that went with its form. */
  const submitted = new WeakMap();
  /** Forms that were submitted: a number as that of a change, and how many events had failed by then. */
  const forms = new Map();
  /** Controls whose state the user made, until the server has taken their form. */
  const used = new WeakSet();
  /** Controls that took a password; a page can show it afterwards. */
  const secrets = new WeakSet();
  let failures = 0;
  let held = [];

  /** Says that the user changed a control. */
  const type = (control) => {
    used.add(control);
    if (control.type === "password") secrets.add(control);
    typed.set(control, count());
  };

  /** The numbers of the changes that an event carries: those of these controls and forms. */
  const changesOf = (controls) =>
    [...controls].map((control) => typed.get(control) ?? forms.get(control)?.[0]).filter(Boolean);

  /**
   * Says that a form was submitted, and returns what its event carries. Its answer also resets the
   * fields whose value the template fixes, as sending the form the ordinary way would.
   */
  const submit = (form) => {
    for (const control of propertyOf(form, "elements")) submitted.set(control, typed.get(control));
    forms.set(form, [count(), failures]);
    return [...propertyOf(form, "elements"), form];
  };

  /** Says that an event failed. */
  const fail = () => failures++;

  /**
   * Says that the view ends, and another one begins in its place: what the user made stays the user's
   * until the other one has heard of it.
   */
  const hold = () => {
    const isLost = (control) => used.has(control) && !control.closest('[dj-auto-recover="ignore"]');
    held = [...document.querySelectorAll("input,select,textarea")].filter(isLost);
    held.forEach(type);
  };

  /** The controls of which the other view is to hear. */
  const takeHeld = () => held.splice(0);

  /** Whether the user made what a control shows. */
  const isUsed = (control) => used.has(control);

  /** Whether the user typed a password into it. */
  const isSecret = (control) => secrets.has(control);

  /** Whether neither the user nor the server's template says what a control shows. */
  const isFree = (control) =>
    !typed.has(control) && ![control, ...(control.options ?? [])].some((each) => bound.has(each));

  /** Takes over what the user did before the script ran. */
  const typeEarlier = (root) => {
    for (const control of root.querySelectorAll("input,textarea")) {
      if (isCheckable(control)) {
        if (control.checked !== control.defaultChecked) type(control);
      } else if (control.type !== "hidden" && control.value !== control.defaultValue) type(control);
    }
  };

  /** Brings a property in step with its attribute, which has this value, unless it is the user's. */
  const sync = (element, name, value = element.getAttribute(name)) => {
    const { localName } = element;
    if (localName === "input") {
      if (typed.has(element)) return;
      if (name === "value") setValue(element, value ?? "");
      else if (name === "checked") element.checked = value !== null;
    } else if (localName === "textarea") {
      if (!typed.has(element)) setValue(element, element.defaultValue);
    } else if (name === "selected" && localName === "option") {
      if (!typed.has(element.closest("select"))) element.selected = value !== null;
    }
  };

  /**
   * The server answered the change with this number: the control follows it again. With `reverts` it
   * did not take the change: a choice goes back even if the server does not write it.
   */
  const release = (change, reverts) => {
    for (const [form, [number, before]] of forms) {
      if (number !== change) continue;
      const isTaken = before === failures;
      forms.delete(form);
      if (isTaken) for (const control of propertyOf(form, "elements")) used.delete(control);
      document.dispatchEvent(new CustomEvent("djust:answered", { detail: { form, isTaken } }));
    }
    for (const [control, number] of typed) {
      if (number !== change && control.isConnected) continue;
      typed.delete(control);
      if (control.localName === "select") {
        const options = [...control.options];
        if (reverts || options.some((option) => bound.has(option))) {
          for (const option of options) sync(option, "selected");
        }
      } else if (isCheckable(control)) {
        if (reverts || bound.has(control)) sync(control, "checked");
      } else if (
        bound.has(control) ||
        (submitted.get(control) === number && control.hasAttribute("value"))
      ) {
        sync(control, "value");
      }
    }
  };

  return { changesOf, fail, hold, isFree, isSecret, isUsed, release, submit, sync, takeHeld, type, typeEarlier };
};
