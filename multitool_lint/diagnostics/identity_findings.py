"""Findings about identities, of which the places may be in several policies of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import (
    Context,
    Finding,
    Related,
    enumerate_briefly,
    quoted,
    related,
    without_commands,
)
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.pointer import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.policy.assumable_roles import AssumableRoles
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import AppliedPolicy, CombinedPolicy, Identity
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.syntax.source import Source, Span


class IdentityFinding(NamedTuple):
    """A finding at a place of a policy, and further places in others.

    A place without a policy is one of the file, as that of a reference to a policy of AWS. A
    finding about a policy as a whole may be shown `at` another place of the file, as at its name.
    """

    policy: Policy | None
    finding: Finding
    elsewhere: tuple[tuple[Policy | None, Related], ...] = ()
    at: Span | None = None


class IdentityContext(NamedTuple):
    """What a check of an identity may ask besides that, and how it reports."""

    rule: Rule
    identity: Identity
    source: Source
    catalog: Catalog
    roles: AssumableRoles

    def about(
        self,
        policies: Sequence[AppliedPolicy],
        title: str,
        *,
        label: str = "",
        others: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",
    ) -> Iterator[IdentityFinding]:
        """A finding about policies of the file, at the first one, with a label for the others."""
        (first, policy), *rest = [(found, found.policy) for found in policies if found.policy]
        context = Context(self.rule, policy, self.catalog)
        finding = context.finding(policy.root, title, label=label, notes=notes, help=help)
        finding = finding._replace(with_others=(self.identity.address,))
        elsewhere = tuple(
            (None, Related(other.name_span, "", others))
            if other.name_span
            else (text, related(text.root, others))
            for other, text in rest
        )
        yield IdentityFinding(policy, finding, elsewhere, first.name_span)

    def spread(
        self, finding: Finding, policy: Policy, elsewhere: tuple[tuple[Policy | None, Related], ...]
    ) -> IdentityFinding:
        """A finding in a policy, with places in policies of several identities."""
        places = (self.identity.address, *(place.pointer for _, place in elsewhere))
        return IdentityFinding(policy, finding._replace(with_others=places), elsewhere)

    def separated(self, finding: Finding, combined: CombinedPolicy) -> IdentityFinding:
        """A finding in combined policies, with each of its places in the policy that it is in."""
        own = combined.part_at(finding.span)
        here: list[Related] = []
        elsewhere: list[tuple[Policy | None, Related]] = []
        of_aws: dict[PolicyReference, dict[str, None]] = {}
        contents: set[str] = set()
        for place in finding.related:
            part = combined.part_at(place.span)
            named = resolve(part.policy, place.pointer)
            value = named.node.string if named else None
            if part is not own:
                contents.add(value or place.pointer)
            if reference := part.applied.reference:
                of_aws.setdefault(reference, {})[quoted(value) if value else "an action"] = None
                continue
            moved = place._replace(span=combined.in_part(place.span))
            if part is own:
                here.append(moved)
            else:
                elsewhere.append((part.policy, moved))
        for reference, values in of_aws.items():
            label = f"allows {enumerate_briefly([*values])}"
            elsewhere.append((None, Related(reference.span, reference.owner, label)))
        others = self.identity.address, *sorted(contents)
        finding = finding._replace(related=tuple(here), with_others=others)
        if reference := own.applied.reference:
            finding = without_commands(finding)._replace(
                source=self.source, span=reference.span, pointer=reference.owner, policy_type=None
            )
            return IdentityFinding(None, finding, tuple(elsewhere))
        policy = own.policy
        finding = finding._replace(
            source=policy.source, span=combined.in_part(finding.span), policy_name=policy.name
        )
        return IdentityFinding(policy, finding, tuple(elsewhere))
