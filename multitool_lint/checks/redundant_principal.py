"""Principals that another principal of the same list stands for as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.principals import account_of_root, role_of, role_of_session
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.syntax.patch.change import remove
from multitool_lint.syntax.tree import Member, Node, Object, as_list, strings_of

_CODE = "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every principal that stands twice, or is a session of a role in the list."""
    for statement in policy.statements:
        member = statement.principal
        # Under NotPrincipal, AWS wants both the role and its session to be named.
        if member and member.key == "Principal" and isinstance(member.value.value, Object):
            for kind in member.value.value:
                named = list(strings_of(as_list(kind.value)))
                if len(named) > 1:
                    yield from _repeated(named, kind, context)
                    if policy.type is PolicyType.TRUST and kind.key == "AWS":
                        yield from _sessions(named, context)


def _repeated(
    named: Sequence[tuple[Node, str]], kind: Member, context: Context
) -> Iterator[Finding]:
    first: dict[str, tuple[Node, str]] = {}
    for node, text in named:
        name = account_of_root(text) if kind.key == "AWS" else text
        if name not in first:
            first[name] = (node, text)
            continue
        other, earlier = first[name]
        same = "stands twice in this list" if earlier == text else f'is the same as "{earlier}"'
        yield _finding(context, (node, f'"{text}" {same}; drop it'), other, "")


def _sessions(named: Sequence[tuple[Node, str]], context: Context) -> Iterator[Finding]:
    roles = {name: node for node, text in named if (name := role_of(text))}
    for node, text in named if roles else ():
        # AWS's documentation also writes sessions as ARNs of IAM, which no session has.
        role = roles.get(role_of_session(text.replace(":iam:", ":sts:", 1)) or ())
        if role:
            message = (
                f'"{text}" is a session of "{role.value}", which stands for all its sessions; drop '
                f"the session, or the role if only this session is meant"
            )
            yield _finding(context, (node, message), role, _CODE)


def _finding(context: Context, what: tuple[Node, str], other: Node, code: str) -> Finding:
    node, message = what
    fix = Fix(f'drop "{node.value}": same access', (remove(node),), Safety.SAFE)
    if ":iam:" in str(node.value) and code:  # AWS accepts the policy only without it
        fix = Fix(f'drop "{node.value}"', (remove(node),), Safety.UNSAFE)
    return context.finding(
        node,
        message,
        related=(related(other, "the other one"),),
        fixes=(fix,),
        issue_code=code,
    )
