"""Files and folders that a kill leaves whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what then takes the place of `path` in one step: a kill leaves the old file or the new one, an
    error the old one alone."""
    unfinished = path.with_name(f"{path.name}.tmp")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Where to write what then takes the place of `folder`, with what else lies in it: an error leaves the old folder
    alone, and so does a kill. After one between the two renames that end it the next call brings the old folder back.
    """
    folder = folder.resolve()
    unfinished, old = (folder.with_name(f".{folder.name}.{word}") for word in ("unfinished", "old"))
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        if folder.exists():
            for path in folder.iterdir():
                if not (unfinished / path.name).exists():
                    copy = shutil.copytree if path.is_dir() else shutil.copy2
                    copy(path, unfinished / path.name)
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        unfinished.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
