"""Aliases of KMS keys as resources of actions that act on keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.placeholders import begins_with_name

_KMS, _ALIAS = "kms", "alias"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each alias as a key, or in a statement without actions on aliases."""
    if policy.source.text.find("alias/", *policy.root.span) < 0:
        return
    for statement in policy.statements:
        aliases = [
            (node, _as_shown(text), fields.resource.startswith("key/"))
            for node, text in statement.resource_texts
            if (fields := arn.fields(text))
            and fields.service == _KMS
            and fields.resource.removeprefix("key/").startswith(f"{_ALIAS}/")
        ]
        uses_keys_only = bool(aliases) and _uses_keys_only(statement, context.catalog)
        for node, alias, is_key in aliases:
            if is_key or uses_keys_only:
                title = f"No action of this statement acts on the alias {quoted(alias)}"
                yield context.finding(
                    node,
                    f"{quoted(alias)} is an alias, not a key" if is_key else title,
                    notes=("AWS KMS checks the ARN of the key even if a request uses an alias",),
                    help='specify the ARN of the key, or "*" with a condition on '
                    "kms:ResourceAliases",
                )


def _as_shown(text: str) -> str:
    """The name of an alias as it is written, or the reference that comes to the whole ARN."""
    name = arn.split(text)[-1]
    return text if begins_with_name(name.partition("/")[2]) else name


def _uses_keys_only(statement: Statement, catalog: Catalog) -> bool:
    if statement.negates_actions or len(list(statement.action_texts)) < len(statement.actions):
        return False
    found = 0
    for _, text in statement.action_texts:
        found |= catalog.match(text).bits(_KMS)
    return bool(found) and not found & _alias_actions(catalog)


@lru_cache(maxsize=2)
def _alias_actions(catalog: Catalog) -> int:
    """The bits of the actions of KMS that act on aliases."""
    service = catalog.service(_KMS)
    bits = 0
    for at, action in enumerate(service.actions if service else ()):
        if any(resource_type.name == _ALIAS for resource_type in action.resource_types):
            bits |= 1 << at
    return bits
