"""The expressions of templates in the texts of policies, as placeholders that can be filled in."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from multitool_lint.aws.policy_variables import OPENER, is_part
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.expressions import canonical
from multitool_lint.policy.compare.request import LITERAL, plain
from multitool_lint.policy.variables import unfilled
from multitool_lint.syntax.placeholders import (
    as_written,
    of_expression,
    of_sample,
    with_unknown_parts,
)

NO_VARIABLE = "$\x01{"
"""What a variable begins with in a policy without variables, where it is plain text."""
OF_TEMPLATE, OF_OTHERS = f"{OPENER}._", f"{OPENER}-"
"""What placeholders begin with in a policy without variables: those of templates, and others."""

_OF_TEMPLATE = lazy_pattern(r"\{\{ (.*) \}\}", re.DOTALL)
_REFERENCE = lazy_pattern(r"!Ref ([\w:]+)")
_SUBSTITUTED = "!Sub "
_PATH = lazy_pattern(r'[\w:-]+(?:\.[\w-]+|\["[^"\[\]]*"\]|\[\d+\])*')
_WORDS = lazy_pattern(r"[\w:-]+(?:\.[\w-]+)*")
_STEP = lazy_pattern(r'"[^"]*"|[\w:-]+')
_ROOTS = frozenset({"data", "each", "local", "module", "path", "terraform", "var"})
"""What a path of Terraform may begin with, other than the type of a resource."""


@lru_cache(maxsize=4096)
def with_placeholders(text: str) -> str | None:
    """A text with each expression as a placeholder; None if not all of its parts are known."""
    if UNKNOWN_MARK not in text:
        return text.replace(OF_TEMPLATE, OPENER).replace(OF_OTHERS, OPENER)
    value = _as_json(plain(text.lstrip(UNKNOWN_MARK)))
    if not isinstance(value, str):
        return None
    match = _OF_TEMPLATE.fullmatch(value)
    return _of_expression(match[1]) if match else with_unknown_parts(value)


def without_variables(text: str) -> str:
    """A text in which `${` does not begin a variable, but may be filled in by a template.

    What is filled in stays unknown. It is not what it is with variables, which it may contain.
    """
    for variable in reversed(unfilled(text)):
        opener = NO_VARIABLE
        if is_part(variable.key):
            opener = OF_TEMPLATE if variable.key.startswith(".") else OF_OTHERS
        text = f"{text[: variable.start]}{opener}{text[variable.start + len(OPENER) :]}"
    return text


def shown(text: str) -> str:
    """A pattern or value of a scope as the policy has it."""
    for opener in (NO_VARIABLE, OF_TEMPLATE, OF_OTHERS):
        text = text.replace(opener, OPENER)
    return as_written(plain(text.replace(UNKNOWN_MARK, "")))


def is_without_variables(text: str) -> bool:
    """Whether an unknown text is one of a policy without variables."""
    return text.startswith(2 * UNKNOWN_MARK) or OF_TEMPLATE in text or OF_OTHERS in text


def unknown_text(written: str, *, has_variables: bool = True) -> str:
    """An unknown value, marked as equal to itself only.

    A wildcard in an expression, such as `var.names[*]`, does not match other expressions. Where
    there are no variables, the value is another one if it may have some.
    """
    value = _as_json(written)
    match = _OF_TEMPLATE.fullmatch(value) if isinstance(value, str) else None
    if match:
        written = json.dumps(f"{{{{ {canonical(match[1])} }}}}", ensure_ascii=False)
    elif isinstance(value, dict):  # a function in a policy that is not in a template
        written = json.dumps(value, ensure_ascii=False)
    marked = UNKNOWN_MARK + written.translate(LITERAL)
    if has_variables:
        return marked
    template = with_placeholders(marked)
    may_have_variables = template is None or unfilled(template)
    return UNKNOWN_MARK + marked if may_have_variables else marked


def _of_expression(written: str) -> str | None:
    """An expression as CloudFormation or Terraform has it, with placeholders for its parts."""
    value = _as_json(written)
    if isinstance(value, str):  # a string of Terraform with expressions in it
        return with_unknown_parts(value)
    if reference := _REFERENCE.fullmatch(written):
        return of_sample(f"${{{reference[1]}}}")
    text = _as_json(written.removeprefix(_SUBSTITUTED))
    if written.startswith(_SUBSTITUTED) and isinstance(text, str) and "${!" not in text:
        return with_unknown_parts(text)
    return of_expression(written)


def _as_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def are_independent(expressions: Iterable[str]) -> bool:
    """Whether each of several expressions, as they are written, may have any value.

    Two attributes of one resource may not: the name of a bucket is a part of its ARN.
    """
    items: dict[tuple[str, ...], list[str]] = {}
    words: Counter[str] = Counter()
    composed: set[str] = set()
    for expression in expressions:
        own = set(_WORDS.findall(expression))
        words.update(own)
        if _PATH.fullmatch(expression):
            owner, item = _owner(_STEP.findall(expression))
            items.setdefault(owner, []).append(item)
        else:
            composed |= own
    return all(words[word] == 1 for word in composed) and all(
        len(some) == 1 or ("" not in some and len(set(some)) == len(some))
        for some in items.values()
    )


def _owner(steps: list[str]) -> tuple[tuple[str, ...], str]:
    """The variable or resource that a path begins with, and its index, if there is one."""
    is_of_terraform = steps[0] in _ROOTS or "_" in steps[0]
    named = 3 if steps[0] == "data" else 2 if is_of_terraform else 1
    after = steps[named] if len(steps) > named else ""
    return tuple(steps[:named]), "" if after[:1].isalpha() else after
