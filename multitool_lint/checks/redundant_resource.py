"""Resources that another resource of the same statement covers."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.covering import covering
from multitool_lint.diagnostics.finding import REDUNDANT, Context, Finding, Fix, related
from multitool_lint.diagnostics.fixes import drop_covered, drop_either
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Node

_UNDOCUMENTED = "AWS does not document that a wildcard also matches the colons between fields"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource that makes others of its statement redundant."""
    for statement in policy.statements:
        if statement.resource and statement.resource_count > 1:
            from multitool_lint.aws.redundancy import redundant, star_covers

            names = statement.resource_names
            for at, covered in redundant(names, star_covers).items():
                wide = statement.resource_node(at), names[at]
                nodes = list(map(statement.resource_node, covered))
                yield _finding(context, statement, wide, nodes)


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
        fixes = drop_either(covered, node, "resource")
    return context.finding(
        node,
        title,
        notes=notes if certain else (*notes, _UNDOCUMENTED),
        help="" if fixes else "remove one of the resources",
        related=tuple(related(node, REDUNDANT) for node in covered),
        fixes=fixes,
    )
