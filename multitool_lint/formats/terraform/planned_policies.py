"""The policies in the resources of plans and states of Terraform and OpenTofu.

A policy is a string in the values of a resource, named by the resource's address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests
from multitool_lint.formats.extract import Attachment, Candidate, Certainty, Extractor
from multitool_lint.formats.found import PRINTED, FoundPolicy
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import (
    PLAN,
    REST_NOT_READ,
    Problem,
    ReadResult,
    Skipped,
    not_policy,
    not_read,
)
from multitool_lint.formats.terraform import plan, search
from multitool_lint.formats.terraform.attributes import PolicyAttribute, holders
from multitool_lint.reasons import Reason
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.extract import Found

_BEGINS_AS_OBJECT = re.compile(r'"(?:\s|\\[nrt]|\\u000[9aAdD])*+\{')


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies, one by one, each named by the address of its attribute."""
    return ReadResult(stream=_read(extractor), format=PLAN)


def _read(extractor: Extractor) -> Iterator[FoundPolicy | Problem | Skipped]:
    text = extractor.source.text
    try:
        for resource in plan.resources_in(text):
            # Of a resource that is to be deleted, the values are null.
            if resource.type in permissions() and text.startswith("{", resource.values):
                found = _permission(extractor, resource)
                if found:
                    yield found
                continue
            for path, span in _values(text, resource.values):
                found = policy_at(extractor, resource, path, span)
                if found:
                    yield found
            if resource.unknown >= 0:
                yield from _unknown(text, resource)
    except MistakeError as mistake:
        yield Problem(mistake.span, f"{mistake.message} ({REST_NOT_READ})", help=mistake.help)


def _values(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The strings among the values of a resource that may be policies, each with its path."""
    for path, span in plan.scalars_in(text, start):
        if _BEGINS_AS_OBJECT.match(text, span.start):
            value = plan.walk_from(text, span.start).whole()
            if quick_tests.may_be_policy(value):
                yield path, span


def policy_at(extractor: Extractor, resource: plan.PlannedResource, path: str, span: Span) -> Found:
    """The policy in a string among the values of a resource, at a path of these."""
    text = extractor.source.text
    holder = _holder(text, resource, path)
    if holder and holder.type == "other":
        return not_policy(span, Reason.OTHER_LANGUAGE)
    candidate = Candidate(
        decoded_text.cut(text, span),
        span,
        f"{resource.address}{path}",
        holder.attachment if holder else Attachment(),
        Certainty.POLICY if holder else Certainty.SHAPE,
        printed=True,
    )
    return extractor.extract(candidate)


def _holder(text: str, resource: plan.PlannedResource, path: str) -> PolicyAttribute | None:
    holder = holders().get(resource.type, {}).get(plan.attribute_of(path))
    if holder is None or holder.type != "organizations":
        return holder
    facts, _ = plan.object_at(plan.walk_from(text, resource.values), ())
    return holder.of_organizations(str(facts.get("type") or "SERVICE_CONTROL_POLICY"))


def _unknown(text: str, resource: plan.PlannedResource) -> Iterator[Skipped]:
    """The policies that a plan does not know yet."""
    known = holders().get(resource.type)
    if not known:
        return
    for path, span in plan.scalars_in(text, resource.unknown):
        within = plan.attribute_of(path)
        if text.startswith("t", span.start) and any(
            holder.type != "other" and f"{attribute}.".startswith(f"{within}.")
            for attribute, holder in known.items()
        ):
            yield not_read(span, Reason.AFTER_APPLY)


def _permission(extractor: Extractor, resource: plan.PlannedResource) -> Found:
    """The policy of the one statement that a resource is."""
    text = extractor.source.text
    values = {
        plan.attribute_of(path): Node(span, plan.walk_from(text, span.start).whole(), "")
        for path, span in plan.scalars_in(text, resource.values)
    }
    permission = permissions()[resource.type]
    for path, span in plan.scalars_in(text, resource.unknown):
        if text.startswith("t", span.start):
            within = f"{plan.attribute_of(path)}."
            values |= {
                name: Node(span, UNKNOWN, "")
                for name in permission.properties
                if f"{name}.".startswith(within)
            }
    walk = plan.walk_from(text, resource.values)
    walk.skim()
    root = permission.policy((resource.values, walk.at), values, lambda node: node.string)
    candidate = permission.candidate(search.finished(root), resource.address)
    return extractor.extract(candidate._replace(unchanged=PRINTED))
