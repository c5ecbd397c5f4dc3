"""The files that a source names by a path, as far as they are in the same repository."""

from __future__ import annotations

from pathlib import Path

from multitool_lint.formats.recognize import YAML_ENDINGS
from multitool_lint.syntax.boundary import is_outside

_FOUND = (".json", ".template", *YAML_ENDINGS)


def local_file(path: str, name: str) -> str | None:
    """The path of a file that the source of a path names; None if there is no such file.

    What is outside of the repository is not looked for: who can change the source may not ask which
    other files exist.
    """
    folder = Path(path).parent
    try:
        if not is_outside(name, str(folder)) and (folder / name).is_file():
            return str(folder / name)
    except (OSError, ValueError):
        pass
    return None


def is_found(name: str) -> bool:
    """Whether a file of a relative path is found in a folder, so that it is linted by itself."""
    *folders, file = Path(name).parts or ("",)
    hidden = any(
        folder == "node_modules" or (folder.startswith(".") and folder.strip(".") != "")
        for folder in folders
    )
    return file.lower().endswith(_FOUND) and not hidden
