"""Why a policy is not linted, neither where it should be nor elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import quick_tests
from multitool_lint.formats.endings import is_candidate, may_be_json
from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import NamedFile, Problem, Skipped, not_read
from multitool_lint.formats.terraform.alternatives import alternatives, members_of, part_of
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.formats.terraform.scope import Local
from multitool_lint.limits import MAX_SHOWN_EXPRESSION
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.hcl.tree import significant
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.module import Module
    from multitool_lint.syntax.hcl.tree import File
    from multitool_lint.syntax.source import Source

_REFERENCE = re.compile(rf"((?:data\.{DATA}|local)\.[\w-]+)")

_TYPE = re.compile(r"\baws_\w+")
SYNTAX_RULE = "hcl-syntax-error"

_FILE = re.compile(r'(?:file|templatefile)\(\s*"([^"]*)"')
_MERGED = {
    Reason.UNRESOLVED_POLICY: Reason.MERGED_UNRESOLVED,
    Reason.NOT_IN_FOLDER: Reason.MERGED_NOT_IN_FOLDER,
}
_NOTHING = frozenset({"null", '""', "[]", "{}"})
_STEPS = frozenset({"get_attr", "index", "splat"})


def unread(file: File, module: Module, value: Syntax) -> Iterator[Skipped]:
    """What is reported of an attribute without a policy in it."""
    span = file.span(value)
    targets = list(_targets(file, module, value))
    for target in targets:
        if isinstance(target, Skipped):
            yield target
        elif target and target.missing:
            yield not_read(span, Reason.NOT_IN_FOLDER, target.text)
        elif target and None not in targets:  # next to a policy, it may be the key of a choice
            yield not_read(span, Reason.UNRESOLVED_POLICY, target.text)


def merged(file: File, module: Module, value: Syntax, parts: Iterable[Syntax]) -> Iterator[Skipped]:
    """What of the documents that are merged into one is not of this folder.

    The `parts` of the value are those that are not read as documents.
    """
    span = file.span(value)
    found: dict[Skipped, None] = {}
    open_: dict[str, None] = {}
    for part in parts:
        for target in _targets(file, module, part):
            if isinstance(target, Skipped):
                found[target._replace(span=span)] = None
            elif target and target.missing:
                found[not_read(span, Reason.MERGED_NOT_IN_FOLDER, target.text)] = None
            elif target:
                open_[target.text if target.of_local else brief(file.text(value))] = None
    yield from found
    for text in open_:
        yield not_read(span, Reason.MERGED_UNRESOLVED, text)


def as_merged(skipped: Skipped) -> Skipped:
    """What is reported of a document that is merged into another one."""
    reason, details = skipped.why
    return skipped._replace(why=Why(_MERGED.get(reason, reason), details))


class _Target(NamedTuple):
    """What an expression leads to, and is not a policy that is linted where it is written."""

    text: str
    missing: bool = False
    of_local: bool = False


def _targets(
    file: File, module: Module, value: Syntax, seen: set[str] | None = None
) -> Iterator[Skipped | _Target | None]:
    """Where an expression leads to, through local values; None is a policy that is linted there.

    The addresses that were `seen` on the way there are not followed again.
    """
    span = file.span(value)
    waiting = [("", Local(file, value))]
    seen = set() if seen is None else seen
    while waiting:
        name, place = waiting.pop()
        for part, _, is_document in alternatives(place.file, place.value):
            text = place.file.text(part)
            address = address_of(place.file, part)
            local = module.local(address.removeprefix("local.")) if address else None
            if text in _NOTHING or address in seen:
                continue
            if address:
                seen.add(address)
            if address and local and address.startswith("local."):
                inner = part_of(local.file, local.value, significant(part)[2:])
                waiting.append((address, Local(local.file, inner)))
            elif address:
                yield None if module.has(address) else _Target(address, missing=True)
            elif of_its_own := _file_name(place.file, part):
                yield in_file(place.file.source, span, of_its_own)
            elif (is_document and name and module.has_documents(place.file, part)) or (
                name and _are_policies(place.file, module, part, seen)
            ):
                yield None
            else:
                what = f"{name} = {brief(place.file.text(place.value))}" if name else brief(text)
                yield _Target(what, of_local=bool(name))


def _are_policies(file: File, module: Module, value: Syntax, seen: set[str]) -> bool:
    """Whether all members of an object are policies that are linted where they are written."""
    targets = [list(_targets(file, module, inner, seen)) for _, inner in members_of(file, value)]
    return bool(targets) and all(found and not any(found) for found in targets)


def address_of(file: File, syntax: Syntax) -> str | None:
    """The local value or data source that an expression is, or a part of; None for any other."""
    parts = significant(syntax)
    while syntax.type == "expression" and len(parts) == 1 and parts[0].type == "expression":
        syntax = parts[0]
        parts = significant(syntax)
    if parts and parts[0].type == "variable_expr" and {part.type for part in parts[1:]} <= _STEPS:
        reference = _REFERENCE.match(file.text(syntax))
        return reference[1] if reference else None
    return None


def _file_name(file: File, syntax: Syntax) -> str | None:
    """The name of the file whose content an expression is."""
    parts = significant(syntax)
    if len(parts) == 1 and parts[0].type == "function_call":
        name = _FILE.match(file.text(syntax))
        return name[1] if name else None
    return None


def is_file(file: File, value: Syntax) -> bool:
    """Whether an expression is the content of a file as it is, and nothing else."""
    return _file_name(file, value) is not None and file.text(value).startswith("file(")


def in_file(source: Source, span: Span, name: str) -> Skipped:
    """A policy in a file: one that is found by itself is linted there."""
    name = re.sub(r"^\$\{path\.(?:module|root|cwd)\}/", "", name)
    own = Skipped(span, Why(Reason.IN_FILE, (name,)), file=NamedFile(name, is_policy=True))
    if isinstance(source, SourceWithFiles) and source.files(name) is not None:
        return own
    folder = Path(source.path).parent
    try:
        outside = is_outside(name, str(folder))
        is_there = not outside and (folder / name).is_file()
    except (OSError, ValueError):
        outside = is_there = False
    hidden = any(_is_passed_over(folder) for folder in Path(name).parts[:-1])
    if outside:  # and so not looked for: who can change this file may not ask which others exist
        reason = Reason.FILE_OUTSIDE
    elif not is_there:
        reason = Reason.FILE_MISSING
    elif not hidden and (is_candidate(name) or may_be_json(str(folder / name), Path(name).name)):
        return own
    else:
        reason = Reason.FILE_TO_NAME
    return not_read(span, reason, name)


def _is_passed_over(folder: str) -> bool:
    """Whether files are not looked for in a folder."""
    return folder == "node_modules" or (folder.startswith(".") and folder.strip(".") != "")


def brief(text: str) -> str:
    """The beginning of an expression, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_EXPRESSION else f"{line[:MAX_SHOWN_EXPRESSION]}..."


def mistake(file: File, part: Syntax) -> Iterator[Problem]:
    """A syntax error, where it may be that of a policy."""
    if not seems_to_have_policy(file.text(part)):
        return
    place = file.mistake(part)
    start, end = file.span(place)
    line_end = re.compile(r"[^\r\n]*").match(file.source.text, start)
    end = min(end, line_end.end() if line_end else end)
    name = place.type.replace("_", " ")
    title = f"Expected {name} here" if place.is_missing else "This is not valid Terraform syntax"
    advice = "run terraform validate for details"
    yield Problem(Span(start, max(end, start)), title, SYNTAX_RULE, advice)


def seems_to_have_policy(text: str) -> bool:
    """Whether a text of Terraform has the words of a policy, or a resource with one."""
    text = unescaped(text)
    return (
        quick_tests.may_be_policy(text)
        or quick_tests.may_be_statements_for_modules(text)
        or not {DATA, *holders(), *permissions()}.isdisjoint(_TYPE.findall(text))
    )
