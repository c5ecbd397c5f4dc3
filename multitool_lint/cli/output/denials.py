"""What AWS and files say of a request that AWS denied, as facts and in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.cli.output.answers import (
    answer_facts,
    answer_lines,
    decision_facts,
    statement_lines,
)
from multitool_lint.policy.evaluation.decision import Decision
from multitool_lint.policy.evaluation.statements import PolicyKind
from multitool_lint.reporters.evaluation import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.ask.denials import Denial, Explanation

    Facts = dict[str, Any]

_NOT_IN_FILES = {
    PolicyKind.SESSION: "a session policy is passed when the role is assumed",
    PolicyKind.SCP: "service control policies are those of the organization",
    PolicyKind.RCP: "resource control policies are those of the organization",
    PolicyKind.ENDPOINT: "the VPC endpoint has the policy",
}
"""Where policies are that those of an identity and of a resource do not decide about."""


def denial_facts(denial: Denial) -> Facts:
    """What AWS says."""
    return {
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "policy_type": denial.kind.value if denial.kind else None,
        "explicit": denial.is_explicit,
        "policy": denial.policy or None,
    }


def explanation_facts(found: Explanation) -> Facts:
    """What AWS says, and what the files say of it."""
    return {
        "error": denial_facts(found.denial),
        "answer": answer_facts(found.answer) if found.answer else None,
        "control": [*map(decision_facts, found.control)],
    }


def denial_line(denial: Denial) -> str:
    """What AWS says, in a sentence."""
    kind = KINDS[denial.kind] if denial.kind else "policy"
    if denial.is_explicit:
        why = f"a Deny statement of {denial.policy or _with_article(kind)} applies"
    elif denial.kind:
        why = f"no {kind} allows it"
    else:
        why = "AWS does not say by which policy"
    return f"{denial.principal} may not do {denial.action} on {denial.resource}: {why}\n"


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aei' else 'a'} {kind}"


def explanation_lines(found: Explanation) -> Iterator[str]:
    """What the files say of the request."""
    denial, answer = found.denial, found.answer
    if answer is None:
        yield f"{denial.principal} is not an identity of these files\n"
    else:
        yield "by these files: "
        yield from answer_lines(answer_facts(answer), denial.resource)
        yield from _remedy(found)
    for decided in found.control:
        facts = decision_facts(decided)
        yield f"{facts['answer']}: {facts['why']}\n"
        yield from statement_lines(facts)
    if denial.kind in _NOT_IN_FILES and not found.control:
        yield f"these files have no such policy: {_NOT_IN_FILES[denial.kind]}\n"


def _remedy(found: Explanation) -> Iterator[str]:
    """Which policy would have to allow the request."""
    denial, answer = found.denial, found.answer
    if answer is None or denial.is_explicit:
        return
    identity, decided = answer.identity, answer.decision.decision
    is_of_identity = denial.kind in (None, PolicyKind.IDENTITY)
    if is_of_identity and decided is not Decision.ALLOWED:
        yield f"  {answer.place}: a policy of {identity.title} has to allow it\n"
    elif denial.kind is PolicyKind.BOUNDARY:
        yield f"  {answer.place}: the permissions boundary of {identity.title} has to allow it\n"
    if decided is Decision.ALLOWED:
        yield "  AWS decided by other policies, or by an older version of these\n"
