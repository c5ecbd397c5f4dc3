"""Answers to questions about identities, and to why AWS denied a request: facts and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.policy.evaluation.decision import Decision
from multitool_lint.policy.evaluation.statements import PolicyKind
from multitool_lint.reporters.evaluation import ANSWERS, KINDS, missing_in_words, why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.ask.can import CanAnswer
    from multitool_lint.ask.denials import Denial, Explanation
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.examples import Example
    from multitool_lint.ask.identities import DeployedIdentity
    from multitool_lint.ask.who_can import Access
    from multitool_lint.policy.evaluation.decision import RequestDecision

    Facts = dict[str, Any]


def decision_facts(decided: RequestDecision) -> Facts:
    """What is decided, by which statements, and on what that depends."""
    return {
        "answer": ANSWERS.get(decided.decision, "no"),
        "decision": decided.decision.value,
        "why": why(decided),
        "missing": [*missing_in_words(decided.missing)],
        "statements": [
            {"place": statement.place, "effect": statement.effect, "sid": statement.sid}
            for statement in decided.statements
        ],
    }


def identity_facts(identity: DeployedIdentity, place: str) -> Facts:
    """Which identity it is."""
    return {
        "kind": identity.kind.value,
        "name": identity.name or None,
        "address": identity.address,
        "place": place,
    }


def summary(count: int, deployed: Deployed) -> Iterator[str]:
    """How many identities may, and which modules with further ones are not in the files."""
    if deployed.missing:
        first, *others = dict.fromkeys(place for place, _ in deployed.missing)
        also = f" and {len(others):,} more" if others else ""
        yield f"not read: the modules at {first}{also}, which are not in these files\n"
    yield f"{count:,} of {len(deployed.identities):,} identities\n"


def answer_facts(answer: CanAnswer) -> Facts:
    """The answer about an identity, with examples of what it depends on."""
    from multitool_lint.ask.examples import examples

    found = examples(answer)
    return {
        "identity": identity_facts(answer.identity, answer.place),
        **decision_facts(answer.decision),
        "known": decision_facts(answer.known) if answer.known else None,
        "examples": {
            "allowed": _example_facts(found.allowed),
            "denied": _example_facts(found.denied),
        },
    }


def _example_facts(example: Example | None) -> Facts | None:
    if example is None:
        return None
    keys = example.context.items()
    return {
        "resource": example.resource,
        "context": {key: None if values is None else [*values] for key, values in keys},
        "conditions": dict(example.conditions),
    }


def statement_lines(facts: Facts) -> Iterator[str]:
    """The statements that decide, each at its place."""
    for statement in facts["statements"]:
        sid = f' "{statement["sid"]}"' if statement["sid"] else ""
        yield f"  {statement['place']}: {statement['effect'] or 'not read'}{sid}\n"


def answer_lines(facts: Facts, resource: str) -> Iterator[str]:
    """The answer about an identity, and on what it depends."""
    yield f"{facts['answer']}: {facts['why']}\n"
    yield from statement_lines(facts)
    if known := facts["known"]:
        yield f"  by what is known: {known['answer']}: {known['why']}\n"
        yield from statement_lines(known)
    yield from _example_lines(facts, resource)


def access_facts(access: Access) -> Facts:
    """An identity that may do something, and the roles that it assumes for that."""
    decided = decision_facts(access.answer.decision)
    return {
        "identity": identity_facts(access.identity, access.position),
        **decided,
        "answer": "yes" if access.is_certain else "depends",
        "through": [
            {"identity": identity_facts(role.identity, role.place), **decision_facts(step.decision)}
            for step, role in zip(access.roles, (*access.roles, access.answer)[1:], strict=True)
        ],
    }


def access_lines(facts: Facts) -> Iterator[str]:
    """The same in lines."""
    one, roles = facts["identity"], facts["through"]
    steps = [step for step in (*roles, facts) if step["decision"] != "allowed"]
    names = ", then ".join(f'role "{_name(step["identity"])}"' for step in roles)
    through = f", which may assume {names}" if names else ""
    reasons = " ".join(dict.fromkeys(step["why"] for step in steps))
    yield (
        f'{facts["answer"]}: {one["kind"]} "{_name(one)}" ({one["place"]}){through}'
        f"{reasons and ': '}{reasons}\n"
    )
    for step in (*roles, facts):
        yield from statement_lines(step)


def _name(identity: Facts) -> str:
    return str(identity["name"] or identity["address"])


def _example_lines(facts: Facts, resource: str) -> Iterator[str]:
    """A request that is allowed and one that is not, if the answer depends on something."""
    for kind in ("allowed", "denied"):
        example = facts["examples"][kind]
        if example:
            parts = [
                f"{key} {'absent' if values is None else '= ' + ', '.join(values)}"
                for key, values in example["context"].items()
            ]
            if example["resource"] != resource:
                parts.insert(0, f"on {example['resource']}")
            parts += (
                f"{name} {'true' if holds else 'false'}"
                for name, holds in example["conditions"].items()
            )
            if parts:
                yield f"  {kind}, for example: {'; '.join(parts)}\n"


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
