"""Why the policy of an attribute is not linted, neither there nor elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.formats.result import Skipped
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.limits import MAX_SHOWN_EXPRESSION
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.hcl.tree import significant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.module import Module
    from multitool_lint.syntax.hcl.tree import File
    from multitool_lint.syntax.source import Span

_REFERENCE = re.compile(rf"\b((?:data\.{DATA}|local)\.[\w-]+)")

_FILE = re.compile(r'^(?:file|templatefile|filebase64)\(\s*"([^"]*)"')
_FILE_CALL = re.compile(r'\b(?:file|templatefile|filebase64)\(\s*"([^"]*)"')
_FOUND = (".json", ".yaml", ".yml")
_NOTHING = frozenset({"null", '""'})
_NO_VALUES = frozenset({"index", "for_cond"})


def unread(file: File, module: Module, value: Syntax) -> Iterator[Skipped]:
    """What is reported of an attribute without a policy in it."""
    text, span = file.text(value), file.span(value)
    if text in _NOTHING:
        return
    of_its_own = _FILE.match(text)
    if of_its_own:
        yield in_file(file.source.path, span, of_its_own[1])
    elif _REFERENCE.search(text):
        found = list(_targets(file, module, value))
        for reference in found:
            if isinstance(reference, Skipped):
                yield reference
            elif reference and reference[0]:
                reason = f"a policy that is not in this folder: {reference[1]}"
                yield Skipped(span, reason, unread=True)
            elif reference and None not in found:  # beside a policy, it may be the key of a choice
                reason = f"a policy that is decided elsewhere: {reference[1]}"
                yield Skipped(span, reason, unread=True)
    else:
        yield Skipped(span, f"a policy that is decided elsewhere: {_brief(text)}", unread=True)


def merged(file: File, module: Module, value: Syntax) -> Iterator[Skipped]:
    """What of the documents that are merged into one is not of this folder."""
    for reference in _targets(file, module, value):
        if isinstance(reference, Skipped):
            yield reference
        elif reference:
            missing, text = reference
            reason = (
                f"merged into a policy: {text}, not in this folder"
                if missing
                else f"merged into a policy, decided elsewhere: {text}"
            )
            yield Skipped(file.span(value), reason, unread=True)
    text = file.text(value)
    for of_its_own in _FILE_CALL.finditer(text):
        yield in_file(file.source.path, file.span(value), of_its_own[1])
    if re.search(r"\b(?:var|module|each|data)\.", _REFERENCE.sub("", text)):
        reason = f"merged into a policy, decided elsewhere: {_brief(text)}"
        yield Skipped(file.span(value), reason, unread=True)


def _targets(
    file: File, module: Module, value: Syntax
) -> Iterator[Skipped | tuple[bool, str] | None]:
    """Where the references of an expression lead to, through local values.

    None is a policy that is judged where it stands, a text what is not there (then the first says
    so) or is no policy.
    """
    span = file.span(value)
    waiting = list(reversed(_references(file, value)))
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        local = module.local(address.removeprefix("local."))
        if not module.has(address):
            yield True, address
        elif (
            not address.startswith("local.")
            or local is None
            or local.file.has(local.value, *search.WORDS)
        ):
            yield None
        else:
            text = local.file.text(local.value)
            of_its_own = _FILE.match(text)
            inner = _references(local.file, local.value)
            waiting += reversed(inner)
            if of_its_own:
                yield in_file(local.file.source.path, span, of_its_own[1])
            elif not inner and text not in _NOTHING:
                yield False, f"{address} = {_brief(text)}"


def _references(file: File, value: Syntax) -> list[str]:
    """The references of an expression that it may come to: none of a condition or an index."""
    start = value.start_byte
    text = bytearray(file.data[start : value.end_byte])
    waiting = [value]
    while waiting:
        syntax = waiting.pop()
        parts = significant(syntax)
        conditions = parts[:1] if syntax.type == "conditional" else []
        conditions += [part for part in parts if part.type in _NO_VALUES]
        for part in conditions:
            text[part.start_byte - start : part.end_byte - start] = b" " * (
                part.end_byte - part.start_byte
            )
        waiting += [part for part in parts if part not in conditions]
    return _REFERENCE.findall(text.decode())


def in_file(path: str, span: Span, name: str) -> Skipped:
    """A policy in a file: one that is found by itself is linted there."""
    name = re.sub(r"^\$\{path\.(?:module|root|cwd)\}/", "", name)
    folder = Path(path).parent
    try:
        outside = is_outside(name, str(folder))
        is_there = not outside and (folder / name).is_file()
    except (OSError, ValueError):
        outside = is_there = False
    if outside:  # and so not looked for: who can change this file may not ask which others exist
        reason = f'a policy in a file outside of the repository: "{name}"'
    elif not is_there:
        reason = f'a policy in a file that is not here: "{name}"'
    elif name.lower().endswith(_FOUND):
        return Skipped(span, f'a policy in a file of its own: "{name}"', elsewhere=True)
    else:
        reason = f'a policy in a file that has to be named: lint "{name}"'
    return Skipped(span, reason, unread=True)


def _brief(text: str) -> str:
    """The beginning of an expression, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_EXPRESSION else f"{line[:MAX_SHOWN_EXPRESSION]}..."
