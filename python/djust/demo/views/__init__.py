"""One page of the demo per file: `index` and `interceptors` are ordinary views, the others live."""
