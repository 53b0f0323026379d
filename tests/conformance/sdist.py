"""The installed Django version goes in, the folder with Django's own tests comes out.

Wheels of Django hold no tests; the source distribution does. It is fetched once from the package
index with pip and kept in the user's cache folder.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import django

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "djust-wasm" / "django"


class Unreachable(Exception):
    """The source distribution is not cached, and pip could not fetch it."""


def django_tests(version: str = django.get_version()) -> Path:
    """The ``tests`` folder of a Django version.

    Raises ``Unreachable`` with pip's last words.

    >>> (django_tests() / "runtests.py").exists()
    True
    """
    folder = CACHE / version / "tests"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        # Unpacked elsewhere and then moved, so that a folder that exists is complete.
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            unpacked = unpack(download(version, Path(scratch)), Path(scratch))
            folder.parent.mkdir(exist_ok=True)
            try:
                shutil.move(unpacked, folder)
            except OSError:
                if not folder.exists():  # Otherwise another process was faster.
                    raise
    return folder


def download(version: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", "Django", "--dest", str(folder), f"Django=={version}"]
    done = subprocess.run(command, capture_output=True, text=True)
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise Unreachable(f"Django {version}: {done.stderr.strip()[-500:]}")
    return archives[0]


def unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        members = [each for each in tar if each.name.split("/")[1:2] == ["tests"]]
        tar.extractall(folder, members, filter="data")
    return folder / archive.name.removesuffix(".tar.gz") / "tests"
