"""What requests of some actions can be, by AWS's Service Authorization Reference.

Where the reference does not know an action, or on what it acts, everything is possible.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_overlap
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn_formats import read_format
from multitool_lint.aws.pattern_cells import ANY_NAME_CHARACTER, ANY_SEGMENT, TextPattern
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_REFERENCE_FORMATS, MAX_REFERENCE_SERVICES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.compare.unknown_texts import with_placeholders
from multitool_lint.policy.compare.value_forms import ValueForm, value_form
from multitool_lint.policy.undocumented_resources import (
    acts_on_undocumented,
    is_shared,
    may_act_on_undocumented,
)

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.question import Asked
    from multitool_lint.policy.compare.resource_kinds import Universe


_REGION = lazy_pattern("[a-z]+(?:-[a-z]+)+-[0-9]+")
_PART = lazy_pattern(r"\$\{[^{}]*\}")
_FIELD = lazy_pattern(r"[A-Za-z0-9*?-]*")
_NAME = lazy_pattern(r"(?!.*(?:@@|__)|[A-Z_]+$)[\w+=,.@:/*?~-]*")
"""What the fields of an ARN, and its last one, consist of; others mark what is filled in."""


class RequestReference(NamedTuple):
    """What requests can be: on resources of some formats, with values of their keys' forms.

    Without formats, requests can be on any resource. Some keys are `given` by the resource.
    """

    catalog: Catalog
    formats: tuple[str, ...] | None = None
    given: tuple[tuple[str, str], ...] = ()

    def form(self, key: str) -> ValueForm | None:
        """What the values of a key can be; None if nothing is known of them."""
        return value_form(self.catalog, key)

    @property
    def universes(self) -> Sequence[Universe] | None:
        """What possible resources match; one of these is enough."""
        return None if self.formats is None else _universes(self.formats)


@lru_cache(maxsize=256)
def _universes(formats: tuple[str, ...]) -> tuple[Universe, ...]:
    return tuple(
        (by_field, (TextPattern(_pattern(text), by_field=by_field),))
        for by_field in (True, False)
        for text in formats
    )


def _pattern(format_: str) -> str:
    """A pattern of all ARNs of a format: the name of a bucket has no slash."""
    service = format_.split(":", arn.SERVICE + 1)[arn.SERVICE]
    read = read_format(format_.replace("${BucketName}", ANY_NAME_CHARACTER + ANY_SEGMENT))
    account = "*" if read.account == "?*" else read.account  # which AWS leaves out of its own
    return f"arn:?*:{service}:{read.region}:{account}:{read.resource}"


def impossible_actions(asked: Asked, actions: ActionSet, catalog: Catalog) -> ActionSet:
    """Those of some actions that do not act on any resource of a scope, where that is known."""
    template = _resource(asked)
    if template is None or len(actions.prefixes) > MAX_REFERENCE_SERVICES:
        return ActionSet()
    if not _is_as_written(template):
        return ActionSet()
    return ActionSet().union(
        some - _undocumented(some, formats, template, catalog)
        for some, formats in action_scopes(catalog).alike(actions)
        if not _accepts(formats, template)
    )


def _undocumented(
    actions: ActionSet, formats: ResourceFormats, resource: str, catalog: Catalog
) -> ActionSet:
    """Those of some actions that act on a resource though their documentation does not say so."""
    is_path = ":/" in resource
    names = catalog.names(actions) if is_path else _exceptions(actions, formats.unscoped, catalog)
    return ActionSet().union(
        catalog.match(name) for name in names if _is_undocumented(name, formats, resource, catalog)
    )


@lru_cache(maxsize=1024)
def _exceptions(actions: ActionSet, unscoped: bool, catalog: Catalog) -> tuple[str, ...]:  # noqa: FBT001 - a key
    """Those of some actions that may act on a resource though their documentation does not say."""
    return tuple(
        name for name in catalog.names(actions) if may_act_on_undocumented(name, unscoped=unscoped)
    )


def _is_as_written(template: str) -> bool:
    """Whether nothing in a pattern seems to be filled in, but for what is known to be so.

    What has marks of an unknown kind, such as `@@REGION@@`, may become any ARN, and so may a word:
    AWS accepts only ARNs.
    """
    *fields, name = _PART.sub("", template).split(":", arn.FIELDS - 1)
    is_arn = len(fields) == arn.FIELDS - 1
    return is_arn and all(map(_FIELD.fullmatch, fields)) and _NAME.fullmatch(name) is not None


def references(asked: Asked, actions: ActionSet, catalog: Catalog) -> Iterator[RequestReference]:
    """What requests of some actions can be; each is one of one of these.

    The actions are those that act on some resources of the scope.
    """
    listed = [asked.within.resources, *(part for row in asked.rows for part in row.resources)]
    texts = {text for resources in listed for text in resources.patterns}
    alike: set[tuple[str, ...] | None] = {None}
    if len(actions.prefixes) <= MAX_REFERENCE_SERVICES and not all(map(arn.matches_all, texts)):
        template = _resource(asked) or "*"
        alike = {
            _formats_naming(template, formats)
            for _, formats in action_scopes(catalog).alike(actions)
        }
    if None in alike or len(alike) > MAX_REFERENCE_FORMATS:
        alike = {None}
    given = keys_of_resource(asked)
    for formats in alike:
        yield RequestReference(catalog, formats, given)


def keys_of_resource(asked: Asked) -> tuple[tuple[str, str], ...]:
    """The keys that its ARN gives all requests on the one resource of a scope, with their values.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    fields = arn.fields(_resource(asked) or "")
    values = {
        "aws:requestedregion": fields.region if fields and _REGION.fullmatch(fields.region) else "",
        "aws:resourceaccount": fields.account
        if fields and arn.is_account_id(fields.account)
        else "",
    }
    return tuple((key, value) for key, value in values.items() if value)


def _resource(asked: Asked) -> str | None:
    """The one resource of a scope as a pattern; None if it may be any."""
    resources = asked.within.resources
    if resources.negated or len(resources.patterns) != 1:
        return None
    template = with_placeholders(resources.patterns[0])
    return None if template is None or arn.matches_all(template) else template


def _formats_naming(resource: str, formats: ResourceFormats) -> tuple[str, ...] | None:
    """The formats of ARNs that a resource may match; None if it may be another one."""
    if formats.unscoped or not formats.documented:
        return None
    found = [text for text in formats.formats if arn_overlap.may_name(text, resource)]
    return tuple(sorted(found)) or None


def _accepts(formats: ResourceFormats, resource: str) -> bool:
    """Whether actions act on resources that a pattern matches, or it is not known on what.

    A request of an action without resource types is on `*`, which no ARN matches.
    """
    if formats.unscoped and not formats.formats:
        return arn.matches_all(resource)
    return formats.unscoped or not formats.documented or bool(_formats_naming(resource, formats))


def _is_undocumented(
    action: str, formats: ResourceFormats, resource: str, catalog: Catalog
) -> bool:
    """Whether an action acts on a resource though its documentation does not say so."""
    return acts_on_undocumented(action, formats, resource, catalog) or is_shared(
        action.lower(), resource
    )


def may_act_on(catalog: Catalog, action: str, resource: str) -> bool:
    """Whether requests of an action can be on a resource."""
    formats = action_scopes(catalog).formats(action.lower())
    return _accepts(formats, resource) or _is_undocumented(action, formats, resource, catalog)
