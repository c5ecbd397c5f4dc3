"""Statements without a policy around them, in AWS's spelling or in that of Terraform's modules.

Tools take such statements below keys of their own and make a policy of them, perhaps with others.
"""

from __future__ import annotations

import re

from multitool_lint.formats import recognize
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.syntax.tree import Array, Node, Object, texts_of

_EFFECTS = ("Allow", "Deny")
_TARGETS = ("Resource", "NotResource", "Principal", "NotPrincipal")
_NAMED = re.compile(r"statement|polic|permission|iam|aws", re.IGNORECASE)
"""What the name of statements has that are AWS's, although they allow everything."""


def of_aws(node: Node) -> Node | None:
    """The policy around a statement or a list of statements, in the spelling of policies."""
    if isinstance(node.value, Object):
        statements = [node]
    elif isinstance(node.value, Array):
        statements = list(node.items())
    else:
        return None
    is_list = recognize.are_statements(statements)
    if not (is_list and all(_effect(statement, "Effect") for statement in statements)):
        return None
    root = policy_around(node)
    return root if _is_of_aws(root, otherwise=any(map(_has_target, statements))) else None


def of_module(node: Node, name: str) -> Node | None:
    """The policy of statements in the words of Terraform, as files have them for a module.

    None for another value, such as rules of another tool for the access to something of its own.
    """
    items = [node] if node.get("effect") else [item for _, item in node.children()]
    if not items or not all(_effect(item, "effect") for item in items):
        return None
    from multitool_lint.formats.terraform import statement_objects  # few files have such items

    if not statement_objects.may_be_statements(node, name.replace("/", ".")):
        return None
    root = statement_objects.root_of(node)
    is_named = _NAMED.search(name) is not None
    is_of_aws = root is not None and _is_of_aws(root, otherwise=is_named)
    return statement_objects.completed(root) if root and is_of_aws else None


def _effect(node: Node, key: str) -> bool:
    effect = node.get(key)
    return effect is not None and effect.value in _EFFECTS


def _has_target(statement: Node) -> bool:
    return any(map(statement.get, _TARGETS))


def _is_of_aws(root: Node, *, otherwise: bool) -> bool:
    """Whether actions are AWS's; `otherwise` if there are all actions only, and no ARN."""
    from multitool_lint.aws.catalog.catalog import bundled  # few files have such statements

    statements = list(recognize.statements_of(root))
    actions = {
        action
        for statement in statements
        for action in texts_of(statement.get("Action") or statement.get("NotAction"))
    }
    prefixes = {action.partition(":")[0].lower() for action in actions - {"*"}}
    if prefixes:
        return prefixes.issubset(bundled().prefixes)
    resources = (text for node in statements for text in texts_of(node.get("Resource")))
    return otherwise or any(text.startswith("arn:") for text in resources)
