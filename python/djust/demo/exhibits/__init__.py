"""One live view per file: what `/interceptors/` shows, and the source that stands beside it."""
