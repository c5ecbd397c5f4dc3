"""The documents of a source in JSON or YAML, and the names that they have for themselves."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.formats import is_yaml
from multitool_lint.formats.canonical import string
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Node


def documents_of(source: Source) -> tuple[Node, ...]:
    """The documents of a source; none of one that is neither JSON nor YAML."""
    try:
        if is_yaml(source):
            from multitool_lint.syntax.yaml import template

            return tuple(template.parse(source.text).documents)
        from multitool_lint.syntax.json import fast

        return (fast.read(source.text, literal=True),)
    except MistakeError:
        return ()


def names_of(documents: Sequence[Node]) -> dict[str, str]:
    """The names of objects of Kubernetes, by `document N`, if these are unique."""
    names = []
    for document in documents:
        metadata = document.get("metadata")
        kind, name = document.get("kind"), metadata.get("name") if metadata else None
        names.append(f"{string(kind)} {string(name)}" if name else "")
    if len(set(names)) < len(names):
        return {}
    return {f"document {number}": name for number, name in enumerate(names, 1) if name}
