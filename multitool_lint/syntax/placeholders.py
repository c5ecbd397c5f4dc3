"""Placeholders of templates, which are unresolved, as distinct from IAM's policy variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cache

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.tree import Member, UnknownNode

# What is between `${` and `}` is IAM's if it is a character to be taken literally, or a
# condition key (a prefix, a colon, a name, perhaps a tag key) with, perhaps, a default value.
# AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
# A misspelt one (a space, a quote too few) is still IAM's: it is for a rule to report.
_POLICY_VARIABLE = r"""\s*(?:
        [*?$]
        | aws:(?!:).*
        | (?!(?:self|opt|env|param|sls|cf|file):)  # prefixes of the Serverless Framework
          [\w.-]+:
          (?![:=+?/-])  # `AWS::Region` is CloudFormation's, `NAME:-default` a shell's
          [^?"()]*
    )\s*"""
_DOLLAR = lazy_pattern(r"\$\{([^{}]*+)([{}])")  # begins with what is soon found in a long text
_CLOSERS = {"{{": "}}", "{%": "%}", "<%": "%>", "%{": "}"}
_ENDS = ("}", "%>")
_OPENER = r"\$\{|\{\{|<%|%\{"
_CLAIM = r":[A-Za-z]\w*+"
_TAG_KEY = r"[a-z][a-z0-9-]*+:[A-Za-z]\w*+/"
_BRACE = r'"(?:[^"\\\n]|\\.)*+"?|([{}])'  # those in strings do not count
# Compiled when they are first needed: only Terraform has them.
_ESCAPED = r"[^A-Za-z0-9_]"
_ESCAPE = r"\.([0-9a-f]+)\."
_ESCAPED_TEXT = r"(?:[A-Za-z0-9_]|\.[0-9a-f]+\.)*+"
_AS_JSON = r'"(\{\{ (?:[^"\\]|\\.)* \}\})"'
_EXPRESSION = rf"\$\{{\.({_ESCAPED_TEXT})\}}"
_OF_PATH = ".$"
_PATHS = ("$", "States.")
_CONTEXT = "\0"
_DIGEST = r" \([0-9a-f]{24}\)$"
"""A context that is the identity of a value, which says nothing to people."""
_SAMPLE = "\1"
# The parts of an ARN that a reference comes to begin with one of these.
_ARN, _ANY, _NAME, _FIELD = "\2", "\3", "\4", "\5"
_KINDS = {"Partition": _ARN, "Any": _ANY, "Region": _FIELD, "Account": _FIELD}


class ArnPart(Enum):
    """What of an ARN an expression comes to: of the reference to a resource, a part only."""

    PARTITION = "partition"
    ANY = "any"
    NAME = "name"
    FIELD = "field"
    TEXT = "text"


_PARTS = {_ARN: ArnPart.PARTITION, _ANY: ArnPart.ANY, _NAME: ArnPart.NAME, _FIELD: ArnPart.FIELD}
_OF_ARN = (
    rf"arn:\$\{{\.(\.2\.(?P<arn>{_ESCAPED_TEXT}))\}}"
    r"(?:[A-Za-z0-9:/-]*+\$\{\.\.[345]\.(?P=arn)\})*"
)
_WRITTEN = f"{_OF_ARN}|{_EXPRESSION}"
_PART_OF_ARN = r"\$\{(\w+)\}"
_LEADING_ACTION = r"\s*+\{\{-?\s*+[A-Za-z.$][^{}\r\n]*+\}\}"
_CONTROL_TAG = r"\{%-?|<%(?!=)|%\{~?|\{\{-?\s*(?:[#/^]|(?:range|if|else|end|with)\b)"


def may_hold_placeholders(text: str) -> bool:
    """Whether the strings of a text, or of a part of it, have to be asked at all."""
    # A single character is found in a fraction of the time, and most texts have none of these.
    return (
        ("$" in text and "${" in text)
        or "{{" in text
        or ("%" in text and ("{%" in text or "<%" in text or "%{" in text))
    )


def has_placeholder(value: str) -> bool:
    """Whether a template fills in a part of a string before AWS sees it.

    `$${` counts: it is how Terraform's templates spell a `${` that they leave alone.
    """
    if not may_hold_placeholders(value):
        return False
    for match in _DOLLAR.finditer(value):
        name, closer = match.groups()
        escaped = value.startswith("$", max(match.start() - 1, 0), match.start())
        if escaped or closer == "{" or (name.strip() and not _policy_variable().fullmatch(name)):
            return True
    for opener, closer in _CLOSERS.items():
        start = value.find(opener)
        if start >= 0 and value.find(closer, start + 2) >= 0:
            return True
    return False


@cache
def _policy_variable() -> re.Pattern[str]:
    # Few policies have a variable, and no other expression takes as long to compile.
    return re.compile(_POLICY_VARIABLE, re.VERBOSE | re.DOTALL)


def placeholder_end(text: str, start: int) -> int | None:
    """Where the placeholder at `start` ends; None if there is none or it is never closed."""
    opener = text[start : start + 2]
    if opener == "${":
        depth = 0
        for brace in re.compile(_BRACE).finditer(text, start):
            depth += {"{": 1, "}": -1, None: 0}[brace[1]]
            if depth == 0:
                return brace.end()
    elif opener in _CLOSERS:
        end = text.find(_CLOSERS[opener], start + 2)
        return end + len(_CLOSERS[opener]) if end >= 0 else None
    return None


def with_unknown_parts(text: str) -> str | None:
    """A text with the placeholders of templates as unknown parts; None if they are not plain."""
    if "$${" in text or control_tag(text):
        return None
    parts, end = [], 0
    for opener in re.finditer(_OPENER, text):
        start = opener.start()
        if start < end:
            continue
        stop = placeholder_end(text, start)
        if stop is None:
            return None
        written = text[start:stop]
        variable = opener[0] == "${" and _policy_variable().fullmatch(written[2:-1])
        if not (variable or is_expression(written)):
            parts += [text[end:start], of_sample(written)]
            end = stop
    return "".join([*parts, text[end:]])


def control_tag(text: str) -> re.Match[str] | None:
    """The first tag that decides whether a part of the text is there at all, such as `{% if %}`."""
    return re.search(_CONTROL_TAG, text)


def begins_with_action(text: str) -> bool:
    """Whether a text begins with what a template engine replaces, and is not a JSON text."""
    return re.match(_LEADING_ACTION, text) is not None


def is_unknown(members: Sequence[Member], *, templated: bool) -> bool:
    """Whether an object is a CloudFormation function or a template fills in one of its keys."""
    if len(members) == 1 and (members[0].key == "Ref" or members[0].key.startswith("Fn::")):
        return True
    return templated and any(
        has_placeholder(member.key) and not is_condition_key(member.key) for member in members
    )


def is_condition_key(key: str) -> bool:
    """Whether a key is known but for the identity provider of a claim, or a part of a tag.

    Such are `${issuer}:sub` and `aws:ResourceTag/${name}`.
    """
    return bool(re.fullmatch(_CLAIM, known_end(key)) or re.match(_TAG_KEY, key))


def selected_at_run_time(member: Member) -> Member:
    """A member of a state machine as one of an unknown value if its key says that it is a path.

    Such are `"Resource.$": "$.Arn"` and `"AWS.$": "States.Format(...)"`; no element has such a key.
    AWS: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
    """
    path = member.value.string if member.key.endswith(_OF_PATH) else None
    if path is None or not path.startswith(_PATHS):
        return member
    value = UnknownNode(member.value.span, member.value.pointer, "", of_expression(path))
    return Member(member.key.removesuffix(_OF_PATH), member.key_span, value)


def of_expression(expression: str, context: str = "") -> str:
    """The placeholder of an expression within a text: the same for the same expression only.

    What is not a letter or digit is escaped, so that no colon, brace or wildcard of the expression
    is taken for one of the text. The `context` distinguishes values of an expression that is
    evaluated several times.
    """
    text = f"{expression}{_CONTEXT}{context}" if context else expression
    return f"${{.{re.sub(_ESCAPED, lambda match: f'.{ord(match[0]):x}.', text)}}}"


def of_sample(text: str) -> str:
    """The placeholder of a part that the reader of a sample is to replace, such as `<ACCOUNT>`."""
    return of_expression(_SAMPLE + text)


def of_arn(expression: str, format: str, context: str = "") -> str:
    """The ARN of a documented format that an expression comes to, with placeholders as its parts.

    None of them has a colon or, but for the part `${Any}` of a format, a slash.
    """

    def part(match: re.Match[str]) -> str:
        return of_expression(_KINDS.get(match[1], _NAME) + expression, context)

    return re.sub(_PART_OF_ARN, part, format)


def is_part_of_arn(written: str) -> bool:
    """Whether a placeholder is a part of an ARN that an expression comes to."""
    return re.match(r"\$\{\.\.[2345]\.", written) is not None


def begins_with_name(text: str) -> bool:
    """Whether a text begins with the name of a resource that a reference comes to, or its URL."""
    return re.match(r"\$\{\.\.[34]\.", text) is not None


def known_end(text: str) -> str:
    """What is after the last placeholder of a text."""
    return text[max(map(text.rfind, _ENDS)) + 1 :]


def has_expression(text: str) -> bool:
    """Whether an expression has a placeholder in a text."""
    return "${." in text and re.search(_EXPRESSION, text) is not None


def is_expression(text: str) -> bool:
    """Whether a text is the placeholder of an expression, and nothing else."""
    return text.startswith("${.") and re.fullmatch(_EXPRESSION, text) is not None


def without_expressions(text: str) -> str:
    """A text without the placeholders of expressions."""
    return re.sub(_WRITTEN, "", text) if "${." in text else text


def as_written(text: str) -> str:
    """A text with the expressions as they are written, `${...}`, in the place of placeholders."""
    return re.sub(_WRITTEN, _shown, text) if "${." in text else text


def without_braces(text: str) -> str:
    """A text with the expressions as they are written that are compared as JSON: `"{{ x }}"`."""
    return re.sub(_AS_JSON, _expression, text) if '"{{ ' in text else text


def _expression(match: re.Match[str]) -> str:
    import json  # few texts have one

    written: str = re.sub(_DIGEST, "", json.loads(match[0])[3:-3])
    return written[1:-1] if written.startswith('"') and written.endswith('"') else written


def split_expressions(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text: what is literal, and the expressions as they are written."""
    end = 0
    for match in re.finditer(_WRITTEN, text):
        yield text[end : match.start()], False
        expression = _read(match)[0]
        if expression.startswith(_SAMPLE):
            yield expression.removeprefix(_SAMPLE), False
        else:
            yield f"${{{expression}}}", True
        end = match.end()
    yield text[end:], False


def filled_in(text: str, value: Callable[[ArnPart, str], str | None]) -> str:
    """A text with the values of expressions, of which some are known by what they are a part of."""

    def found(match: re.Match[str]) -> str:
        written = re.sub(_ESCAPE, lambda escape: chr(int(escape[1], 16)), match[1])
        part = _PARTS.get(written[:1], ArnPart.TEXT)
        expression = written.lstrip(_ARN + _ANY + _NAME + _FIELD + _SAMPLE).partition(_CONTEXT)[0]
        known = value(part, expression.removeprefix("${").removesuffix("}"))
        return match[0] if known is None else known

    return re.sub(_EXPRESSION, found, text) if "${." in text else text


def _shown(match: re.Match[str]) -> str:
    expression, context = _read(match)
    if expression.startswith(_SAMPLE):
        return expression.removeprefix(_SAMPLE)
    is_for_people = context and re.fullmatch(_DIGEST, f" ({context})") is None
    return f"${{{expression} ({context})}}" if is_for_people else f"${{{expression}}}"


def _read(match: re.Match[str]) -> tuple[str, str]:
    text = re.sub(_ESCAPE, lambda escape: chr(int(escape[1], 16)), match[1] or match[3])
    expression, _, context = text.lstrip(_ARN + _ANY + _NAME + _FIELD).partition(_CONTEXT)
    return expression, context
