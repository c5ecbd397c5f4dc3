"""Whom a statement names under Principal or NotPrincipal, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Statement
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Node,
    Object,
    UnknownNode,
    as_list,
    partly_known_text,
    strings_of,
)

_OF_SERVICE = "role/aws-service-role/"
_CALLERS = ("role/", "user/", "assumed-role/", "federated-user/")


class PrincipalValue(NamedTuple):
    """A principal: the key that it is under (`AWS`, `Service`, ...), its place and text."""

    kind: str
    node: Node
    text: str


def principal_values(statement: Statement, *kinds: str) -> Iterator[PrincipalValue]:
    """List the principals of some kinds, or of all kinds where none is given."""
    principal = statement.principal
    for member in principal.value.fields() if principal else ():
        if not kinds or member.key in kinds:
            for node, text in strings_of(as_list(member.value)):
                yield PrincipalValue(member.key, node, text)


def identity_providers(statement: Statement) -> Iterator[PrincipalValue]:
    """List the identity providers; what is filled in elsewhere is a placeholder in the text."""
    principal = statement.principal
    for member in principal.value.fields() if principal else ():
        if member.key == "Federated":
            for node in as_list(member.value):
                yield PrincipalValue(member.key, node, partly_known_text(node))


def partly_known_principals(statement: Statement, kind: str) -> Iterator[UnknownNode]:
    """List the principals of a kind of which a template fills in at least a part."""
    principal = statement.principal
    for node in as_list(principal.value.get(kind) if principal else None):
        if isinstance(node, UnknownNode):
            yield node


def everyone(statement: Statement) -> Node | None:
    """Find the place that names all principals: `"*"`, or `"AWS": "*"`."""
    principal = statement.principal
    if principal is None or principal.key == "NotPrincipal":
        return None
    if principal.value.value == "*":
        return principal.value
    named = principal_values(statement, "AWS")
    return next((value.node for value in named if value.text == "*"), None)


def all_are_known(statement: Statement) -> bool:
    """Whether every principal is written out, so that what is not there is known as well."""
    principal = statement.principal
    if principal is None or not isinstance(principal.value.value, (Object, str)):
        return False
    if isinstance(principal.value.value, str):
        return True
    return all(
        node.value is not UNKNOWN and isinstance(node.value, str) and "${" not in node.value
        for member in principal.value.value
        for node in as_list(member.value)
    )


def is_about_roles(statement: Statement) -> bool:
    """Whether all actions assume roles, as in a trust policy, whatever the policy is taken for."""
    names = statement.action_names
    return bool(names) and all(name.lower().startswith("sts:") for name in names)


def users_and_roles(statement: Statement) -> list[PrincipalValue]:
    """The principals of a statement, if all of them are users and roles that no service owns."""
    principal = statement.principal
    if principal is None or principal.key == "NotPrincipal":
        return []
    callers = list(principal_values(statement))
    members = principal.value.value
    if not (isinstance(members, Object) and all(map(_is_user_or_role, callers))):
        return []
    return callers if len(callers) == sum(len(as_list(m.value)) for m in members) else []


def _is_user_or_role(principal: PrincipalValue) -> bool:
    """Whether it is one of an account; services act with service-linked roles, and as others."""
    fields = arn.fields(principal.text) if principal.kind == "AWS" else None
    return (
        fields is not None
        and fields.account not in arn.ACCOUNTS_BY_NAME | {"cloudfront"}
        and fields.resource.startswith(_CALLERS)
        and not fields.resource.startswith(_OF_SERVICE)
    )
