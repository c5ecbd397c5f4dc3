"""What is found in the policies of identities, taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
from multitool_lint.diagnostics.rule import IDENTITIES, ROLES, Rule
from multitool_lint.formats.result import PLAN, ReadResult
from multitool_lint.linter.locate import Locator
from multitool_lint.linter.plan import checks_about, failed_check, findings_of
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.assumable_roles import AssumableRoles
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import Identity


Reported = Callable[["Policy", "list[Finding]", "Callable[[Finding], Finding]"], "list[Finding]"]
"""The findings in a policy that are not suppressed, at their places in the file."""

Pair: TypeAlias = "tuple[Identity, Mapping[Policy, FoundPolicy]]"
"""An identity, and the policies among which its own are."""


class Located(NamedTuple):
    """A finding of an identity, and how it is located in the text that its policies are in."""

    identity: Identity
    found: IdentityFinding
    entries: Mapping[Policy, FoundPolicy]

    def locate(self, finding: Finding) -> Finding:
        """The finding of one policy, with the places in others."""
        others = tuple(
            Locator(self.entries[policy]).related(place) if policy else place
            for policy, place in self.found.elsewhere
        )
        if self.found.policy:
            finding = Locator(self.entries[self.found.policy]).locate(finding)
        span = self.found.at or finding.span
        return finding._replace(related=(*finding.related, *others), span=span)


def located_findings(
    found: Iterable[Pair],
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    roles: AssumableRoles | None = None,
) -> Iterator[Located]:
    """What the enabled rules find in identities, each with the policies that a source has.

    The identities are added to the `roles`.
    """
    checks = list(checks_about(IDENTITIES, enabled))
    of_roles = list(checks_about(ROLES, enabled))
    roles = roles or AssumableRoles(catalog)
    kept: dict[Policy, FoundPolicy] = {}
    settings = source, catalog, roles
    for identity, entries in found:
        if identity.has_several or identity.may_serve_users:
            for entry in _findings(identity, checks, *settings):
                yield Located(identity, entry, entries)
        if of_roles:
            part = roles.add(identity)
            own = (applied.policy for applied in part.policies)
            used = (*own, part.trust, *roles.takeovers.policies(part))
            kept |= {policy: entries[policy] for policy in used if policy and policy in entries}
    for identity in roles.identities:
        for entry in _findings(identity, of_roles, *settings):
            yield Located(identity, entry, kept)


def identities_of(loaded: ReadResult, source: Source) -> Iterator[Pair]:
    """The identities of a source."""
    known: dict[int, Mapping[Policy, FoundPolicy]] = {}
    for identity, read in loaded.identities:
        if id(read) not in known:
            known[id(read)] = {entry.policy: entry for entry in read}
        yield identity, known[id(read)]
    accounts = loaded.accounts
    if loaded.format == PLAN:
        from multitool_lint.deployments.terraform.planned import identities  # few sources are one

        accounts = identities(source)
    for identity, entries in accounts:
        yield identity, {entry.policy: entry for entry in entries}


def reported_findings(
    found: Iterable[Pair],
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    reported: Reported,
) -> Iterator[Finding]:
    """What the enabled rules find in the identities of a source, without what is suppressed."""
    for located in located_findings(found, source, enabled, catalog):
        yield from as_reported(located.found, located.locate, reported)


def as_reported(
    found: IdentityFinding, locate: Callable[[Finding], Finding], reported: Reported
) -> list[Finding]:
    """A finding at its places; none if it is suppressed."""
    if found.policy:
        return reported(found.policy, [found.finding], locate)
    return [locate(found.finding)]


def _findings(
    identity: Identity,
    checks: Sequence[tuple[Rule, Callable[..., Iterator[IdentityFinding]]]],
    source: Source,
    catalog: Catalog,
    roles: AssumableRoles,
) -> Iterator[IdentityFinding]:
    """The findings of rules about an identity; a check that fails is one, too.

    What is found in several of its cases is reported once.
    """
    seen: set[tuple[object, ...]] = set()
    for rule, check in checks:
        run = partial(check, identity, IdentityContext(rule, identity, source, catalog, roles))
        for entry in findings_of(run, partial(_failure, rule, identity, source)):
            key = entry.policy, entry.finding.rule, entry.finding.span, entry.finding.title
            if key not in seen:
                seen.add(key)
                yield entry


def _failure(
    rule: Rule, identity: Identity, source: Source, error: BaseException
) -> IdentityFinding:
    place = identity.title, source, Span(0, 0), identity.address
    return IdentityFinding(None, failed_check(rule.name, *place, error))
