"""Why a policy is not linted, neither where it should be nor elsewhere."""

from __future__ import annotations

import glob
import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.endings import is_candidate
from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.other_files import is_passed_over, may_be_other
from multitool_lint.formats.result import NamedFile, Skipped, not_policy, not_read
from multitool_lint.formats.terraform.alternatives import alternatives, members_of, part_of
from multitool_lint.formats.terraform.attributes import Local
from multitool_lint.formats.terraform.file_choices import file_names
from multitool_lint.formats.terraform.module import DATA, ModuleFolder
from multitool_lint.formats.terraform.origins import (
    ModuleExpression,
    file_name,
    is_of_aws,
    of_resource,
    origin,
    without_changes,
)
from multitool_lint.limits import MAX_NAMED_FILES, MAX_SHOWN_EXPRESSION
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.hcl.tree import HclFile, significant
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node as Syntax


_REFERENCE = re.compile(rf"((?:data\.{DATA}|local)\.[\w-]+)")


_MERGED = {
    Reason.IN_BROKEN_BLOCK: Reason.MERGED_IN_BROKEN_BLOCK,
    Reason.UNRESOLVED_POLICY: Reason.MERGED_UNRESOLVED,
    Reason.NOT_IN_FOLDER: Reason.MERGED_NOT_IN_FOLDER,
}
_NOTHING = frozenset({"null", '""', "[]", "{}"})
_STEPS = frozenset({"get_attr", "index", "splat"})


def unread(file: HclFile, module: ModuleFolder, value: Syntax) -> Iterator[Skipped]:
    """What is reported of an attribute without a policy in it."""
    span = file.span(value)
    targets = dict.fromkeys(_targets(file, module, value))
    is_written = any(isinstance(target, _Written) for target in targets)
    for target in targets:
        if isinstance(target, Skipped):
            yield target
        elif isinstance(target, _Written):
            yield from _in_module(file, span, target)
        elif target.missing:
            yield not_read(span, target.reason, target.text)
        elif not is_written:  # next to a policy, it may be the key of a choice
            yield not_read(span, Reason.UNRESOLVED_POLICY, target.text)


def merged(
    file: HclFile, module: ModuleFolder, value: Syntax, parts: Iterable[Syntax]
) -> Iterator[Skipped]:
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
            elif isinstance(target, _Written):
                found |= dict.fromkeys(_in_module(file, span, target))
            elif target.missing:
                found[not_read(span, _MERGED[target.reason], target.text)] = None
            else:
                open_[target.text if target.of_local else brief(file.text(value))] = None
    yield from found
    for text in open_:
        yield not_read(span, Reason.MERGED_UNRESOLVED, text)


def as_merged(skipped: Skipped) -> Skipped:
    """What is reported of a document that is merged into another one."""
    reason, details = skipped.why
    return skipped._replace(why=Why(_MERGED.get(reason, reason), details))


class _Written(NamedTuple):
    """A policy that is linted where it is written, in a file of this folder or of a module."""

    path: str


class _Target(NamedTuple):
    """What an expression leads to, and is not a policy that is linted where it is written.

    What is `missing` is in no block of the folder that could be read; it may be in a `broken` one.
    """

    text: str
    missing: bool = False
    of_local: bool = False
    broken: bool = False

    @property
    def reason(self) -> Reason:
        """Why it is missing."""
        return Reason.IN_BROKEN_BLOCK if self.broken else Reason.NOT_IN_FOLDER


def _targets(
    file: HclFile, module: ModuleFolder, value: Syntax, seen: set[tuple[str, str]] | None = None
) -> Iterator[Skipped | _Target | _Written]:
    """Where an expression leads to, through local values, old templates and outputs of modules.

    The addresses that were `seen` on the way there are not followed again.
    """
    waiting = [("", ModuleExpression(module, Local(file, value)))]
    seen = set() if seen is None else seen
    while waiting:
        name, (inside, place) = waiting.pop()
        for part, _, is_document in alternatives(place.file, place.value):
            syntax = without_changes(place.file, part)
            address = address_of(place.file, syntax)
            followed = _followed(inside, place.file, syntax, address)
            if address or followed:
                key = place.file.source.path, address or place.file.text(syntax)
                if key in seen:
                    continue
                seen.add(key)
            if followed:
                waiting.append((address or brief(place.file.text(syntax)), followed))
            elif place.file.text(part) not in _NOTHING:
                is_text = syntax is not part or (is_document and name != "")
                last = ModuleExpression(inside, Local(place.file, syntax))
                found = list(_ends(file, file.span(value), last, address, is_text=is_text))
                if not found and name and _are_policies(place.file, inside, syntax, seen):
                    found = [_Written(place.file.source.path)]
                what = place.value if name else part
                text = brief(place.file.text(what))
                yield from found or [
                    _Target(f"{name} = {text}" if name else text, of_local=name != "")
                ]


def _followed(
    module: ModuleFolder, file: HclFile, syntax: Syntax, address: str | None
) -> ModuleExpression | None:
    """What is to be asked instead of a reference."""
    if address is None:
        return origin(file, module, syntax)
    local = module.local(address.removeprefix("local.")) if address.startswith("local.") else None
    if local is None:
        return None
    inner = part_of(local.file, local.value, significant(syntax)[2:])
    return ModuleExpression(module, Local(local.file, inner))


def _ends(
    file: HclFile, span: Span, last: ModuleExpression, address: str | None, *, is_text: bool
) -> Iterator[Skipped | _Target | _Written]:
    """What an expression is that does not lead on; nothing if that is not known."""
    module, place = last
    if address:
        written = module.file_of(address)
        yield (
            _Written(written.source.path)
            if written
            else _Target(address, missing=True, broken=module.is_broken(address))
        )
    elif names := file_names(place.file, module, place.value):
        for name in names:
            yield from _in_files(file, place.file, span, name, one_of_several=len(names) > 1)
    elif resource := of_resource(place.file, module, place.value):
        yield _Written(resource.source.path)
    elif is_of_aws(place.file, module, place.value):
        yield not_policy(span, Reason.MANAGED_BY_AWS)
    elif is_text and module.has_documents(place.file, place.value):
        yield _Written(place.file.source.path)


def _are_policies(
    file: HclFile, module: ModuleFolder, value: Syntax, seen: set[tuple[str, str]]
) -> bool:
    """Whether all members of an object are policies that are linted where they are written."""
    targets = [list(_targets(file, module, inner, seen)) for _, inner in members_of(file, value)]
    return bool(targets) and all(
        found and all(isinstance(target, _Written) for target in found) for found in targets
    )


def _in_module(file: HclFile, span: Span, target: _Written) -> Iterator[Skipped]:
    """A policy in a module of another folder, which is linted there; a commit has only this one."""
    if isinstance(file.source, SourceWithFiles):
        return
    path = os.path.relpath(target.path, os.path.dirname(file.source.path) or os.curdir)  # noqa: PTH120
    if os.path.dirname(path):  # noqa: PTH120
        why = Why(Reason.IN_MODULE, (path,))
        yield Skipped(span, why, file=NamedFile(path, is_policy=True))


def _in_files(
    file: HclFile, other: HclFile, span: Span, name: str, *, one_of_several: bool
) -> Iterator[Skipped]:
    """A policy in a file that another one names: one of several, if a part of the name is open."""
    here, there = (os.path.dirname(named.source.path) for named in (file, other))  # noqa: PTH120
    of_commit = isinstance(file.source, SourceWithFiles)
    if here != there and not of_commit:
        name = os.path.relpath(os.path.join(there, name), here or os.curdir)  # noqa: PTH118
    is_open = "${" in name and is_candidate(name) and not of_commit
    paths = _matching(here, name) if is_open else []
    for path in paths or (name,):
        found = in_file(file.source, span, path)
        if paths or one_of_several:
            found = found._replace(file=found.file and found.file._replace(is_policy=False))
        yield found


def _matching(folder: str, name: str) -> list[str]:
    """The files of a name with open parts, as far as these are in the repository."""
    if is_outside(name.partition("${")[0], folder):
        return []
    pattern = "*".join(map(glob.escape, re.split(r"\$\{[^}]*\}", name)))
    paths = islice(glob.iglob(pattern, root_dir=folder or None), MAX_NAMED_FILES)  # noqa: PTH207 - of a folder
    return sorted(path for path in paths if not is_outside(path, folder))


def address_of(file: HclFile, syntax: Syntax) -> str | None:
    """The local value or data source that an expression is, or a part of; None for any other."""
    parts = significant(syntax)
    while syntax.type == "expression" and len(parts) == 1 and parts[0].type == "expression":
        syntax = parts[0]
        parts = significant(syntax)
    if parts and parts[0].type == "variable_expr" and {part.type for part in parts[1:]} <= _STEPS:
        reference = _REFERENCE.match(file.text(syntax))
        return reference[1] if reference else None
    return None


def is_file(file: HclFile, module: ModuleFolder, value: Syntax) -> bool:
    """Whether an expression is the content of a certain file as it is, and nothing else."""
    name = file_name(file, module, value) if file.text(value).startswith("file(") else None
    return name is not None and "${" not in name


def in_file(source: Source, span: Span, name: str) -> Skipped:
    """A policy in a file: one that is found by itself is linted there."""
    own = Skipped(span, Why(Reason.IN_FILE, (name,)), file=NamedFile(name, is_policy=True))
    if isinstance(source, SourceWithFiles) and source.files(name) is not None:
        return own
    folder = Path(source.path).parent
    try:
        outside = is_outside(name, str(folder))
        of_tree = isinstance(source, SourceWithFiles)  # next to which nothing on disk is
        is_there = not (outside or of_tree) and (folder / name).is_file()
    except (OSError, ValueError):
        outside = is_there = False
    hidden = any(map(is_passed_over, Path(name).parts[:-1]))
    if outside:  # and so not looked for: who can change this file may not ask which others exist
        reason = Reason.FILE_OUTSIDE
    elif not is_there:
        reason = Reason.FILE_MISSING
    elif not hidden and (is_candidate(name) or may_be_other(str(folder / name), Path(name).name)):
        return own
    else:
        reason = Reason.FILE_TO_NAME
    return not_read(span, reason, name)


def brief(text: str) -> str:
    """The beginning of an expression, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_EXPRESSION else f"{line[:MAX_SHOWN_EXPRESSION]}..."
