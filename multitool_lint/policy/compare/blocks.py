"""The actions in blocks, of which each of some statements is about all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import covers, has_wildcard, literal_prefix
from multitool_lint.policy.compare.scope_index import PrefixIndex

if TYPE_CHECKING:
    from multitool_lint.policy.compare.statement import StatementSemantics

Block = tuple[int, ActionSet, frozenset[str]]
"""The statements, a bit for each, and the actions: of the catalog, and others by name."""


def blocks_of(
    statements: Sequence[StatementSemantics], spend: Callable[[int], None]
) -> Iterator[Block]:
    """The blocks of the actions that some statement is about; `spend` may end the comparisons."""
    groups: dict[int, dict[str, int]] = {}
    alike: dict[ActionSet, int] = {}
    for at, statement in enumerate(statements):
        alike[statement.actions] = alike.get(statement.actions, 0) | 1 << at
    for prefix in {prefix for actions in alike for prefix in actions.prefixes}:
        by_bits: dict[int, int] = {}
        for actions, about in alike.items():
            if bits := actions.bits(prefix):
                by_bits[bits] = by_bits.get(bits, 0) | about
        blocks = {0: reduce(or_, by_bits)}
        for bits, about in by_bits.items():
            blocks = dict(_split(blocks, about, bits))
        for about, bits in blocks.items():
            groups.setdefault(about, {})[prefix] = bits
    names = _foreign_names(statements, spend)
    for about in sorted({*groups, *names}):
        yield about, ActionSet(groups.get(about)), frozenset(names.get(about, ()))


def _split(blocks: dict[int, int], some: int, bits: int) -> Iterator[tuple[int, int]]:
    """The blocks of a service, each cut in what some statements are about and what they are not."""
    for statements, block in blocks.items():
        if inside := block & bits:
            yield statements | some, inside
        if outside := block & ~bits:
            yield statements, outside


def _foreign_names(
    statements: Sequence[StatementSemantics], spend: Callable[[int], None]
) -> dict[int, set[str]]:
    """The actions that the catalog has not, and patterns of such, by the statements about them."""
    negated = 0
    written: dict[str, int] = {}
    for at, statement in enumerate(statements):
        negated |= statement.names.negated << at
        for text in statement.names.patterns:
            written[text] = written.get(text, 0) | 1 << at
    wildcards = PrefixIndex((literal_prefix(text), text) for text in filter(has_wildcard, written))
    found: dict[int, set[str]] = {}
    for name in {name for statement in statements for name in statement.foreign}:
        some = list(wildcards.beginning_like(name))
        spend(len(some))
        about = [written[text] for text in some if covers(text, name)]
        found.setdefault(reduce(or_, about, written[name]) ^ negated, set()).add(name)
    return found
