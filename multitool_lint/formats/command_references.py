"""References to managed policies in commands of the AWS CLI and of eksctl."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from multitool_lint.formats.aws_commands import commands_in, options_of
from multitool_lint.formats.policy_references import of_arn, of_name, use_of
from multitool_lint.formats.script_assignments import is_comment
from multitool_lint.formats.script_values import values_of
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.formats.aws_commands import Options
    from multitool_lint.policy.managed_references import PolicyReference

_BOUNDARY: Final = "permissions-boundary"
_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{f"iam attach-{kind}-policy": "policy-arn" for kind in ("role", "user", "group")},
        **{f"iam create-{kind}": _BOUNDARY for kind in ("role", "user")},
        **{f"iam put-{kind}-permissions-boundary": _BOUNDARY for kind in ("role", "user")},
        "sso-admin attach-managed-policy-to-permission-set": "managed-policy-arn",
        "create iamserviceaccount": "attach-policy-arn",
    }
)
"""The option of each command that has the ARN of a policy, or several with commas between them.

AWS: https://docs.aws.amazon.com/cli/latest/reference/iam/
eksctl: https://docs.aws.amazon.com/eks/latest/eksctl/iamserviceaccounts.html
"""


def of_script(text: str, whole: str) -> Iterator[PolicyReference]:
    """The references in the commands of a script, which may be in a `whole` document."""
    for command, place, words in commands_in(text, _OPTIONS):
        option = _OPTIONS[command]
        if is_comment(text, place.start):
            continue
        options = options_of(words)
        owners = _owners(options)
        for word, span in options.get(option, ()):
            for found in _of_word(text, word, span, option):
                bounded = not owners.isdisjoint(_bounded(whole)) if owners else False
                yield found._replace(bounded=bounded)


def _of_word(text: str, word: str, span: Span, option: str) -> Iterator[PolicyReference]:
    """The references of an argument, which may be a variable of the script."""
    written = text[slice(*span)]
    if "$" in written or "`" in written:
        for value in values_of(text).of(span):
            if value.looked_up:
                if named := of_name(value.span, value.text, use_of((option,)), option):
                    yield named._replace(may_be_own=True)
            elif found := of_arn(value.span, value.text, (option,)):
                yield found
        return
    at = max(text.find(word, *span), span.start)
    for part in word.split(","):
        if found := of_arn(Span(at, at + len(part)), part, (option,)):
            yield found
        at += len(part) + 1


def _owners(options: Options) -> frozenset[tuple[str, str]]:
    """The role or user that a command is about, as it is written."""
    return frozenset(
        (kind, word) for kind in ("role-name", "user-name") for word, _ in options.get(kind, ())[:1]
    )


@lru_cache(maxsize=2)
def _bounded(text: str) -> frozenset[tuple[str, str]]:
    """The roles and users that commands of a text give a permissions boundary that is not known."""
    setting = [command for command, option in _OPTIONS.items() if option == _BOUNDARY]
    return frozenset(
        owner
        for _, place, words in commands_in(text, setting)
        if not is_comment(text, place.start)
        and any(
            not of_arn(span, word, (_BOUNDARY,))
            for word, span in options_of(words).get(_BOUNDARY, ())
        )
        for owner in _owners(options_of(words))
    )
