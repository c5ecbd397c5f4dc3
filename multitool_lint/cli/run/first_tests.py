"""A first file of tests, from what a policy or an identity can do today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.action_status import ActionStatus, action_status
from multitool_lint.aws.arn import defect, matches_all
from multitool_lint.aws.patterns import covers, has_wildcard
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.aws.sensitive_actions import ESCALATION, SENSITIVE
from multitool_lint.config.extra_rules import toml
from multitool_lint.config.policy_tests import ExpectedCase, PolicyTest, Subject
from multitool_lint.policy.compare.reference import may_act_on
from multitool_lint.policy.evaluation.asked_request import ANY
from multitool_lint.policy.evaluation.expectations import Expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.run.policy_tests import PolicyTests
    from multitool_lint.policy.document import Statement

    Found = dict[tuple[Expected, tuple[str, ...]], list[str]]

_HEAD = """\
# What is allowed today, written by `multitool-lint test --init`. Remove what need not stay so, and
# move what must not be so to a test with cannot. "may": some requests are allowed, not all.
"""
_WIDTH = 100
_DANGEROUS = {
    "escalation-actions": "ways to more access",
    "permission-actions": "permissions of others",
    "credential-actions": "credentials",
    "role-passing-actions": "roles for services",
}


class FirstTests:
    """The tests of a subject whose files are named from a folder."""

    def __init__(
        self, tests: PolicyTests, subject: Subject, folder: Path, catalog: Catalog
    ) -> None:
        self._tests = tests
        self._folder = folder
        self._catalog = catalog
        self._subject = subject
        self._test = PolicyTest("", subject, (), {}, None, None)
        found = tests.identity_policies(subject, folder, catalog)
        self._statements = [
            statement
            for one in found
            for member in one.policies
            for statement in member.policy.statements
            if statement.allows
        ]

    def text(self) -> str:
        """The text of the file.

        Raises:
            ConfigError: the policies cannot be read.
        """
        subject = self._subject
        parts = [_HEAD]
        if subject.identity:
            parts.append(f"identity = {toml(subject.identity)}\nfiles = {toml([*subject.files])}\n")
        else:
            parts.append(f"policy = {toml(subject.policy[0])}\n")
        named: set[str] = set()
        parts += self._dangerous(named)
        return "\n".join([*parts, *self._by_service(named)])

    def _by_service(self, named: set[str]) -> Iterator[str]:
        """What each service may do, but for what is `named` before."""
        services: dict[str, Found] = {}
        for statement in self._statements:
            is_everywhere = all(map(matches_all, statement.resource_names))
            for text in statement.action_names if not statement.negates_actions else ():
                if not (is_everywhere and text in named):
                    found = services.setdefault(text.partition(":")[0].lower(), {})
                    self._add(text, statement, found)
        for service, found in sorted(services.items()):
            for (expected, resources), names in found.items():
                yield _written(service, {expected: names}, resources)

    def _add(self, text: str, statement: Statement, found: Found) -> None:
        """Add what an action of a statement is tested for, by what is allowed."""
        status = action_status(self._catalog, text)
        if text == ANY or status not in (ActionStatus.KNOWN, ActionStatus.RETIRED):
            return
        names = statement.resource_names if not statement.negates_resources else ()
        known = tuple(
            name
            for name in names
            if not (OPENER in name or defect(name) or matches_all(name))
            and any(may_act_on(self._catalog, one, name) for one in self._names(text))
        )
        resources = known if len(known) == statement.resource_count and known else (ANY,)
        expected = self._expected(text, resources)
        listed = found.setdefault((expected, resources), []) if expected else []
        listed += [text] if text not in listed else []

    def _names(self, pattern: str) -> Iterator[str]:
        return self._catalog.names(self._catalog.match(pattern))

    def _expected(self, action: str, resources: Iterable[str]) -> Expected | None:
        """What holds today of an action on each of some resources; None if it cannot be said."""
        listed = tuple(resources)
        for expected in (Expected.CAN, Expected.MAY, Expected.CANNOT):
            if all(self._holds(expected, action, resource) for resource in listed):
                return None if expected is Expected.CANNOT else expected
        return None

    def _holds(self, expected: Expected, action: str, resource: str) -> bool:
        case = ExpectedCase(expected, action, resource, "")
        return self._tests.result(self._test, case, self._folder, self._catalog).has_passed

    def _dangerous(self, seen: set[str]) -> Iterator[str]:
        """What is allowed of the dangerous actions, added to those `seen`, and what is not."""
        cannot: list[str] = []
        for kind, of_service in SENSITIVE.items():
            allowed: dict[Expected, list[str]] = {}
            for prefix in self._catalog.prefixes:
                names = [
                    *self._catalog.names(ActionSet({prefix: of_service(self._catalog, prefix)}))
                ]
                if (
                    kind == ESCALATION
                    and names
                    and self._holds(Expected.CANNOT, f"{prefix}:*", ANY)
                ):
                    cannot.append(f"{prefix}:*")
                    continue
                for name in names:
                    if name in seen:
                        continue
                    seen.add(name)
                    expected = self._expected(name, (ANY,))
                    if expected:
                        allowed.setdefault(expected, []).append(name)
                    elif kind == ESCALATION and self._holds(Expected.CANNOT, name, ANY):
                        cannot.append(name)
            if allowed:
                yield _written(f"dangerous: {_DANGEROUS[kind]}", allowed, (ANY,))
        if cannot:
            yield _written("no ways to more access", {Expected.CANNOT: cannot}, (ANY,))


def _written(name: str, found: dict[Expected, list[str]], resources: tuple[str, ...]) -> str:
    """A test as TOML has it."""
    lines = ["[[test]]", f"name = {toml(name)}"]
    for expected, names in found.items():
        wildcards = [text.lower() for text in names if has_wildcard(text)]
        kept = [
            text
            for text in names
            if not any(text.lower() != wide and covers(wide, text.lower()) for wide in wildcards)
        ]
        lines.append(f"{expected.value} = {_list(kept)}")
    if resources != (ANY,):
        lines.append(f"resource = {_list([*resources])}")
    return "\n".join(lines) + "\n"


def _list(items: list[str]) -> str:
    """A list, with an item a line if it is long."""
    line = toml(items[0] if len(items) == 1 else items)
    if len(line) < _WIDTH:
        return line
    return "[\n{}]".format("".join(f"  {toml(item)},\n" for item in items))
