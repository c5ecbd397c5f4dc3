"""Placeholders: what the reader of a sample is to replace, such as `<ACCOUNT_ID>` or `YOUR_ROLE`.

A placeholder is an unknown part of a value; the rest of the value is checked. Some are marked as
such and are placeholders in every file. Bare words like `REGION` are placeholders in prose only: in
a file that is deployed, AWS would reject them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from multitool_lint.aws.arn import FIELDS, cut
from multitool_lint.syntax.placeholders import of_sample

_PARTITION, _SERVICE, _REGION, _ACCOUNT = 1, 2, 3, 4

# A brace after `$`, `&`, `#` or another brace belongs to a variable or a template.
_MARKED = (
    r"<(?=[^<>A-Za-z]*+[A-Za-z])[^<>\"\\]*+>"
    r"|(?<![$&#%{])\{[A-Za-z][^{}\"\\,:*]*\}(?!\})"
    r"|#\{[A-Za-z][\w.-]*\}"
    r"|\[\[?[A-Z][A-Z_ -]+\]\]?"
    r"|%\([a-z_]\w*\)s|%[dsv](?![0-9A-Za-z])"
    r"|(?<![A-Za-z0-9_$])(?:__[A-Z][A-Z0-9_]*?__|_[A-Z][A-Z0-9_]*_|@[A-Z][A-Z0-9_]+@)(?![A-Za-z0-9_])"
    # `$LATEST` is a version of a Lambda function.
    r"|\$(?!LATEST\b)[A-Z][A-Z0-9_]+"
)
_HINT = re.compile(r"[<{%[_@$]|[Yy]our|YOUR|XXX|xxx")
_SHELL_VARIABLE = r"\$\(?[A-Za-z_]\w*\)?"
_REPEATED = r"(?=[0-9-]*+[A-Za-z])(?:([A-Za-z])\1{2,}+|[0-9-]++)++"
_XS = r"[0-9-]*(?:X{3,}|x{3,})[0-9Xx-]*"
_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_CAPITALS = r"[A-Z][A-Z0-9]*(?:[_ -][A-Z0-9]+)*"
DOTS = r"\.{3,}|\u2026"
"""What is left out."""
_DATE_LETTERS = r"Y+[-:./YMDHSTZ]+"
_ADDRESS_LETTERS = r"([A-Za-z])(?:\.[A-Za-z]){3}(?:/[0-9]+)?"
_NOUNS = frozenset(
    {"account", "acct", "address", "arn", "bucket", "cidr", "date", "domain", "id", "ip", "key"}
    | {"name", "number", "org", "organization", "ou", "partition", "prefix", "provider", "queue"}
    | {"region", "role", "service", "table", "topic", "url", "user", "vpc", "vpce"}
)
_FIELD_NOUNS = {
    _PARTITION: frozenset({"partition"}),
    _SERVICE: frozenset({"service"}),
    _REGION: frozenset({"region", "regions"}),
    _ACCOUNT: frozenset({"account", "accountid", "acct", "id"}),
}


@lru_cache(maxsize=2048)
def in_resource(text: str, prose: bool) -> str:  # noqa: FBT001 - a reader like the others
    """A value of `Resource` with its placeholders as unknown parts.

    Those in the name of the resource stay: they are a name like any other, which has no slash.
    """
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=False)
    if _is_bare(text, prose=prose):
        return of_sample(text)
    start, slash, rest = text.partition("/")
    if slash and _is_bare(start, prose=prose):
        return f"{of_sample(start)}/{rest}"
    first = re.match(_MARKED, text)
    return of_sample(first[0]) + text[first.end() :] if first else text


@lru_cache(maxsize=2048)
def in_value(text: str, prose: bool) -> str:  # noqa: FBT001
    """A principal with its placeholders as unknown parts."""
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=True)
    return of_sample(text) if _is_bare(text, prose=prose) else _in_name(text, prose=prose)


def in_condition(text: str, prose: bool) -> str:  # noqa: FBT001
    """A value of a condition, which is unknown if a part of it is."""
    return text if in_value(text, prose) == text else of_sample(text)


def in_key(text: str, prose: bool) -> str:  # noqa: FBT001
    """A condition key with its placeholders as unknown parts; a tag key may have any name."""
    prefix, colon, name = text.rpartition(":")
    if prefix in ("", "aws") or not _may_have(text, prose=prose):
        return text
    known = in_value(prefix, prose)
    return text if known == prefix else f"{known}{colon}{name}"


def as_it_is(text: str, prose: bool) -> str:  # noqa: ARG001, FBT001
    """A text that is not read for placeholders."""
    return text


def marked(text: str, prose: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002
    """A text with the placeholders that are marked as such as unknown parts."""
    return re.sub(_MARKED, lambda match: of_sample(match[0]), text) if _may_have(text) else text


def ends_in_placeholder(text: str) -> bool:
    """Whether the end of a text is a placeholder that is marked as such."""
    return re.search(rf"(?:{_MARKED})\Z", text) is not None


def _may_have(text: str, *, prose: bool = False) -> bool:
    return prose or _HINT.search(text) is not None


def _in_arn(text: str, *, prose: bool, name: bool) -> str:
    """An ARN with the placeholders of its fields, and with `name` of the resource, as unknown."""
    hidden = re.sub(_MARKED, lambda match: "_" * len(match[0]), text)
    fields = []
    for at, written in enumerate(cut(text, hidden)):
        if at == FIELDS - 1:
            fields.append(_in_name(written, prose=prose) if name else written)
        elif at and _is_field(written, at, prose=prose):
            fields.append(of_sample(written))
        else:
            fields.append(marked(written))
    return ":".join(fields)


def _in_name(text: str, *, prose: bool) -> str:
    """A name of several parts, of which some may be placeholders."""
    text = marked(text)
    if not prose or "${" in text:
        return text
    labels = re.split(r"([./:])", text)
    return "".join(
        of_sample(label) if _is_region_word(label) or _is_capitals(label) else label
        for label in labels
    )


def _is_field(text: str, at: int, *, prose: bool) -> bool:
    if not text or text.startswith("${") or re.fullmatch(_MARKED, text):
        return bool(text) and text[0] != "$"
    words = _words(text)
    if _is_yours(words) or re.fullmatch(_SHELL_VARIABLE, text):
        return True
    if at == _ACCOUNT and re.fullmatch(_REPEATED if prose else _XS, text):
        return True
    if not prose:
        return False
    return bool(words & _FIELD_NOUNS[at]) or (
        at != _SERVICE and re.fullmatch(rf"{_CAPITALS}|{DOTS}", text) is not None
    )


def _is_bare(text: str, *, prose: bool) -> bool:
    """Whether a value without a colon is a placeholder as a whole."""
    if prose and re.fullmatch(f"{_DATE_LETTERS}|{_ADDRESS_LETTERS}", text):
        return True
    if ":" in text or "*" in text:
        return False
    if re.fullmatch(_SHELL_VARIABLE, text):
        return True
    words = _words(text)
    if _is_yours(words):
        return True
    return prose and ("arn" in words or _is_capitals(text) or bool(re.fullmatch(_REPEATED, text)))


def _is_yours(words: set[str]) -> bool:
    return any(word.startswith("your") for word in words)


def _is_capitals(text: str) -> bool:
    return bool(re.fullmatch(_CAPITALS, text) and _words(text) & _NOUNS)


def _is_region_word(text: str) -> bool:
    return text.lower() in ("region", "region-code", "aws-region", "aws_region")


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(_WORDS, text)}
