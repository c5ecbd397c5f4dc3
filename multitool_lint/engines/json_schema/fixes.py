"""Fixes of grammar mistakes.

AWS rejects a policy with such a mistake, so a fix may grant access that nobody had: it is unsafe. A
fix that does not change what the statements mean is safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import is_account_id
from multitool_lint.diagnostics.finding import Fix, Safety
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy
from multitool_lint.policy.variables import depends_on_version
from multitool_lint.syntax.patch.change import Change, insert_first, remove, rename, set_value
from multitool_lint.syntax.patch.json import as_text
from multitool_lint.syntax.tree import Array, Object, as_list, strings_of

if TYPE_CHECKING:
    from multitool_lint.engines.json_schema.explain import Mistake

CURRENT_VERSION = "2012-10-17"

WITHOUT_EFFECT = frozenset({"EMPTY_SID_VALUE", "EMPTY_OBJECT_CONDITION"})
"""The empty elements that mean the same as none; an empty list matches nothing instead."""

_IDENTITY = lazy_pattern(r"arn:[^:]+:(?:iam|sts)::.+")
_SERVICE = lazy_pattern(r"[\w.-]+\.amazonaws\.com(?:\.cn)?")


def fixes_of(mistake: Mistake, policy: Policy) -> tuple[Fix, ...]:
    """The fixes of a mistake; none where the intended value is unknown."""
    fix = _FIXES.get(mistake.rule)
    return () if fix is None else tuple(fix(mistake, policy))


def _rename(mistake: Mistake, _policy: Policy) -> Iterator[Fix]:
    if mistake.suggestion is not None and mistake.member is not None:
        change = rename(mistake.member, mistake.suggestion)
        yield Fix(f"Rename it to {as_text(mistake.suggestion)}", (change,), Safety.UNSAFE)


def _replace(mistake: Mistake, _policy: Policy) -> Iterator[Fix]:
    if mistake.suggestion is not None:
        change = set_value(mistake.node, mistake.suggestion)
        yield Fix(f"Replace with {as_text(mistake.suggestion)}", (change,), Safety.UNSAFE)


def _raise_version(mistake: Mistake, policy: Policy) -> Iterator[Fix]:
    change = set_value(mistake.node, CURRENT_VERSION)
    yield _versioned(policy, f'Replace with "{CURRENT_VERSION}"', change)


def _correct_version(mistake: Mistake, _policy: Policy) -> Iterator[Fix]:
    change = set_value(mistake.node, CURRENT_VERSION)
    yield Fix(f'Replace with "{CURRENT_VERSION}"', (change,), Safety.UNSAFE)


def _add_version(_mistake: Mistake, policy: Policy) -> Iterator[Fix]:
    members = policy.root.value
    if isinstance(members, Object) and members:
        change = insert_first(policy.root, "Version", CURRENT_VERSION)
        yield _versioned(policy, f'Add Version "{CURRENT_VERSION}"', change)


def _versioned(policy: Policy, title: str, change: Change) -> Fix:
    """Only the current version has policy variables: without them, access does not change."""
    if any(map(depends_on_version, policy.statements)):
        return Fix(f"{title}, which makes ${{...}} a policy variable", (change,), Safety.UNSAFE)
    return Fix(f"{title} (access unchanged)", (change,), Safety.SAFE)


def _clean_sid(mistake: Mistake, policy: Policy) -> Iterator[Fix]:
    """A Sid does not affect access; capitals mark the words that other characters separated."""
    taken = {
        sid
        for _, sid in strings_of(statement.sid for statement in policy.statements if statement.sid)
    }
    words = re.findall(r"[^\W_]+", mistake.failure.value)
    sid = "".join(word[0].upper() + word[1:] if at else word for at, word in enumerate(words))
    if words and all(map(str.isascii, words)) and sid not in taken:
        change = set_value(mistake.node, sid)
        yield Fix(f"Replace with {as_text(sid)} (access unchanged)", (change,), Safety.SAFE)


def _is_of_account(text: str) -> bool:
    return is_account_id(text) or _IDENTITY.fullmatch(text) is not None


def _wrap_principal(mistake: Mistake, _policy: Policy) -> Iterator[Fix]:
    values = [value for _, value in strings_of(as_list(mistake.node))]
    for key, is_of_kind in (("AWS", _is_of_account), ("Service", _SERVICE.fullmatch)):
        if values and all(map(is_of_kind, values)):
            named = values if isinstance(mistake.node.value, Array) else values[0]
            change = set_value(mistake.node, {key: named})
            yield Fix(f'Move it under the key "{key}"', (change,), Safety.UNSAFE)


def _remove(mistake: Mistake, _policy: Policy) -> Iterator[Fix]:
    member = mistake.member
    if mistake.entry["code"] in WITHOUT_EFFECT and mistake.owner is not None and member is not None:
        yield Fix(
            f"Remove {as_text(member.key)} (access unchanged)", (remove(member),), Safety.SAFE
        )


_FIXES: Mapping[str, Callable[[Mistake, Policy], Iterator[Fix]]] = {
    "empty-element": _remove,
    "invalid-effect": _replace,
    "invalid-principal-format": _wrap_principal,
    "invalid-principal-key": _rename,
    "invalid-sid": _clean_sid,
    "invalid-version": _correct_version,
    "missing-version": _add_version,
    "old-version": _raise_version,
    "unknown-condition-operator": _rename,
    "unknown-element": _rename,
}
