"""Placeholders: what the reader of a sample is to replace, such as `<ACCOUNT_ID>` or `YOUR_ROLE`.

A placeholder is an unknown part of a value; the rest of the value is checked. Some are marked as
such and are placeholders in every file. Bare words like `REGION` are placeholders in prose only: in
a file that is deployed, AWS would reject them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from multitool_lint.aws.arn import FIELDS, cut, is_account
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_POLICY_VALUES
from multitool_lint.policy.placeholder_forms import (
    ACCOUNT,
    DOTS,
    MARKED,
    REGION,
    is_any,
    is_bare,
    is_capitals,
    is_field,
    is_field_name,
    is_label,
    is_name_of_value,
    is_sample_value,
    is_yours,
    words_of,
)
from multitool_lint.syntax.placeholders import of_sample

_HINT = lazy_pattern(r"[<{%[_@$#~!\u00ab\u2039&]|\(\(|[Yy]our|YOUR|XXX|xxx")
_TO_FILL_IN = lazy_pattern(
    r"<[^<>{}]+>|&lt;[^&]+&gt;|[\u00ab\u2039][^\u00bb\u203a]+[\u00bb\u203a]|X{3,}|x{3,}|%[sd]\b|\{\}"
)
"""The placeholders that are not variables of a program."""
_ACTION_NAME = (
    r"(?:Some|Any|My|The)?Action(?:Name)?s?[0-9]*|(?:[A-Z]+[_-])*(?:ACTION|OPERATION|API)(?:_NAME)?"
)
_ACTION_WORDS = frozenset(
    {"action", "actions", "api", "name", "operation", "operations", "permission", "permissions"}
)
_SERVICE_WORDS = frozenset({"aws", "name", "namespace", "prefix", "service", "some", "the"})
_SID_WORDS = frozenset({"a", "id", "my", "name", "optional", "sid", "statement", "the", "unique"})
_SERVICE_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
_CHOICE = r"effect|(?:allow|deny)\s*(?:[|/,]|or)\s*(?:allow|deny)"


@lru_cache(maxsize=MAX_POLICY_VALUES)
def in_resource(text: str, prose: bool) -> str:  # noqa: FBT001 - a reader like the others
    """A value of `Resource` with its placeholders as unknown parts.

    Those in the name of the resource stay: they are a name like any other, which has no slash.
    """
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=False)
    if is_bare(text, prose=prose) or (prose and " " in text.strip()):
        return of_sample(text)
    start, slash, rest = text.partition("/")
    if slash and is_bare(start, prose=prose):
        return f"{of_sample(start)}/{rest}"
    first = re.match(MARKED, text)
    return of_sample(first[0]) + text[first.end() :] if first else text


@lru_cache(maxsize=MAX_POLICY_VALUES)
def in_principal(text: str, prose: bool) -> str:  # noqa: FBT001
    """A principal with its placeholders as unknown parts."""
    is_account = ":" not in text and is_field(text, ACCOUNT, prose=prose)
    is_phrase = prose and " " in text.strip()
    return of_sample(text) if is_account or is_phrase else _in_value(text, prose=prose)


def _in_value(text: str, *, prose: bool) -> str:
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=True)
    return of_sample(text) if is_bare(text, prose=prose) else _in_name(text, prose=prose)


def in_condition(text: str, prose: bool) -> str:  # noqa: FBT001
    """A value of a condition, which is unknown if a part of it is."""
    is_sample = _in_value(text, prose=prose) != text or (prose and is_sample_value(text))
    return of_sample(text) if is_sample else text


def in_key(text: str, prose: bool) -> str:  # noqa: FBT001
    """A condition key with its placeholders as unknown parts; a tag key may have any name."""
    if is_any(text, MARKED):
        return of_sample(text)
    prefix, colon, name = text.rpartition(":")
    if prefix.lower() in ("", "aws") or not _may_have(text, prose=prose):
        return text
    if prose and is_name_of_value(prefix.replace("-", "_")):
        return f"{of_sample(prefix)}{colon}{name}"
    known = _in_value(prefix, prose=prose)
    return text if known == prefix else f"{known}{colon}{name}"


def in_action(text: str, prose: bool) -> str:  # noqa: FBT001
    """An action, which is unknown if a part of it is."""
    service, _, name = text.partition(":")
    others = words_of(name) - _ACTION_WORDS
    is_sample = marked(text) != text or (
        prose
        and (
            not text.strip()
            or _SERVICE_WORDS >= words_of(service) >= {"service"}
            or is_any(name, _ACTION_NAME, DOTS)
            or is_yours(words_of(service))
            or (others and all(is_yours({word}) for word in others))
        )
    )
    return of_sample(text) if is_sample else text


def in_sid(text: str, prose: bool) -> str:  # noqa: FBT001
    """A Sid, which is unknown if it says that it is one."""
    words = words_of(text)
    is_sample = marked(text) != text or (
        prose and words <= _SID_WORDS and not words.isdisjoint({"sid", "statement"})
    )
    return of_sample(text) if is_sample else text


def in_effect(text: str, prose: bool) -> str:  # noqa: FBT001
    """An effect, which is unknown if the reader of a sample is to choose it."""
    is_sample = marked(text) != text or (prose and re.fullmatch(_CHOICE, text, re.IGNORECASE))
    return of_sample(text) if is_sample else text


def with_field_names(text: str) -> str:
    """A resource or a principal with the names of fields as unknown parts: `REGION`, `accountId`.

    In a file that is deployed, they are either for a script to replace, or a mistake.
    """
    if text.startswith("arn:"):
        *fields, name = cut(text, text)
        known = [
            of_sample(field) if is_capitals(field) or is_field_name(field, at) else field
            for at, field in enumerate(fields)
        ]
        return ":".join([*known, name])
    if is_name_of_value(text):
        return of_sample(text)
    labels = text.split(".")
    return ".".join(of_sample(label) if is_capitals(label) else label for label in labels)


def as_it_is(text: str, prose: bool) -> str:  # noqa: ARG001, FBT001
    """A text that is not read for placeholders."""
    return text


def marked(text: str, prose: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002
    """A text with the placeholders that are marked as such as unknown parts."""
    return re.sub(MARKED, lambda match: of_sample(match[0]), text) if _may_have(text) else text


def ends_in_placeholder(text: str) -> bool:
    """Whether the end of a text is a placeholder that is marked as such."""
    return re.search(rf"(?:{MARKED})\Z", text) is not None


def may_differ(text: str) -> bool:
    """Whether each of several equal texts may get another value, of its reader or its position."""
    return _TO_FILL_IN.search(text) is not None


def _may_have(text: str, *, prose: bool = False) -> bool:
    return prose or _HINT.search(text) is not None


def _in_arn(text: str, *, prose: bool, name: bool) -> str:
    """An ARN with the placeholders of its fields, and with `name` of the resource, as unknown."""
    hidden = re.sub(MARKED, lambda match: "_" * len(match[0]), text)
    parts = cut(text, hidden)
    if prose and _are_left_out(parts):
        return of_sample(text)
    fields = []
    for at, written in enumerate(parts):
        if at == FIELDS - 1:
            fields.append(_in_name(written, prose=prose) if name else written)
        elif at and is_field(written, at, prose=prose):
            fields.append(of_sample(written))
        else:
            fields.append(marked(written))
    return ":".join(fields)


def _are_left_out(fields: Sequence[str]) -> bool:
    """Whether dots are for several fields of an ARN, as in `arn:aws:sqs:...:queue`."""
    if len(fields) < FIELDS:
        return any(re.search(DOTS, field) for field in fields)
    account = fields[ACCOUNT]
    if account.isdigit() or is_account(account) or is_field(account, ACCOUNT, prose=True):
        return False
    return re.fullmatch(DOTS, fields[REGION]) is not None


def _in_name(text: str, *, prose: bool) -> str:
    """A name of several parts, of which some may be placeholders."""
    text = marked(text)
    if not prose or "${" in text:
        return text
    labels = re.split(r"([./:])", text)
    of_service = text.endswith(_SERVICE_DOMAINS)
    return "".join(
        of_sample(label) if is_label(label, of_service=of_service) else label for label in labels
    )
