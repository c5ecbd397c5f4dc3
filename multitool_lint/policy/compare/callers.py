"""Which callers the principals of statements are.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count

from multitool_lint.aws.arn import is_account_id
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.aws.principals import role_of, role_of_session, session_of
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.scope import is_arn

_USER_OR_ROLE = lazy_pattern(r"arn:[a-z-]+:iam::(\d{12}):(?:user|role)/[\w+=,.@/-]+")

Principal = tuple[str, str] | None
"""The kind and the text of a principal; None where policies have none."""


def is_principal(named: Principal, caller: Principal) -> bool | None:
    """Whether a principal of a statement is the caller, or has the caller among it."""
    if named is None or caller is None:
        return True if named is caller else None
    kind, text = named
    if kind == "NotPrincipal":
        return _is_none_of(_left_out(text), caller)
    # AWS: CheckNoNewAccess answers that "Federated": "*" is more than one provider.
    if named in (("AWS", "*"), caller) or (kind == caller[0] and named == ("Federated", "*")):
        return True
    if (
        not kind
        or UNKNOWN_MARK in text
        or OPENER in text
        or (kind == caller[0] and has_wildcard(text))
        # A canonical user belongs to an account, and it is not known to which.
        or {kind, caller[0]} == {"AWS", "CanonicalUser"}
    ):
        return None
    return kind == caller[0] == "AWS" and _is_aws_principal(text, caller[1])


def listed(principal: tuple[str, str]) -> Iterable[tuple[str, str]]:
    """The principals that a principal is, or that a NotPrincipal leaves out."""
    kind, text = principal
    return _left_out(text).principals if kind == "NotPrincipal" else (principal,)


class _LeftOut(NamedTuple):
    """What a NotPrincipal leaves out; `names` are those of AWS principals, a line each."""

    principals: Mapping[tuple[str, str], None]
    names: str
    is_unknown: bool
    has_other_names: bool


@lru_cache(maxsize=64)
def _left_out(text: str) -> _LeftOut:
    parts = (part.rpartition(" ")[::2] for part in text.split(", "))
    principals = dict.fromkeys(parts)
    names = [name for kind, name in principals if kind in ("", "AWS", "CanonicalUser")]
    return _LeftOut(
        principals,
        "\n".join(names),
        any(has_wildcard(name) or UNKNOWN_MARK in name for _, name in principals),
        not all(is_arn(name) or is_account_id(name) for name in names),
    )


def _is_none_of(others: _LeftOut, caller: tuple[str, str]) -> bool | None:
    """Whether a caller is another one than those of a NotPrincipal.

    Of an account that has one of them, it is not clear for whom else a Deny does not hold.
    """
    kind, name = caller
    if others.is_unknown:
        return None
    if kind in ("Service", "Federated"):
        return caller not in others.principals
    known = kind == "AWS" and is_arn(name) and not others.has_other_names
    return True if known and name.split(":")[4] not in others.names else None


def _is_aws_principal(text: str, caller: str) -> bool | None:
    if not is_arn(caller) or not (is_arn(text) or is_account_id(text)):
        return None  # the unique id of a user or role, which is gone
    if is_account_id(text):
        return caller.split(":")[4] == text
    role = role_of(text)  # which means all its sessions, too
    return role is not None and role == role_of_session(caller)


def keys_of(caller: Principal) -> dict[str, str]:
    """The keys that all requests of a principal of a statement have, with their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    kind, text = caller or ("", "")
    if kind != "AWS":
        return {}
    if is_account_id(text):
        return {"aws:principalaccount": text}
    user_or_role = _USER_OR_ROLE.fullmatch(text)
    return (
        {"aws:principalaccount": user_or_role[1], "aws:principalarn": text} if user_or_role else {}
    )


def callers_among(principals: Iterable[Principal]) -> Iterator[tuple[str, str]]:
    """An example of each kind of caller that some principals distinguish."""
    named = [other for principal in principals if principal for other in listed(principal)]
    written = " ".join(text for _, text in named)
    name = next(text for at in count() if (text := f"example{at or ''}") not in written)
    account = next(text for at in count(1) if (text := f"{at:012}") not in written)
    yield "AWS", f"arn:aws:iam::{account}:user/{name}"
    for kind, text in named:
        if has_wildcard(text) or UNKNOWN_MARK in text or not kind:
            continue
        if kind == "AWS" and is_account_id(text):
            yield "AWS", f"arn:aws:iam::{text}:user/{name}"
        elif kind == "AWS" and (role := role_of(text)):
            yield "AWS", session_of(role, name)
            yield "AWS", text  # a session has no path, by which AWS distinguishes roles
        else:
            yield kind, text
    yield "Service", f"{name}.amazonaws.com"
    yield "Federated", f"arn:aws:iam::{account}:oidc-provider/{name}.com"
