"""What texts refer to the managed policies of AWS, by the keys around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.quick_tests import MANAGED_BY_AWS
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse, named_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.source import Span

_ATTACHING = lazy_pattern(r"aws(?:cc)?_(?:iam|sso(?:admin)?)_\w+")
_NAME = lazy_pattern(r"[\w+=,.@-]+")
_POLICIES, _BOUNDARY = re.compile("polic", re.IGNORECASE), re.compile("boundar", re.IGNORECASE)
_OF_STATEMENTS = frozenset({"Condition", "Resource", "NotResource", "Statement"})
"""Keys around what a policy says of other policies, which need not be there."""
_OF_MODULES = ("resources", "not_resources", "values")
"""The same, directly around it, in the words of Terraform."""
_RESOURCES = "Resources"
_PARAMETERS = "inputParameters"
"""What a rule of AWS Config compares with, in a configuration of the Landing Zone Accelerator."""
_TESTS = ("AllowedValues", "validation", "allowed_values")


def of_arn(span: Span, text: str, keys: Sequence[str]) -> PolicyReference | None:
    """The reference that a text is whose value has these keys around it; None if it is none."""
    # A resource may have any name.
    within = keys[2:] if keys[:1] == (_RESOURCES,) else keys
    if MANAGED_BY_AWS not in text or not _OF_STATEMENTS.isdisjoint(within):
        return None
    if keys[-1:] and keys[-1] in _OF_MODULES:
        return None
    named = named_by(text)
    if named is None:
        return None
    owner = "/".join(keys)
    reference = PolicyReference(span, named.name, use_of(keys), owner, named.partition)
    return reference._replace(misshapen=named.misshapen)


def of_name(span: Span, text: str, use: ReferenceUse, owner: str) -> PolicyReference | None:
    """The reference that a name without a path is; None if it is an ARN, or not known."""
    if not _NAME.fullmatch(text):
        return None
    return PolicyReference(span, text, use, owner, by_name=True)


def attaches_policies(type_: str) -> bool:
    """Whether a resource of Terraform has policies attached, or attaches some, by its type."""
    return _ATTACHING.fullmatch(type_) is not None


def use_of(keys: Sequence[str]) -> ReferenceUse:
    """What a policy is named for below some keys, of which the last ones decide."""
    if _PARAMETERS in keys:
        return ReferenceUse.NAMED
    for key in reversed(keys):
        if key in _TESTS:
            return ReferenceUse.NAMED
        if _BOUNDARY.search(key):
            return ReferenceUse.BOUNDARY
        if _POLICIES.search(key):
            return ReferenceUse.ATTACHED
    return ReferenceUse.NAMED


def moved_to(text: DecodedText, references: Iterator[PolicyReference]) -> Iterator[PolicyReference]:
    """The references of a text at their places in the file."""
    for reference in references:
        yield reference._replace(span=text.span(reference.span))
