"""Templates with tags of another engine, without what of them cannot give access.

The conditions of such tags (`{{- if }}`, `{% for %}`) are most often about that.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from multitool_lint.aws.access_types import harmless, uses_of
from multitool_lint.formats.cloudformation.blocks import blocks
from multitool_lint.formats.cloudformation.properties import properties
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.recognize import NESTED_STACKS
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tag_kinds import Tag, blank, tags_of

_SECTION = re.compile(r"(Resources|Outputs):[ \t]*(?:#.*)?")
_MEMBER = re.compile(r"( +)[\w-]+:[ \t]*(?:#.*)?")
_TYPE = re.compile(r"""^( +)Type[ \t]*:[ \t]*(["']?)([\w:-]+)\2[ \t]*(?:#.*)?$""", re.MULTILINE)
_INDENT = re.compile(r"""^( +)["'\w]""", re.MULTILINE)
_KNOWN = re.compile(r"(?:AWS(?!::Serverless|::CloudFormation)|Custom)::[\w:-]+(?<!::MODULE)")
_ACCESS = re.compile(
    r"statement|effect|principal|policydocument|policyarn|:policy/|AWS::IAM|transform"
    r"|polic(?:y|ies)[\"']?:[ \t]*[\"']?(?:\{[{%]|<%)|[\s\[,][&*]\w|<<:",
    re.IGNORECASE,
)
"""What a resource has one of that may make or attach a policy, or share a part with another."""
_ASIDE = frozenset({"AWSTemplateFormatVersion", "Description"})
_FOR_PEOPLE = frozenset({"ConstraintDescription", "Description"})
_BEGIN = frozenset({"if", "unless", "for"})
_BETWEEN = frozenset({"else", "elif"})
_ASSIGNS = re.compile(r"\$?[\w.]+\s*:?=[^=]|set\b")
_MAKES = re.compile(r"(?:include|template|define|block|import|from|macro|call)\b|[>&]|partial")
"""What tags begin with that may write anything."""


def without_harmless_parts(text: str) -> str:
    """A template of YAML with white space in the place of what cannot give access.

    That are outputs, resources that have no policies, and tags that decide about nothing
    else. A template that is not read line by line is returned as it is.
    """
    try:
        tags = list(tags_of(text))
    except ValueError:
        return text
    characters = list(text)
    gone: set[Tag] = set()
    starts = [tag.span.start for tag in tags]
    for span in _harmless_parts(text, tags):
        inner = tags[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
        if not any(_may_write_anything(text, tag) for tag in inner):
            kept = _unpaired(inner)
            _clear(characters, span, [tag.span for tag in kept])
            gone.update(set(inner) - set(kept))
    for tag in _around_nothing(characters, [tag for tag in tags if tag not in gone]):
        _clear(characters, tag.span, ())
    return "".join(characters)


def _harmless_parts(text: str, tags: Sequence[Tag]) -> Iterator[Span]:
    """The parts that cannot give access, whatever their tags that write values come to."""
    for span, is_output in _members(text, tags):
        part = text[slice(*span)]
        if _has_no_access(part, is_output=is_output):
            yield span
        elif not is_output:
            yield from _of_resource(text, span, tags)
    for section in blocks(text, Span(0, len(text)), tags, outermost=True):
        if section.key in _ASIDE:
            yield section.span
        for parameter in blocks(text, section.span, tags) if section.key == "Parameters" else ():
            for member in blocks(text, parameter.span, tags):
                if member.key in _FOR_PEOPLE:
                    yield member.span


def _of_resource(text: str, span: Span, tags: Sequence[Tag]) -> Iterator[Span]:
    """The members and properties of a resource that decide nothing about access."""
    type_ = _type_of(text[slice(*span)])
    if not _is_known(type_) or not type_.startswith("AWS::"):
        return
    for member in blocks(text, span, tags):
        inner = blocks(text, member.span, tags) if member.key == "Properties" else ()
        found = [member] if member.key in harmless() else inner
        for block in found:
            is_part = block is member or not _decides(type_, block.key)
            if is_part and not _ACCESS.search(text[slice(*block.span)]):
                yield block.span


def _decides(type_: str, property_: str) -> bool:
    """Whether a property of a resource may decide about access."""
    uses = uses_of(type_)
    if type_ in permissions() or any(use.what == "access" for use in uses):
        return True
    named = [name for use in uses for name in (*use.owners, *use.policies, *dict(use.unless))]
    named += [known.path[0] for known in properties().get(type_, ())]
    return any(re.split("[/=]", name)[0] == property_ for name in named)


def _clear(characters: list[str], span: Span, kept: Sequence[Span]) -> None:
    start = span.start
    for part in (*kept, Span(span.end, span.end)):
        characters[start : part.start] = blank("".join(characters[start : part.start]))
        start = part.end


def _members(text: str, tags: Sequence[Tag]) -> Iterator[tuple[Span, bool]]:
    """The resources and outputs with what follows them, and whether they are outputs."""
    section, indent, start, at = "", 0, 0, 0
    starts = [tag.span.start for tag in tags]
    alone = {*starts}
    for line in text.splitlines(keepends=True):
        begin, at = at, at + len(line)
        content = line.strip()
        first = begin + len(line) - len(line.lstrip())
        last = bisect_left(starts, begin) - 1
        is_within = last >= 0 and begin < tags[last].span.end
        if not content or content.startswith("#") or first in alone or is_within:
            continue
        if first == begin or (section and indent and first - begin < indent):
            if section and start:
                yield Span(start, begin), section == "Outputs"
            found = _SECTION.fullmatch(content) if first == begin else None
            section, indent, start = found[1] if found else "", 0, 0
        elif section and (not indent or first - begin == indent):
            if start:
                yield Span(start, begin), section == "Outputs"
            member = _MEMBER.fullmatch(line.rstrip())
            indent, start = first - begin, begin if member else 0
    if section and start:
        yield Span(start, at), section == "Outputs"


def _has_no_access(text: str, *, is_output: bool) -> bool:
    """Whether the text of a resource, or of an output, cannot make or attach a policy."""
    if _ACCESS.search(text):
        return False
    return is_output or _is_harmless(_type_of(text), text)


def _type_of(text: str) -> str:
    """The type of a resource; nothing if it is not known."""
    indents = [len(match[1]) for match in _INDENT.finditer(text.partition("\n")[2])]
    least = min(indents, default=0)
    types = [type_[3] for type_ in _TYPE.finditer(text) if len(type_[1]) == least]
    return types[0] if len(types) == 1 else ""


def _is_harmless(type_: str, text: str) -> bool:
    """Whether a resource of a type has no access, and in its text no property with a policy."""
    if not _is_known(type_) or uses_of(type_) or type_ in permissions():
        return False
    paths = (known.path for known in properties().get(type_, ()))
    return not any(all(step == "*" or step in text for step in path) for path in paths)


def _is_known(type_: str) -> bool:
    """Whether a type is known not to deploy other resources."""
    return _KNOWN.fullmatch(type_) is not None and type_ not in NESTED_STACKS


def writing_tags(text: str) -> Iterator[Tag]:
    """The tags that may write any part of a template, but for those that only give values."""
    with contextlib.suppress(ValueError):
        for tag in list(tags_of(text)):
            if tag.kind != "nothing" and _may_write_anything(text, tag):
                yield tag._replace(content=" ".join(tag.content.split()))


def _may_write_anything(text: str, tag: Tag) -> bool:
    """Whether a tag may add resources, or decide what later ones say."""
    if tag.kind == "included" or _MAKES.match(tag.content):
        return True
    if tag.kind:
        return tag.kind == "nothing" and _ASSIGNS.match(tag.content) is not None
    begins_line = not text[text.rfind("\n", 0, tag.span.start) + 1 : tag.span.start].strip()
    return begins_line or "indent" in tag.content


def _unpaired(tags: Sequence[Tag]) -> list[Tag]:
    """The tags of a part that begin or end something outside of it."""
    open_: list[list[Tag]] = []
    left: list[Tag] = []
    for tag in tags:
        if tag.kind in _BEGIN:
            open_.append([tag])
        elif tag.kind == "end" and open_:
            open_.pop()
        elif tag.kind in _BETWEEN and open_:
            open_[-1].append(tag)
        elif tag.kind in _BETWEEN or tag.kind == "end":
            left.append(tag)
    return sorted([*left, *(tag for group in open_ for tag in group)], key=lambda tag: tag.span)


def _around_nothing(characters: Sequence[str], tags: Sequence[Tag]) -> Iterator[Tag]:
    """The tags of the constructs that have nothing in any branch."""
    open_: list[list[Tag]] = []
    blank_, at = [True], 0
    for tag in tags:
        between = characters[at : tag.span.start]
        at = tag.span.end
        blank_[-1] = blank_[-1] and not "".join(between).strip()
        if tag.kind in _BEGIN:
            open_.append([tag])
            blank_.append(True)
        elif tag.kind in _BETWEEN and open_:
            open_[-1].append(tag)
        elif tag.kind == "end" and open_:
            group, is_blank = [*open_.pop(), tag], blank_.pop()
            blank_[-1] = blank_[-1] and is_blank
            yield from group if is_blank else ()
        else:
            blank_[-1] = False
