// What a `dj-optimistic` says of classes goes in, and is laid over what the server writes until its event
// is answered; what it says of variables is read in Rust. Loaded when markup has such an attribute:
//
//     class:read          the element gets the class
//     class:-new          it loses it
//     class:!open         it gets or loses it
//     #panel class:busy   the same of other elements, by a selector
//
// With `dj-target` and no selector, it is the target that changes.

/** The changes of classes that are not confirmed, by the number of their event. */
const open = new Map();

const all = () => [...open.values()].flat();

const put = (change) => {
  const { classList } = change.element;
  change.had = classList.contains(change.name);
  classList.toggle(change.name, change.sign ? change.sign === "!" && !change.had : true);
};

const takeBack = ({ element, name, had }) => element.classList.toggle(name, had);

const select = (selector) => {
  try {
    return document.querySelectorAll(selector);
  } catch {
    return [];
  }
};

/** The same for any page: there is one document. */
export const start = () => ({
  /** Shows what an attribute says; its event has this number. */
  mean(element, source, number) {
    const changes = [];
    for (const part of source.split("|")) {
      const [said, selector, sign, name] = /^\s*(.+\s)?class:([!-]?)(\S+)\s*$/.exec(part) ?? [];
      const target = selector ?? element.getAttribute("dj-target");
      for (const each of !said ? [] : target ? select(target) : [element]) {
        const change = { element: each, sign, name };
        put(change);
        changes.push(change);
      }
    }
    if (changes.length) open.set(number, changes);
  },

  /** Shows the page as the server has it, for the time of a frame. */
  lift() {
    all().reverse().forEach(takeBack);
  },

  /** Shows again what is still open. */
  relay() {
    all().forEach(put);
  },

  /** The event with this number was answered. Between `lift` and `relay`. */
  drop: (number) => open.delete(number),
});
