// The numbers of a packed event, as crates/client/src/record.rs reads them.

/** The kinds of a record. */
export const CLICK = 0;
export const INPUT = 1;
export const CHANGE = 2;
export const SUBMIT = 3;
/** What accompanies other input and does not hurry it: keys, the focus, scrolling, a poll. */
export const ASIDE = 4;
export const BLUR = 5;
export const PUSH = 6;
/** A value that is shared. */
export const SHARED = 7;

/** The options of an event, by the codes of docs/protocol.md. */
export const DEBOUNCE = 1;
export const THROTTLE = 2;
export const OPTIMISTIC = 3;
export const CLIENT_STATE = 5;
export const TARGET = 6;
