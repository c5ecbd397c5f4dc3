"""Resources that no action of their statement acts on, next to resources that some do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.document import Policy
from multitool_lint.policy.statement_scope import StatementScope, statement_scopes
from multitool_lint.policy.undocumented_resources import acts_on_undocumented

_SERVICE = "s3"
"""The service whose reference lists the resources of each action completely."""

_NAMES = lazy_pattern(r"arn:[\w-]+:s3:::[^/*?]+(?:/.*)?")
"""The ARN of a bucket whose name has no wildcard, or of objects in it."""

_VARIABLE = lazy_pattern(r"\$\{[^}]*\}")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement with such resources."""
    for scope in statement_scopes(policy, context.catalog):
        used, unused = _resources(scope, context.catalog)
        if used and unused:
            first, *others = (scope.statement.resource_node(at) for at in unused)
            text = scope.statement.resource_names[unused[0]]
            yield context.finding(
                first,
                f"No action of this statement acts on {quoted(text)}",
                label="no effect",
                help="remove the resource, or add the actions that are intended for it",
                related=tuple(related(node, "also here", alike=True) for node in others),
            )


def _resources(scope: StatementScope, catalog: Catalog) -> tuple[list[int], list[int]]:
    """The numbers of the resources that an action may act on, and of those that none acts on."""
    names = scope.resources or ()
    used: list[int] = []
    unused: list[int] = []
    if len(names) < 2 or scope.everything is not None:  # noqa: PLR2004
        return used, unused
    accepted = list(zip(scope.lower_names, scope.formats, strict=True))
    if not accepted or scope.statement.action_count > len(accepted):
        return used, unused
    services = _services(scope)
    for at, text in enumerate(names):
        if scope.statement.services == {_SERVICE} and _NAMES.fullmatch(
            bucket := _named(text, names)
        ):
            may_be_used = any(
                not formats.documented
                or may_act_on(formats, bucket)
                or acts_on_undocumented(name, formats, bucket, catalog)
                for name, formats in accepted
            )
        else:
            may_be_used = not _is_of_another(text, services, catalog)
        (used if may_be_used else unused).append(at)
    return used, unused


def _named(text: str, names: Sequence[str]) -> str:
    """A resource; if it is listed next to its objects, with any name for what varies."""
    bucket = text.removesuffix("/*")
    # Next to its objects, a bucket has a name without a slash, whatever the variables are.
    beside = bucket in names and f"{bucket}/*" in names
    return _VARIABLE.sub("name", text) if beside else text


def _services(scope: StatementScope) -> frozenset[str] | None:
    """The services whose ARNs the actions accept, and their own; None if that is not certain."""
    if not all(formats.documented for formats in scope.formats):
        return None
    named = {
        text.split(":", arn.SERVICE + 1)[arn.SERVICE] for f in scope.formats for text in f.formats
    }
    return None if any("$" in name for name in named) else scope.prefixes | named


def _is_of_another(text: str, services: frozenset[str] | None, catalog: Catalog) -> bool:
    """Whether a resource is one of a service of which no action is in the statement."""
    fields = arn.fields(text)
    return (
        services is not None
        and fields is not None
        and not patterns.has_wildcard(fields.service)
        and fields.service not in services
        and arn_formats.is_service(catalog, fields.service)
    )
