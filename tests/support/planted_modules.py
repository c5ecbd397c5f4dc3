"""Modules that have the names of others, and leave a mark when they are imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (sys.stdlib_module_names - {*sys.builtin_module_names}) | {
    *("sitecustomize", "usercustomize", "jinja2", "markupsafe", "jsonschema", "yaml"),
    *("parliament", "policy_sentry", "markdown_it"),
}
# It leaves its name, and makes way for the module that was intended.
_MODULE = """\
import sys
with open({marker!r}, "a") as file:
    file.write(__name__ + "\\n")
del sys.modules[__name__]
path, sys.path[:] = sys.path[:], [p for p in sys.path if p and p != "." and p != {folder!r}]
found = __import__(__name__)
sys.path[:] = path
sys.modules[__name__] = found
"""


def plant(folder: Path, marker: Path) -> None:
    """Put modules into a folder that write their names into a file when they are imported."""
    text = _MODULE.format(marker=str(marker), folder=str(folder))
    for name in NAMES:
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
