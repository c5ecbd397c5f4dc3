"""The playground in the documentation: its files, and the links to it."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

BUILT = Path(__file__).parent.parent / "build" / "playground"
FORMATS = {"json": "json", "yaml": "yaml", "hcl": "tf", "markdown": "md"}
"""The formats of the playground by the languages of examples."""
CARRIED = ("enable=", "resource_type=", "type=")
MISSING = "<!doctype html><title>Playground</title><p>scripts/playground.py has not been run.\n"


def playground_files(config: MkDocsConfig) -> Iterator[File]:
    """What `scripts/playground.py` has built; a page that says so where it has not."""
    built = sorted(BUILT.glob("*"))
    for path in built:
        yield File.generated(config, f"playground/{path.name}", abs_src_path=str(path))
    if not built:
        yield File.generated(config, "playground/index.html", content=MISSING)


def link(language: str, options: str, text: str) -> str:
    """The address of the playground with an example of a rule's page; "" if it does not read it."""
    if language not in FORMATS:
        return ""
    kind = " ".join(option for option in options.split() if option.startswith(CARRIED))
    state = {"text": text, "format": FORMATS[language], "kind": kind}
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(json.dumps(state).encode()) + packer.flush()
    letters = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return f"../playground/index.html#policy={letters}"
