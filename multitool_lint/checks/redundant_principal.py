"""Principals that another principal of the same list includes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.principals import account_of_root, role_of, role_of_session
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.diagnostics.fixes import safe, unsafe
from multitool_lint.policy.document import Policy
from multitool_lint.policy.placeholders import may_differ
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.patch.change import remove
from multitool_lint.syntax.tree import Member, Node, Object, as_list, strings_of

_CODE = "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every repeated principal, and every session of a role in the list."""
    for statement in policy.statements:
        member = statement.principal
        # NotPrincipal must list both the role and its session.
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
        if may_differ(text):
            continue
        other, earlier = first[name]
        same = "occurs twice in this list"
        if earlier != text:
            same = f"is the same principal as {quoted(earlier)}"
        yield _finding(context, node, f"{quoted(text)} {same}", other)


def _sessions(named: Sequence[tuple[Node, str]], context: Context) -> Iterator[Finding]:
    roles = {name: node for node, text in named if (name := role_of(text))}
    for node, text in named if roles else ():
        # AWS's documentation also has sessions in ARNs of IAM, which is not a valid form.
        role = roles.get(role_of_session(text.replace(":iam:", ":sts:", 1)) or ())
        if role:
            title = f"{quoted(text)} is a session of a role in this list"
            yield _finding(context, node, title, role, _CODE)._replace(
                notes=(f'"{role.value}" includes all its sessions',),
                help_template="remove the session, or the role to trust only this session",
            )


def _finding(context: Context, node: Node, title: str, other: Node, code: str = "") -> Finding:
    # AWS accepts the policy only without a session in an ARN of IAM.
    fix = unsafe if ":iam:" in str(node.value) and code else safe
    return context.finding(
        node,
        title,
        related=(related(other, "includes the session" if code else "the same principal"),),
        fixes=fix(f"Remove {quoted(node.value)}", remove(node)),
        issue_code=code,
    )
