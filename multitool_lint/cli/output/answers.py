"""Answers to questions about identities, as facts and in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.reporters.evaluation import ANSWERS, missing_in_words, why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.ask.can import CanAnswer
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
