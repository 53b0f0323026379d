// The value of an event attribute that is more than a name goes in, a handler's name and its arguments
// come out. Loaded when markup first has such a value, or one is used.
//
// `remove` names a handler; `move(7, 'up', 0.5, true, null)` calls it with arguments. Python's
// spellings `True`, `False` and `None` mean the same.

/** The number of what is said of an attribute that is neither a name nor a call (js/messages.js). */
const ATTRIBUTE = 2;

const CALL = /^\s*([\w.\x80-\uffff-]+)\s*(?:\(([^]*)\)\s*)?$/;
const ARGUMENT =
  /\s*(?:'((?:\\[^]|[^'\\])*)'|"((?:\\[^]|[^"\\])*)"|([\w.-]+))\s*(,|$)/y;
const WORDS = { __proto__: null, true: true, True: true, false: false, False: false, null: null, None: null };

/** A number of at most 15 digits; one with a point is a float, even if it is whole. */
const number = (word) => {
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(word) || word.replace(/\D/g, "").length > 15) return undefined;
  return word.includes(".") ? new Number(word) : +word;
};

/** The name and a list of arguments; nothing if it is not a call. */
export const parse = (spec) => {
  const [, name, list] = CALL.exec(spec) ?? [];
  const args = [];
  ARGUMENT.lastIndex = 0;
  for (let more = list?.trim(); more; ) {
    const found = ARGUMENT.exec(list);
    if (!found) return [];
    const text = found[1] ?? found[2];
    const value =
      text === undefined
        ? found[3] in WORDS
          ? WORDS[found[3]]
          : number(found[3])
        : text.replace(/\\([^])/g, "$1");
    if (value === undefined) return [];
    args.push(value);
    more = found[4];
  }
  return [name, args];
};

/**
 * @param page what js/page.js gives every lazy module: `command(element, commands, push)`, which
 *   carries out a list of commands, and `fail(fault)`, which tells what went wrong
 */
export const start = ({ command, fail }) => ({
  /** Calls what an attribute says by `send(name, params)`. */
  read(element, spec, send) {
    if (spec[0] === "[") return command(element, spec, send);
    const [name, args] = parse(spec);
    if (name) send(name, args.length ? { args } : {});
    else fail(ATTRIBUTE);
  },
});
