// Commands and an element go in, and are carried out without a round trip: `[["hide", {to: "#a"}]]`.
// python/djust/js.py writes them. Loaded when markup first has a list of commands, or one is used.

/** The elements that a command is about: those of `to`, `inner` or `closest`, or the element itself. */
const targetsOf = (element, { to, inner, closest }) => {
  if (to) return [...document.querySelectorAll(to)];
  if (inner) return [...element.querySelectorAll(inner)];
  if (closest) return [element.closest(closest)].filter(Boolean);
  return [element];
};

const isShown = (element) => getComputedStyle(element).display !== "none";

/** Scripts in attributes are refused, whoever wrote the value. */
const isScript = (name, value) =>
  /^(on|srcdoc$)/i.test(name) || /^javascript:/i.test(String(value).replace(/[\0-\x20]/g, ""));

const words = (text = "") => text.split(/\s+/).filter(Boolean);

/** Transitions on their way, with how to end them. */
const under = new WeakMap();

/**
 * Gives an element the classes of a transition, `[during, from, to]`, for some milliseconds. A new one
 * ends the one before it.
 */
const transit = (element, { transition, time = 200 }, done = () => {}) => {
  under.get(element)?.();
  if (!transition) return done();
  const [during, from, to] = transition.map(words);
  const { classList } = element;
  classList.add(...during, ...from);
  // The browser has to see the beginning, or there is nothing to go from.
  element.getBoundingClientRect();
  classList.remove(...from);
  classList.add(...to);
  const end = () => {
    clearTimeout(timer);
    under.delete(element);
    classList.remove(...during, ...to);
    done();
  };
  const timer = setTimeout(end, time);
  under.set(element, end);
};

const show = (element, options) => {
  element.hidden = false;
  element.style.display = options.display ?? "";
  // A style sheet hides it.
  if (!isShown(element)) element.style.display = "block";
  transit(element, options);
};

const hide = (element, options) =>
  transit(element, options, () => (element.style.display = "none"));

const setAttribute = (element, name, value) => {
  if (isScript(name, value)) throw new Error(`a command must not set ${name} to ${value}`);
  element.setAttribute(name, value);
};

const FOCUSABLE = "a[href],button,input,select,textarea,[tabindex],[contenteditable]";

const commands = {
  __proto__: null,
  show: (element, options) => isShown(element) || show(element, options),
  hide: (element, options) => isShown(element) && hide(element, options),
  toggle: (element, options) => (isShown(element) ? hide : show)(element, options),
  add_class(element, options) {
    transit(element, options);
    element.classList.add(...words(options.names));
  },
  remove_class(element, options) {
    transit(element, options);
    element.classList.remove(...words(options.names));
  },
  toggle_class(element, options) {
    transit(element, options);
    for (const name of words(options.names)) element.classList.toggle(name);
  },
  transition: transit,
  set_attr: (element, { name, value }) => setAttribute(element, name, value),
  remove_attr: (element, { name }) => element.removeAttribute(name),
  toggle_attr(element, { name, value, other }) {
    if (element.getAttribute(name) !== value) setAttribute(element, name, value);
    else if (other === undefined) element.removeAttribute(name);
    else setAttribute(element, name, other);
  },
  focus: (element) => element.focus(),
  focus_first(element) {
    for (const each of element.querySelectorAll(FOCUSABLE)) {
      each.focus();
      if (document.activeElement === each) break;
    }
  },
  dispatch: (element, { name, detail = null, bubbles = true }) =>
    element.dispatchEvent(new CustomEvent(name, { detail, bubbles, cancelable: true })),
};

/** What a control shows of the value of its field. */
const showValue = (control, value) => {
  const values = (Array.isArray(value) ? value : [value ?? ""]).map(String);
  if (control.type === "checkbox" && !Array.isArray(value)) control.checked = value === true;
  else if (/^(checkbox|radio)$/.test(control.type)) control.checked = values.includes(control.value);
  else if (control.multiple && control.options) {
    for (const option of control.options) option.selected = values.includes(option.value);
  } else if (control.type !== "file" && control.value !== values[0]) control.value = values[0];
};

const CONTROLS = "input,select,textarea";

/** The field that a control is bound to. */
const fieldOf = (control) =>
  [...control.attributes].find(({ name }) => /^dj-model(\.|$)/.test(name))?.value;

/**
 * @param page what page.js gives every lazy module: `warn`; `lazy`, which has the module of controls;
 *   `viewOf(element)`, the live view around an element
 */
export const start = ({ warn, lazy, viewOf }) => {
  /** The values of fields, by their live views: for controls that come later. */
  const models = new Map();
  const filled = new WeakSet();

  /** The controls of a live view, with their fields. */
  const bound = (view) =>
    [...view.querySelectorAll(CONTROLS)]
      .map((control) => [control, fieldOf(control)])
      .filter(([control, field]) => field !== undefined && viewOf(control) === view);

  /** Shows values in the controls that are new, and in those of the fields in `changed`. */
  const fill = (view, values, changed) => {
    for (const [control, field] of bound(view)) {
      const isNew = !filled.has(control);
      if (!(field in values && (isNew || field in changed))) continue;
      filled.add(control);
      const value = values[field];
      // A choice of nothing is no choice: the list shows what it begins with.
      const isNothing = isNew && (value === "" || value == null) && control.localName === "select";
      if (lazy.forms?.isFree(control) !== false && !isNothing) showValue(control, value);
    }
  };

  // What the user says holds for a control that takes this one's place.
  const note = ({ target }) => {
    const field = target.matches?.(CONTROLS) ? fieldOf(target) : undefined;
    const view = field === undefined ? undefined : viewOf(target);
    const values = models.get(view);
    if (!values) return;
    const boxes = bound(view).filter(([box, name]) => name === field && box.type === "checkbox");
    if (!boxes.length) {
      values[field] = target.multiple
        ? [...target.selectedOptions].map((option) => option.value)
        : target.value;
    } else if (boxes.length === 1 && !Array.isArray(values[field])) values[field] = target.checked;
    else values[field] = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);

  return {
    /** After each list of edits. */
    end() {
      for (const [view, values] of models) {
        if (view.isConnected) fill(view, values, {});
        else models.delete(view);
      }
    },

    /**
     * Carries out a list of commands, in order. One that fails is reported, and the others go on.
     *
     * @param list the commands, or their JSON
     * @param push `(name, params)`: sends an event
     */
    run(element, list, push) {
      try {
        if (typeof list === "string") list = JSON.parse(list);
      } catch (error) {
        return console.error(`djust: an attribute is no list of commands: ${list}`);
      }
      for (const [name, options = {}] of list) {
        try {
          if (name === "model") {
            models.set(element, { ...models.get(element), ...options });
            fill(element, models.get(element), options);
            continue;
          }
          if (name === "push") {
            push(options.name, options.params ?? {});
            continue;
          }
          const targets = targetsOf(element, options);
          if (!targets.length) warn(`the command ${name} finds nothing: ${JSON.stringify(options)}`);
          for (const target of targets) commands[name](target, options);
        } catch (error) {
          console.error(`djust: the command ${name} failed:`, error);
        }
      }
    },
  };
};
