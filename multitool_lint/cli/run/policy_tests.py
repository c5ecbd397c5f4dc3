"""Tests of policies: the files of each are read, and what they allow is compared."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.ask.can import Question, answer
from multitool_lint.aws.arn import SERVICE, split
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.cli.files.deployed import deployed_by, identity_named
from multitool_lint.cli.files.one_policy import control_policies, one_policy
from multitool_lint.cli.files.version import MANAGED, Version, is_managed_policy
from multitool_lint.cli.files.versions import Versions
from multitool_lint.config import ConfigError
from multitool_lint.config.policy_tests import ExpectedCase, PolicyTest, Subject, read_tests
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.evaluation.asked_request import ANY, AskedRequest, asked_request
from multitool_lint.policy.evaluation.callers import CallerKind
from multitool_lint.policy.evaluation.decision import ApplicablePolicies, alone
from multitool_lint.policy.evaluation.expectations import Expectations, Expected, Outcome
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.ask.identities import DeployedIdentity
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.policy.evaluation.decision import Levels
    from multitool_lint.policy.policy_set import PolicySet

    Ways = Iterator[tuple[AskedRequest, ApplicablePolicies]]


class TestResult(NamedTuple):
    """What came of a case of a test; if its policies could not be read, an `error` says why."""

    test: PolicyTest
    case: ExpectedCase
    outcome: Outcome = Outcome()
    error: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.error and self.outcome.is_as_expected


class PolicyTests:
    """Runs the tests of files.

    Policies that several tests are about are read once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions = Versions()
        self._sets: dict[tuple[str, PolicyType | None], PolicySet] = {}
        self._deployed: dict[tuple[str, ...], Deployed] = {}
        self._last: tuple[PolicyTest, tuple[str, Expected], Expectations] | None = None

    def close(self) -> None:
        """End the processes that read files."""
        self._versions.close()

    def results(self, path: str) -> Iterator[TestResult]:
        """What came of the tests of a file.

        Raises:
            ConfigError: it is not a file of tests.
        """
        catalog = self._settings.of(path).catalog or bundled()
        try:
            source = reading.read(path)
        except (OSError, reading.UnreadableError) as error:
            raise ConfigError(f"{path}: {reading.reason(error)}") from error
        for test in read_tests(source, catalog):
            for case in test.cases:
                try:
                    yield self.result(test, case, Path(path).parent, catalog)
                except ConfigError as error:
                    yield TestResult(test, case, error=str(error))

    def result(
        self, test: PolicyTest, case: ExpectedCase, folder: Path, catalog: Catalog
    ) -> TestResult:
        """What came of a case of a test, whose files are named from a folder.

        Raises:
            ConfigError: a policy or an identity could not be read.
        """
        known, about = self._last, (case.resource, case.expected)
        if known is None or known[0] is not test or known[1] != about:
            known = test, about, self._expectations(test, case, folder, catalog)
            self._last = known
        outcome = known[2].outcome(case.expected, case.action, case.resource)
        return TestResult(test, case, outcome)

    def identity_policies(
        self, subject: Subject, folder: Path, catalog: Catalog
    ) -> tuple[PolicySet, ...]:
        """The policies that may allow something to what a test is about.

        Raises:
            ConfigError: they cannot be read.
        """
        files = _Files(self, folder)
        if not subject.identity:
            return files.given(subject).sets
        _, identity = self._identity(subject, files, catalog)
        cases = identity.policies().cases
        return tuple(found for case in cases for found in case.policies.identity)

    def _expectations(
        self, test: PolicyTest, case: ExpectedCase, folder: Path, catalog: Catalog
    ) -> Expectations:
        """The ways in which the requests of a case may be decided."""
        files = _Files(self, folder)
        if test.subject.identity:
            return self._of_identity(test, case, files, catalog)
        given = files.given(test.subject)
        by = test.principal

        def ways(name: str) -> Ways:
            asked = asked_request(
                name, case.resource, by, test.context, test.account, catalog, complete=False
            )
            is_shared = given.others_allow and given.resource is not None
            yield (asked._replace(is_in_account=False) if is_shared else asked), given

        is_root = by is not None and by.kind is CallerKind.ROOT
        allowing = (*given.identity, *filter(None, (given.resource,)))
        return Expectations(ways, None if given.others_allow or is_root else allowing, catalog)

    def _of_identity(
        self, test: PolicyTest, case: ExpectedCase, files: _Files, catalog: Catalog
    ) -> Expectations:
        deployed, identity = self._identity(test.subject, files, catalog)
        others = files.others(test.subject)

        def ways(name: str) -> Ways:
            for resource in _resources(case, name, catalog):
                question = Question(
                    name, resource, test.context, catalog, resource_account=test.account
                )
                found = answer(identity, question, deployed)
                for way in found.ways:
                    yield found.asked, with_others(way.policies, others)

        found = identity.policies()
        allowing = [one for known in found.cases for one in known.policies.identity]
        allowing += [policy.policies for policy in deployed.resource_policies]
        allowing += [found.trust] if found.trust else []
        return Expectations(ways, allowing, catalog)

    def _identity(
        self, subject: Subject, files: _Files, catalog: Catalog
    ) -> tuple[Deployed, DeployedIdentity]:
        paths = files.paths(subject.files)
        if paths not in self._deployed:
            self._deployed[paths] = deployed_by(paths, self._settings, catalog)
        deployed = self._deployed[paths]
        identity = identity_named(subject.identity, deployed)
        for place, why in deployed.unread:
            raise ConfigError(f"{place}: {why}")
        return deployed, identity

    def policies(self, which: Version, type_: PolicyType | None = None) -> PolicySet:
        """The policies of a file or a managed policy.

        Raises:
            ConfigError: they cannot be read.
        """
        key = str(which), type_
        if key not in self._sets:
            self._sets[key] = one_policy(which, type_, self._versions, self._settings)
        return self._sets[key]


def _resources(case: ExpectedCase, action: str, catalog: Catalog) -> Iterator[str]:
    """The resources that an action is asked about: where none may be allowed, also by service.

    A question about any resource leaves out the policies that resources have.
    """
    yield case.resource
    if case.resource == ANY and case.expected is Expected.CANNOT:
        formats = action_scopes(catalog).formats(action.lower()).formats
        for service in dict.fromkeys(split(text)[SERVICE] for text in formats):
            yield f"arn:*:{service}:*:*:*"


class _Files:
    """The policies that a test names, from the folder of its file."""

    def __init__(self, tests: PolicyTests, folder: Path) -> None:
        self._tests = tests
        self._folder = folder

    def paths(self, names: Iterable[str]) -> tuple[str, ...]:
        """The paths of files."""
        return tuple(os.path.normpath(self._folder / name) for name in names)

    def given(self, subject: Subject) -> ApplicablePolicies:
        """What applies to the requests.

        A single policy that is not of an identity is asked whether it lets requests through.
        """
        found = [self._policies(name) for name in subject.policy]
        types = {member.policy.type for one in found for member in one.policies}
        others = self.others(subject)
        if types <= {PolicyType.IDENTITY}:
            return others._replace(identity=tuple(found))
        if len(found) > 1:
            raise ConfigError("only identity-based policies can be tested together under policy")
        return with_others(alone(found[0]), others)

    def others(self, subject: Subject) -> ApplicablePolicies:
        """What applies besides that which the test is about."""

        def several(names: Iterable[str], type_: PolicyType) -> tuple[PolicySet, ...]:
            return tuple(self._policies(name, type_) for name in names)

        resource, endpoint = (
            several(filter(None, (name,)), PolicyType.RESOURCE)
            for name in (subject.resource_policy, subject.endpoint)
        )
        return ApplicablePolicies(
            resource=next(iter(resource), None),
            boundary=several(subject.boundary, PolicyType.BOUNDARY),
            session=several(subject.session, PolicyType.SESSION),
            scps=self._controls(subject.scps, PolicyType.SCP),
            rcps=self._controls(subject.rcps, PolicyType.RCP),
            endpoint=next(iter(endpoint), None),
        )

    def _controls(self, levels: Iterable[Sequence[str]], type_: PolicyType) -> Levels:
        return control_policies(levels, type_, lambda name: self._policies(name, type_))

    def _policies(self, name: str, type_: PolicyType | None = None) -> PolicySet:
        (path,) = self.paths((name,))
        is_managed = not os.path.lexists(path) and is_managed_policy(name)
        which = Version(name, MANAGED) if is_managed else Version(path)
        return self._tests.policies(which, type_)


def with_others(own: ApplicablePolicies, others: ApplicablePolicies) -> ApplicablePolicies:
    """What applies, with what else a test names."""
    given = {name: value for name, value in others._asdict().items() if value}
    return own._replace(**given)
