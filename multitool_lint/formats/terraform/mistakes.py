"""Mistakes in files of Terraform that may be those of policies."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.limits import MAX_TEMPLATE_TAGS
from multitool_lint.reasons import Reason
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.hcl.tree import HclFile, parts_of
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.recovery import Recovered

_TYPE = re.compile(r"\baws_\w+")
_LEXEMES = re.compile(
    r'"(?:[^"\\\n]|\\.)*+"?|(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z)|<<-?(\w+)\r?\n.*?(?:^[ \t]*\1\b|\Z)'
    r"|(?P<tag>\{\{-?\s*[A-Za-z_.$][^{}\n]*\}\}|\{%-?\s[^{}\n]*%\})",
    re.DOTALL | re.MULTILINE,
)
"""What may have any text in it, and the tags of other engines that are not in such."""
_WITH_TAGS = frozenset({"comment", "quoted_template", "heredoc_template", "string_lit"})
"""The same as it is parsed, which an expression in a string may need."""
SYNTAX_RULE = "hcl-syntax-error"


def mistakes(file: HclFile, rest: Recovered) -> Iterator[Problem]:
    """The syntax errors of a file of which the rest is read, where they may be those of policies.

    Where they may be by the file as a whole, the first is one in any case.
    """
    # What is in the root has no shape if the root itself is a mistake.
    parts = (file.root,) if file.root.is_error else parts_of(file.root)
    certain = any(part.has_error and seems_to_have_policy(file.text(part)) for part in parts)
    for broken in rest.broken or (file,):
        yield from mistake(broken, broken.root, certain=certain)
        certain = False


def template_tag(file: HclFile) -> Skipped | None:
    """What is reported of a template of another engine: a tag where the language can have none."""
    text = file.source.text
    found = (tag for tag in _LEXEMES.finditer(text) if tag["tag"])
    for tag in islice(found, MAX_TEMPLATE_TAGS):
        start = len(text[: tag.start()].encode())
        inner = file.root.descendant_for_byte_range(start, start + 1)
        while inner is not None and inner.type not in _WITH_TAGS:
            inner = inner.parent
        if inner is None:
            is_action = tag[0].startswith("{{")
            why = (Reason.TEMPLATE_ACTIONS,) if is_action else (Reason.TEMPLATE_TAGS, "{%")
            return not_read(Span(*tag.span()), *why)
    return None


def mistake(file: HclFile, part: Syntax, *, certain: bool = False) -> Iterator[Problem]:
    """A syntax error, where it may be that of a policy, or certainly is."""
    if not (certain or seems_to_have_policy(file.text(part))):
        return
    place = file.mistake(part)
    start, end = file.span(place)
    around = file.source.text[start:end]
    start += len(around) - len(around.lstrip())
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
