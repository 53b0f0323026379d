// A keyboard event goes in, the name of its key comes out, and whether somebody pressed it.

/** The name of a key, as filters have it. */
export const keyOf = ({ key }) => (key === " " ? "space" : key.toLowerCase());

/**
 * Whether somebody pressed a key that means itself. A browser that fills in a form says `keydown`
 * without a key; 229 is a key of a composition, in WebKit also the one that ended it.
 */
export const isPressed = ({ key, isComposing, keyCode }) => key && !isComposing && keyCode !== 229;
