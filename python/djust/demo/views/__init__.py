"""One page of the demo per file: `index` is an ordinary view, the other five are live."""
