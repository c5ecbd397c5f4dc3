"""What restricts actions that do not support a condition key: without it, nothing would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.suggestion import alternatives

if TYPE_CHECKING:
    from multitool_lint.policy.action_scope import ActionScopes

SEPARATE = "move what does not support the key to a statement without this condition"
_REQUEST_TAG = "aws:requesttag"
_RESOURCE_TAG = "aws:resourcetag"


def other_keys(scopes: ActionScopes, key: str, without: Sequence[str], *, alone: bool) -> str:
    """The help about the actions that do not support a key; they may be `alone` in the statement.

    Requests that set no tags have the tags of their resource and of their principal.
    """
    kind, _, tag = key.partition("/")
    kind, others = kind.lower(), [f"aws:PrincipalTag/{tag}"]
    if kind == _REQUEST_TAG:
        resource = f"aws:ResourceTag/{tag}"
        if all(scopes.takes(text.lower(), resource) for text in without):
            others.insert(0, resource)
        if alone:
            return f"use {alternatives(others)} instead: only requests that set tags have {key}"
        return f"restrict the other actions by {alternatives(others)} in a statement of their own"
    if not alone:
        return SEPARATE
    if kind == _RESOURCE_TAG:
        return _of_resources(scopes, without, others[0])
    command = f"multitool-lint query '{without[0]}'"
    return f"use a key that is supported; to list those of an action, run: {command}"


def _of_resources(scopes: ActionScopes, without: Sequence[str], of_principal: str) -> str:
    if act_on_nothing(scopes, without):
        return f"use {of_principal}, or remove the condition: no resource has the tag"
    if any(act_on_nothing(scopes, [text]) for text in without):
        return SEPARATE
    return f"specify the resources, or use {of_principal}"


def act_on_nothing(scopes: ActionScopes, actions: Sequence[str]) -> bool:
    """Whether none of the action patterns accepts a resource."""
    accepted = [scopes.formats(text.lower()) for text in actions]
    return all(formats.documented and not formats.formats for formats in accepted)
