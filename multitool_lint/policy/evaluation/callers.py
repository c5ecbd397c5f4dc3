"""Who makes a request, and as what the principals of a statement name that caller.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from enum import Enum

from multitool_lint.aws.arn import fields, is_account_id
from multitool_lint.aws.principals import account_of_root, role_of, role_of_session
from multitool_lint.aws.service_requests import is_service_principal
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.callers import Principal, is_principal, listed
from multitool_lint.policy.compare.request import all_of, any_of, opposite


class CallerKind(Enum):
    """The kinds of callers that AWS evaluates differently; the value is `aws:PrincipalType`."""

    USER = "User"
    ROLE = "Role"
    SESSION = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    ROOT = "Account"
    SERVICE = "Service"
    PROVIDER = "Federated"
    ANONYMOUS = "Anonymous"

    @property
    def has_identity(self) -> bool:
        """Whether policies of an identity apply to such a caller."""
        return self not in (CallerKind.SERVICE, CallerKind.PROVIDER, CallerKind.ANONYMOUS)


class Level(Enum):
    """As what a statement names a caller: itself or everyone, its role or user, or its account."""

    ITSELF = "itself"
    ROLE = "role"
    ACCOUNT = "account"


_KINDS = (
    (r"iam::\d{12}:user/.+", CallerKind.USER),
    (r"iam::\d{12}:role/.+", CallerKind.ROLE),
    (r"iam::\d{12}:root", CallerKind.ROOT),
    (r"sts::\d{12}:assumed-role/[^/]+/.+", CallerKind.SESSION),
    (r"sts::\d{12}:federated-user/.+", CallerKind.FEDERATED_USER),
    (r"iam::\d{12}:(?:oidc|saml)-provider/.+", CallerKind.PROVIDER),
)
_TYPES = {CallerKind.SERVICE: "Service", CallerKind.PROVIDER: "Federated"}
_LINKED = "/aws-service-role/"
_LINKED_NAME = "AWSServiceRoleFor"


class Caller(NamedTuple):
    """A caller: its kind, and its ARN, or the name of a service."""

    kind: CallerKind
    name: str

    @property
    def principal(self) -> tuple[str, str]:
        """The caller as the principal of a statement."""
        if self.kind is CallerKind.ANONYMOUS:
            return "Anonymous", ""
        return _TYPES.get(self.kind, "AWS"), self.name

    @property
    def account(self) -> str | None:
        """The account that it belongs to."""
        arn = fields(self.name)
        return arn.account if arn and self.kind.has_identity else None

    @property
    def is_service_linked(self) -> bool | None:
        """Whether it is a service-linked role, which control policies do not restrict.

        The ARN of a session does not have the path of its role, which decides that.
        """
        if self.kind is CallerKind.SESSION and f"/{_LINKED_NAME}" in self.name:
            return None
        return self.kind is CallerKind.ROLE and _LINKED in self.name


def caller(text: str) -> Caller:
    """The caller of a name: an ARN, an account, a service principal, or `*` for an anonymous one.

    Raises:
        ValueError: it is something else.
    """
    if text == "*":
        return Caller(CallerKind.ANONYMOUS, text)
    if is_account_id(text):
        return Caller(CallerKind.ROOT, f"arn:aws:iam::{text}:root")
    if is_service_principal(text):
        return Caller(CallerKind.SERVICE, text)
    for form, kind in _KINDS:
        if re.fullmatch(rf"(?s)arn:[^:]+:{form}", text):
            return Caller(kind, text)
    raise ValueError(f'"{text}" is not the ARN of a principal, an account, a service or "*"')


def level(named: Principal, by: Caller | None) -> Level:
    """As what a principal of a statement names a caller, if it does."""
    if named and named[0] == "NotPrincipal":
        return Level.ROLE
    if named is None or by is None or named[0] != "AWS":
        return Level.ITSELF
    text = account_of_root(named[1])
    if is_account_id(text):
        return Level.ITSELF if by.kind is CallerKind.ROOT else Level.ACCOUNT
    is_user = by.kind is CallerKind.FEDERATED_USER and ":user/" in text
    return Level.ROLE if role_of(text) or is_user else Level.ITSELF


def is_named(named: Principal, by: Caller | None, *, allows: bool) -> bool | None:
    """Whether a principal of a statement is the caller, or has the caller among it."""
    if named is None or by is None:
        return True if named == ("AWS", "*") else None
    if named[0] == "NotPrincipal":
        return opposite(_is_excepted(named, by, allows=allows))
    return _is_among(named, by)


def _is_among(named: tuple[str, str], by: Caller) -> bool | None:
    text = named[1]
    if by.kind is CallerKind.ROLE and role_of_session(text) == role_of(by.name):
        return None  # a request of a role is made by one of its sessions
    is_user = by.kind is CallerKind.FEDERATED_USER and ":user/" in text
    if is_user and named[0] == "AWS" and by.account == text.split(":")[4]:
        return None  # the ARN of the session does not name the user
    return is_principal(named, by.principal)


def _is_excepted(named: tuple[str, str], by: Caller, *, allows: bool) -> bool | None:
    """Whether a NotPrincipal leaves a caller out.

    AWS: a Deny leaves it out if it also names the account, and for a session the role. Otherwise it
    may deny access to the whole account.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    answers: dict[Level, list[bool | None]] = {found: [] for found in Level}
    for other in listed(named):
        answers[level(other, by)].append(_is_among(other, by))
    itself, role, account = (any_of(answers[found]) for found in Level)
    if by.kind.has_identity and by.kind is not CallerKind.ROOT:
        is_session = by.kind in (CallerKind.SESSION, CallerKind.FEDERATED_USER)
        needed = (itself, account, *((role,) if is_session else ()))
        named_at_all = any_of((itself, role, account))
        if not named_at_all:
            return named_at_all
        return True if all_of(needed) or (allows and itself) else None
    return itself
