// A keyboard event goes in, the name of its key comes out.

/** The name of a key, as filters have it. */
export const keyOf = ({ key }) => (key === " " ? "space" : key.toLowerCase());
