"""Resources that another resource of the same statement covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.finding import (
    REDUNDANT,
    Context,
    Finding,
    Fix,
    counted,
    enumerate_briefly,
    quoted,
    related,
)
from multitool_lint.diagnostics.fixes import drop_beside, drop_covered
from multitool_lint.limits import MAX_SHOWN_VALUE
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats

_UNDOCUMENTED = "AWS does not document that a wildcard also matches the colons between fields"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource that makes others of its statement redundant."""
    return redundant_resources(policy, context, parts=False)


def redundant_resources(policy: Policy, context: Context, *, parts: bool) -> Iterator[Finding]:
    """The findings where the others are parts of it that other actions act on, or where not."""
    for statement in policy.statements:
        if statement.resource and statement.resource_count > 1:
            from multitool_lint.aws.redundancy import redundant, star_covers

            names = statement.resource_names
            for at, places in redundant(names, star_covers).items():
                covered = [
                    place
                    for place in places
                    if parts is _is_pair(names[at], names[place], statement, policy, context)
                    and not _means_another(names[at], names[place], context)
                ]
                if covered:
                    wide = statement.resource_node(at), names[at]
                    nodes = list(map(statement.resource_node, covered))
                    yield _finding(context, statement, wide, nodes)


def _means_another(wide: str, narrow: str, context: Context) -> bool:
    """Whether a resource is not meant to be the one that covers it: it is a mistake, say."""
    from multitool_lint.aws.arn_formats import format_mismatches
    from multitool_lint.policy.placeholders import may_differ  # saves start-up

    if wide == narrow:
        return may_differ(narrow)
    return bool(format_mismatches(context.catalog)(narrow))


def _is_pair(
    wide: str, narrow: str, statement: Statement, policy: Policy, context: Context
) -> bool:
    """Whether one names resources and the other all that is in them, as most policies do.

    So `app-*` and `app-*/*` name buckets and their objects: the star of the first matches both.
    """
    rest = narrow.removeprefix(wide)
    if rest == narrow or not rest.startswith(("/", ":")):
        return False
    if not rest.strip("/:*"):
        return True
    from multitool_lint.policy.statement_scope import statement_scopes

    scopes = statement_scopes(policy, context.catalog)
    scope = next(scope for scope in scopes if scope.statement is statement)
    accepted = list({id(formats): formats for formats in scope.formats}.values())
    return _names_parts(accepted, wide, rest)


def _names_parts(accepted: Sequence[ResourceFormats], wide: str, rest: str) -> bool:
    """Whether some actions act on what a resource names, and others on all that is below it."""
    from multitool_lint.aws.arn import PLACEHOLDER
    from multitool_lint.aws.arn_overlap import may_name
    from multitool_lint.aws.patterns import covers

    if len(accepted) == 1:
        return False
    parts = {name for formats in accepted for name in formats.formats}
    return any(
        covers(rest, PLACEHOLDER.sub("*", part.removeprefix(whole)))
        for formats in accepted
        for whole in formats.formats
        if may_name(whole, wide)
        for part in parts.difference(formats.formats)
        if part.startswith(whole)
    )


def _finding(
    context: Context, statement: Statement, wide: tuple[Node, str], covered: list[Node]
) -> Finding:
    from multitool_lint.aws.redundancy import resource_covers

    node, text = wide
    element = "NotResource" if statement.negates_resources else "Resource"
    repeated = all(node.value == text for node in covered)
    title, notes = covering(text, covered, "resource", element)
    # AWS does not document that a wildcard matches the colons between fields.
    certain = all(resource_covers(text, str(node.value)) for node in covered)
    fixes: tuple[Fix, ...] = (drop_covered(covered, "resource"),) if certain else ()
    if certain and not repeated and statement.allows and not statement.negates_resources:
        fixes = (drop_beside(covered, node, "resource"),)
    return context.finding(
        node,
        title,
        notes=notes if certain else (*notes, _UNDOCUMENTED),
        help="" if fixes else "remove one of the resources",
        related=tuple(related(node, REDUNDANT) for node in covered),
        fixes=fixes,
    )


def covering(
    text: str, covered: Sequence[Node], noun: str, owner: str
) -> tuple[str, tuple[str, ...]]:
    """The title, and the note that lists the covered values unless the title names them."""
    names = list(dict.fromkeys(str(node.value) for node in covered))
    if names == [text]:
        return f"{quoted(text)} appears {len(covered) + 1:,} times in this {owner}", ()
    if len(covered) == 1 and len(text) + len(names[0]) <= MAX_SHOWN_VALUE:
        return f'"{text}" makes "{names[0]}" redundant', ()
    listed = f"redundant: {enumerate_briefly(list(map(quoted, names)))}"
    return f"{quoted(text)} makes {counted(len(covered), noun)} redundant", (listed,)
