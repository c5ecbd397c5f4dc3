"""Policies that grant less: step by step, and proved as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog, bundled
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.formats import read_source
from multitool_lint.rewrite.draft import Draft, Remark, Rewrite, Steps
from multitool_lint.rewrite.proof import wider, withhold
from multitool_lint.rewrite.statements import sids_of
from multitool_lint.rewrite.tighten.actions import drop_wildcards, keep, missing
from multitool_lint.rewrite.tighten.by_resource import ByResource
from multitool_lint.rewrite.tighten.criteria import AtLevels, Used
from multitool_lint.rewrite.tighten.pass_role import limit
from multitool_lint.rewrite.usage.tally import UNRECORDED, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source, Span

    Step = Callable[[Draft, Policy], None]


@dataclass(frozen=True, slots=True)
class Tightening:
    """What is wanted, done in this order: each step sees what the one before has left.

    `drop_wildcards` drops wildcards next to actions that they match. `levels` keeps, of what
    wildcards match, the actions at some access levels, and with `all_actions` also of those named
    one by one. `used` keeps what was used. `by_resource` takes statements on `*` apart by resource
    type, which `arns` fill in. `pass_role_to` limits iam:PassRole to services, given by their
    service principals; it comes last, because a wildcard such as `iam:*` may be written out before.
    """

    levels: Collection[AccessLevel] = ()
    all_actions: bool = False
    used: Usage | None = None
    drop_wildcards: bool = False
    pass_role_to: Sequence[str] = ()
    by_resource: bool = False
    arns: Sequence[str] = ()

    def limits(self, text: str) -> bool:
        """Whether the levels decide about an action, which may have wildcards."""
        return self.all_actions or has_wildcard(text)

    def steps(self, by_resource: ByResource, catalog: Catalog) -> Iterator[Step]:
        """The steps, in their order."""
        if self.drop_wildcards:
            yield partial(drop_wildcards, catalog=catalog)
        if self.levels:
            yield partial(
                keep, criterion=AtLevels(self.levels, self.all_actions, catalog), catalog=catalog
            )
        if self.used:
            yield partial(keep, criterion=Used(self.used, catalog), catalog=catalog)
        if self.by_resource:
            yield lambda draft, policy: by_resource.split(draft, policy, sids_of(policy))
        if self.pass_role_to:
            yield lambda draft, policy: limit(
                draft, policy, self.pass_role_to, sids_of(policy), catalog
            )


def tighten(
    source: Source,
    wanted: Tightening,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    catalog: Catalog | None = None,
    place: Span | None = None,
) -> Rewrite:
    """Make the policies of a source grant less, and never anything that they did not grant.

    What may still allow more than was asked for is a problem. Notes say which actions that stay
    need some that are dropped. If there is a `place`, only what is there changes.
    """
    catalog = catalog or bundled()
    loaded = before = read_source(source, type=type, resource_type=resource_type)
    by_resource = ByResource(wanted.arns, catalog)
    steps = Steps(source, source, place)
    whole = Draft(source)
    for step in wanted.steps(by_resource, catalog):
        draft = Draft(steps.now, steps.place)
        for policy in loaded.json_policies:
            step(draft, policy)
        withhold(draft, loaded.json_policies, catalog)
        for kind in ("applied", "notes", "problems"):
            mapped = [steps.remark(remark.span, remark.message) for remark in getattr(draft, kind)]
            getattr(whole, kind).extend(mapped)
        if draft.edits:
            steps.take(draft.edits)
            loaded = read_source(steps.now, type=type, resource_type=resource_type)
    whole.edits += steps.whole()
    for kind in ("applied", "notes", "problems"):
        setattr(whole, kind, list(dict.fromkeys(getattr(whole, kind))))
    if wanted.by_resource and before.json_policies:
        _note_resources(whole, before.json_policies[0], by_resource)
    if wanted.levels:
        whole.note_levels(before.json_policies, wanted.levels, catalog, wanted.limits)
    result = whole.finish(before, wider, catalog)
    if result.text == source.text:
        return result
    lost = _lost(before.json_policies, loaded.json_policies, wanted, catalog)
    return replace(result, notes=(*result.notes, *lost))


def _note_resources(draft: Draft, policy: Policy, by_resource: ByResource) -> None:
    if by_resource.has_gaps:
        draft.note(policy.root, "replace the placeholders in {{ }}: they match no resource")
    for arn in by_resource.arns:
        if arn not in by_resource.fitting:
            draft.note(policy.root, f'no statement on "*" has actions that support {arn}')


def _lost(
    before: Sequence[Policy], after: Sequence[Policy], wanted: Tightening, catalog: Catalog
) -> Iterator[Remark]:
    """What may be missed of that which is dropped."""
    pairs = zip(before, after, strict=True)
    found = chain.from_iterable(missing(old, new, catalog) for old, new in pairs)
    yield from found
    if wanted.used and wanted.used.from_events:
        yield Draft(before[0].source).remark(before[0].root, UNRECORDED)
