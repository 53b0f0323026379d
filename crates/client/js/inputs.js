// The numbers of the inputs of crates/client/src/browser.rs.

export const ATTACH = 0;
export const OPEN = 1;
export const BYTES = 2;
export const CLOSED = 3;
export const EVENT = 4;
export const TIMER = 5;
export const FRAME = 6;
export const WAKE = 7;
export const OFFLINE = 8;
export const HIDE = 9;
export const SHOW = 10;
/** Not of a page: index.js has a way of its own for it. */
export const APPLY = 11;
export const UNMOUNT = 12;
export const GONE = 13;
