"""parliament's opinion on a policy in which we found something.

Its own analysis, with its own functions, runs on the policy as it is; only the data that it reads
is our catalog. What it reports too is confirmed; what only it reports is ignored, since it is often
wrong: benchmarks/parliament.md says where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.engines.parliament import workload
from multitool_lint.engines.parliament.definition import Definition
from multitool_lint.engines.parliament.finding_types import NO_REASON, answered
from multitool_lint.engines.parliament.loading import load
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    as_list,
)

NAME = "parliament"

SIDS, BUCKETS = "DUPLICATE_SID", "RESOURCE_POLICY_PRIVILEGE_ESCALATION"
"""The finding types for which parliament compares statements with each other."""


class Issue(NamedTuple):
    """What parliament reports: a finding type, and the pointer of the value; "" is the policy."""

    type: str
    pointer: str


def confirm(
    findings: list[Finding],
    policy: Policy,
    catalog: Catalog,
    spend: Callable[[int], bool],
    *,
    every: bool,
) -> list[Finding]:
    """The findings, those that parliament reports as well marked as confirmed by it.

    It is asked only if there are findings of rules that answer one of its usual finding types, or
    with `every` any of them, other than those on `*` as resource. `spend` says whether it may take
    so many microseconds.
    """
    types_of = answered(every=every)
    reasons = [finding for finding in findings if types_of.get(finding.rule, NO_REASON) - NO_REASON]
    if not reasons:
        return findings
    policy = _with_statements_around(policy, reasons, types_of, actions_alone=not every)
    issues = ask(policy, catalog, spend)
    if not issues:
        return findings
    places = set(issues)
    around = {Issue(issue.type, outer) for issue in issues for outer in _containing(issue.pointer)}

    def shared(finding: Finding) -> bool:
        return any(
            Issue(type_, finding.pointer) in around
            or not places.isdisjoint(
                [Issue(type_, outer) for outer in _containing(finding.pointer)]
            )
            for type_ in types_of.get(finding.rule, ())
        )

    return [
        finding._replace(confirmed_by=(*finding.confirmed_by, NAME)) if shared(finding) else finding
        for finding in findings
    ]


def _containing(pointer: str) -> list[str]:
    """The pointers of the values that contain a value, itself among them."""
    words = pointer.split("/")
    return ["/".join(words[:end]) for end in range(1, len(words) + 1)]


def _with_statements_around(
    policy: Policy,
    findings: list[Finding],
    types_of: Mapping[str, frozenset[str]],
    *,
    actions_alone: bool,
) -> Policy:
    """The policy with the statements that the findings are about; one stays for the others.

    The rest of the policy could not change what parliament reports of these. Where it is asked
    about `actions_alone`, neither could the other actions of the statements.
    """
    element = policy.element("Statement")
    types = frozenset().union(*(types_of[finding.rule] for finding in findings))
    if element is None or not isinstance(element.value.value, Array) or SIDS in types:
        return policy
    wanted = {"/".join(finding.pointer.split("/")[:3]) for finding in findings}
    if BUCKETS in types:
        wanted.update(
            statement.node.pointer
            for statement in policy.statements
            if statement.open_ended or "s3" in statement.services
        )
    every = element.value.value
    some = [statement for statement in every if statement.pointer in wanted] or every[:1]
    if actions_alone:
        places = {finding.pointer for finding in findings}
        some = [_with_actions_at(statement, places) for statement in some]
    elif len(some) == len(every):
        return policy
    statements = Node(element.value.span, Array(some), element.value.pointer)
    members = [
        Member(member.key, member.key_span, statements) if member is element else member
        for member in policy.root.fields()
    ]
    root = Node(policy.root.span, Object(members), policy.root.pointer)
    return policy.with_root(root)


def _with_actions_at(statement: Node, places: set[str]) -> Node:
    """A statement with those of its actions that are at some places, if there are any."""
    members = []
    for member in statement.fields():
        if member.key in ("Action", "NotAction"):
            kept = [item for item in as_list(member.value) if item.pointer in places]
            if kept:
                only = Node(member.value.span, Array(kept), member.value.pointer)
                members.append(Member(member.key, member.key_span, only))
                continue
        members.append(member)
    return Node(statement.span, Object(members), statement.pointer)


def ask(policy: Policy, catalog: Catalog, spend: Callable[[int], bool]) -> list[Issue]:
    """What parliament reports of a policy.

    Nothing where it fails, as it does on odd values, or would take too long.
    """
    parliament = analysis()
    try:
        affordable = spend(workload.microseconds(policy, catalog))
        return parliament.issues(policy, catalog) if affordable else []
    except Exception:  # noqa: BLE001 - whatever it is, there is no opinion
        return []


class ParliamentAnalysis:
    """parliament, whose data and cache are global: one policy at a time."""

    def __init__(self) -> None:
        self._parliament = load()
        self._lock = Lock()
        self._catalog: Catalog | None = None

    def issues(self, policy: Policy, catalog: Catalog) -> list[Issue]:
        """What it reports of a policy, by the data of a catalog."""
        document = as_jsoncfg(policy.root, self._parliament.nodes)
        services = _definition(catalog).services(policy)
        with self._lock:
            self._parliament.definition[:] = services
            if self._catalog is not catalog:
                self._parliament.expand_action.cache_clear()
                self._catalog = catalog
            analyzed = self._parliament.Policy(document)
            analyzed.analyze(ignore_private_auditors=True)
        return list(dict.fromkeys(map(_issue, analyzed.findings)))


@lru_cache(maxsize=1)
def analysis() -> ParliamentAnalysis:
    """The one analysis of this process."""
    return ParliamentAnalysis()


@lru_cache(maxsize=2)
def _definition(catalog: Catalog) -> Definition:
    return Definition(catalog)


def _issue(finding: Any) -> Issue:  # noqa: ANN401 - parliament has no types
    location = finding.location
    return Issue(finding.issue, location.get("line", location.get("lineno", "")))


def as_jsoncfg(node: Node, nodes: Any) -> object:  # noqa: ANN401 - jsoncfg has no types
    """A value as jsoncfg, which parliament reads policies with, has it; its line is the pointer."""
    pointer = node.pointer
    if isinstance(node, LazyStringArray):
        array = nodes.ConfigJSONArray(pointer, 0)
        for at, text in enumerate(node.texts):
            array._append(nodes.ConfigJSONScalar(text, f"{pointer}/{at}", 0))  # noqa: SLF001 - as jsoncfg's parser does
        return array
    value = node.value
    if isinstance(value, Object):
        members = nodes.ConfigJSONObject(pointer, 0)
        for member in value:
            members._insert(member.key, as_jsoncfg(member.value, nodes))  # noqa: SLF001 - as above
        return members
    if isinstance(value, Array):
        array = nodes.ConfigJSONArray(pointer, 0)
        for item in value:
            array._append(as_jsoncfg(item, nodes))  # noqa: SLF001 - as above
        return array
    return nodes.ConfigJSONScalar("unknown" if value is UNKNOWN else value, pointer, 0)
