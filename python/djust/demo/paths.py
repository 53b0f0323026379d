"""Where the demo keeps its files: in the user's data folder, so that any working folder will do."""

import os
import secrets
import sys
from pathlib import Path


def data_folder() -> Path:
    """The folder for data of this user: `~/.local/share/djust` or what the platform has for it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "djust"


def database_path() -> Path:
    """The SQLite file: `DJUST_DEMO_DB`, which `--db` sets, or `demo.sqlite3` in the data folder."""
    chosen = os.environ.get("DJUST_DEMO_DB")
    return Path(chosen).expanduser().resolve() if chosen else data_folder() / "demo.sqlite3"


def secret_key(database: Path) -> str:
    """The key that signs sessions: made once, kept beside the database for this user only.

    It outlives a restart, so pages that are open meanwhile carry on. Raises `OSError` when the
    folder cannot be written to.
    """
    file = database.with_suffix(".key")
    try:
        return file.read_text()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(48)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:  # Another process of the same demo was faster.
        return file.read_text()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(key)
    return key
