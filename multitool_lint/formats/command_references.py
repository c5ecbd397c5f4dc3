"""References to managed policies in commands of the AWS CLI and of eksctl."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from multitool_lint.formats.attaching_commands import is_comment
from multitool_lint.formats.aws_commands import commands_in, options_of
from multitool_lint.formats.policy_references import of_arn
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.policy.managed_references import PolicyReference

_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{f"iam attach-{kind}-policy": "policy-arn" for kind in ("role", "user", "group")},
        **{f"iam create-{kind}": "permissions-boundary" for kind in ("role", "user")},
        **{
            f"iam put-{kind}-permissions-boundary": "permissions-boundary"
            for kind in ("role", "user")
        },
        "sso-admin attach-managed-policy-to-permission-set": "managed-policy-arn",
        "create iamserviceaccount": "attach-policy-arn",
    }
)
"""The option of each command that has the ARN of a policy, or several with commas between them.

AWS: https://docs.aws.amazon.com/cli/latest/reference/iam/
eksctl: https://docs.aws.amazon.com/eks/latest/eksctl/iamserviceaccounts.html
"""


def of_script(text: str) -> Iterator[PolicyReference]:
    """The references in the commands of a script."""
    for command, place, words in commands_in(text, _OPTIONS):
        option = _OPTIONS[command]
        if is_comment(text, place.start):
            continue
        for word, span in options_of(words).get(option, ()):
            at = max(text.find(word, *span), span.start)
            for part in word.split(","):
                if found := of_arn(Span(at, at + len(part)), part, (option,)):
                    yield found
                at += len(part) + 1
