// What a person does to controls goes in; what it says to the server comes out, by js/events.js, and
// controls.js keeps the server from writing over it. Loaded before a page with controls is live, and
// when markup brings the first one or one is first used: js/events.js has what happened until then.

import { createControls, isCheckable } from "../controls.js";
import { isPressed, keyOf } from "../keys.js";
import { propertyOf } from "../property.js";
import { ASIDE, BLUR, CHANGE, DEBOUNCE, INPUT, SUBMIT } from "../record.js";

/** What a control says: text, a list for a multiple select, the names of chosen files. */
const valueOf = (control) => {
  if (control.selectedOptions && control.multiple) {
    return [...control.selectedOptions].map((option) => option.value);
  }
  if (control.files) return [...control.files].map((file) => file.name);
  return control.value ?? (control.isContentEditable ? control.textContent : undefined);
};

/** The value of a field. Buttons and items of lists have a `value` too, which nobody has typed. */
const valueParam = (element) => {
  const value = /^(button|li)$/.test(element.localName) ? undefined : valueOf(element);
  return value === undefined ? [] : [["value", value]];
};

/** What a name says: a box alone is true or false, of several those that are checked are a list. */
const valueOfName = (control) => {
  if (control.type !== "checkbox") return valueOf(control);
  const boxes = control.form && propertyOf(control.form, "elements").namedItem(control.name);
  if (!(boxes?.length > 1)) return control.checked;
  return [...boxes].filter((box) => box.checked).map((box) => box.value);
};

const fieldParams = (params, control) => {
  params.set("value", valueOf(control));
  if (control.type === "checkbox") params.set("checked", control.checked);
  if (control.name) {
    params.set("field", control.name);
    params.set(control.name, valueOfName(control));
  }
};

/** The successful controls of a form. What can have several values is always a list, also of none. */
const formParams = (params, form, submitter) => {
  const data = new FormData(form, submitter);
  const controls = propertyOf(form, "elements");
  const names = [...controls].filter((control) => !control.matches(":disabled")).map(({ name }) => name);
  for (const name of new Set([...names, ...data.keys()])) {
    const values = data.getAll(name).map((value) => value.name ?? value);
    const control = controls.namedItem(name);
    const isList = control?.multiple || (control?.length > 1 && control[0].type === "checkbox");
    if (isList || values.length) params.set(name, isList || values.length > 1 ? values : values[0]);
  }
};

/** The attribute that binds a control to a field of the view: `[name, field]`. */
const modelOf = (control) => {
  for (const { name, value } of control.attributes) {
    if (/^dj-model(\.|$)/.test(name)) return [name, value];
  }
  return [];
};

/**
 * @param page what js/page.js gives every lazy module: `bound`, the controls whose state comes from the
 *   server; `count()`, the number of a further change; `need(option)`, which adds what an option of
 *   handlers wants; and what `listen` of js/events.js returns
 * @returns what controls.js says of controls, and
 *   `hear(event)`, for all events of js/events.js but clicks;
 *   `check(control)`: a click on it is heard;
 *   `recover()`: tells views that began anew what the user had made of their controls
 */
export const start = ({ bound, count, need, record, emit, fire, rootOf, answering, waitOf, isKnown }) => {
  const controls = createControls(bound, count);
  // What is not as the page wrote it was the user, who did not wait.
  controls.typeEarlier(document);

  const field = (control) => (params, element) => {
    if (element.localName === "form") formParams(params, element);
    fieldParams(params, control);
  };

  /** Sends the value of a control that is bound to a field: at once, or when it is committed. */
  const update = (control, isCommitted) => {
    const [attribute, field] = modelOf(control);
    const root = attribute && rootOf(control);
    if (root === undefined) return;
    const [, ...modifiers] = attribute.split(".");
    const isTyped = !isCheckable(control) && control.localName !== "select";
    if (isCommitted === (isTyped && !modifiers.includes("lazy"))) return;
    let value = valueOf(control);
    let changed = [control];
    if (modifiers.includes("trim") && value.trim) value = value.trim();
    const params = new Map([["field", field]]);
    if (control.type === "checkbox") {
      const boxes = [...document.querySelectorAll("input[type=checkbox]")];
      changed = boxes.filter((box) => modelOf(box)[1] === field && rootOf(box) === root);
      const values = changed.filter((box) => box.checked).map((box) => box.value);
      value = changed.length > 1 ? values : control.checked;
      // A field that is a list may have only one box so far.
      params.set("values", values);
    }
    params.set("value", value);
    const wait = modifiers.find((modifier) => /^debounce-/.test(modifier))?.slice(9);
    const options = wait ? new Map([[DEBOUNCE, [waitOf(wait), null]]]) : undefined;
    record(isCommitted ? CHANGE : INPUT, root, control, "update_model", params, changed, options);
  };

  /** Text that was typed since its last change event. */
  const uncommitted = new WeakSet();

  /** What waits for a field, or for what it stands in, goes first. */
  const leave = (target) => {
    for (let element = target; element; element = element.parentElement) {
      const root = isKnown(element) ? rootOf(element) : undefined;
      if (root !== undefined) record(BLUR, root, element, "", [], []);
    }
  };

  const commit = (event) => {
    uncommitted.delete(event.target);
    emit(CHANGE, "change", event, field(event.target));
    update(event.target, true);
  };

  const focus = (name, { target }) => {
    // As with the events of these names, it is the element itself that must say it.
    fire(target, name, valueParam(target));
  };

  const key = (name, event) => {
    if (!isPressed(event)) return;
    const { target } = event;
    const key = keyOf(event);
    if (key === "enter" && name === "keydown") leave(target);
    const more = [["key", event.key], ...valueParam(target)];
    emit(ASIDE, name, event, (params) => void more.forEach((pair) => params.set(...pair)), key);
  };

  const handlers = {
    // A character that is being composed is the user's from the start, and is sent when it is whole.
    // Chromium's last input event comes before the end of the composition, that of others after it.
    compositionstart: ({ target }) => controls.type(target),
    compositionend: (event) => handlers.input(event),
    input(event) {
      const { target } = event;
      if (!isCheckable(target)) controls.type(target);
      if (event.isComposing) return;
      uncommitted.add(target);
      // It waits without being told to.
      need(DEBOUNCE);
      emit(INPUT, "input", event, field(target));
      update(target, false);
    },
    change: commit,
    focusin: (event) => focus("focus", event),
    focusout(event) {
      const { target } = event;
      // A value that a script or the server wrote in the meantime keeps the browser from saying so.
      if (uncommitted.has(target)) commit(event);
      leave(target);
      focus("blur", event);
    },
    submit(event) {
      const { target: form, submitter } = event;
      // A button with an address of its own is sent there.
      if (submitter?.hasAttribute("formaction")) return;
      const element = emit(SUBMIT, "submit", event, (params) => {
        formParams(params, form, submitter);
        return controls.submit(form);
      });
      // A dialog closes by itself, and nothing is loaded.
      const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method");
      if (element && method !== "dialog") event.preventDefault();
    },
    keydown: (event) => key("keydown", event),
    keyup: (event) => key("keyup", event),
  };
  /** Tells views that began anew what is in their controls; a form is told once. */
  const recover = () => {
    const told = new Set();
    for (const target of controls.takeHeld()) {
      const element = target.closest(`${answering("input")},${answering("change")}`);
      if (element?.localName === "form" && told.has(element)) continue;
      told.add(element);
      // A text that the user is still typing is committed when the user does.
      const isTyping = uncommitted.has(target);
      handlers.input({ target });
      if (!isTyping) commit({ target });
    }
  };

  return {
    ...controls,
    hear: (event) => handlers[event.type](event),
    check(target) {
      if (isCheckable(target)) controls.type(target);
    },
    recover,
  };
};
