"""Mistakes in files of Terraform that may be those of policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import Problem
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.hcl.tree import HclFile, parts_of
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.recovery import Recovered

_TYPE = re.compile(r"\baws_\w+")
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
