"""Sets of actions that unite, subtract and compare in microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class ActionSet:
    """An immutable set of actions: for each service prefix a bit per action, in catalog order.

    Only sets of the same catalog may be combined: the order of the bits is the catalog's.
    """

    __slots__ = ("_bits", "_hash")

    def __init__(self, bits: Mapping[str, int] | None = None) -> None:
        self._bits = {prefix: mask for prefix, mask in (bits or {}).items() if mask}
        self._hash: int | None = None

    @property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes that the set touches."""
        return frozenset(self._bits)

    def bits(self, prefix: str) -> int:
        """The bits of one service, 0 where the set has none of its actions."""
        return self._bits.get(prefix, 0)

    def union(self, others: Iterable[ActionSet]) -> ActionSet:
        """Unite it with others, in one go."""
        bits = dict(self._bits)
        for other in others:
            for prefix, mask in other._bits.items():  # noqa: SLF001  # its own class
                bits[prefix] = bits.get(prefix, 0) | mask
        return ActionSet(bits)

    def __or__(self, other: ActionSet) -> ActionSet:
        if not other._bits:
            return self
        bits = dict(self._bits)
        for prefix, mask in other._bits.items():
            bits[prefix] = bits.get(prefix, 0) | mask
        return ActionSet(bits)

    def __and__(self, other: ActionSet) -> ActionSet:
        small, large = self._bits, other._bits
        if len(small) > len(large):
            small, large = large, small
        return ActionSet({prefix: mask & large.get(prefix, 0) for prefix, mask in small.items()})

    def __sub__(self, other: ActionSet) -> ActionSet:
        if self._bits.keys().isdisjoint(other._bits):
            return self
        return ActionSet(
            {prefix: mask & ~other._bits.get(prefix, 0) for prefix, mask in self._bits.items()}
        )

    def __le__(self, other: ActionSet) -> bool:
        return self is other or all(
            not mask & ~other._bits.get(prefix, 0) for prefix, mask in self._bits.items()
        )

    def __bool__(self) -> bool:
        return bool(self._bits)

    def __len__(self) -> int:
        return sum(mask.bit_count() for mask in self._bits.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionSet) and self._bits == other._bits

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._bits.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"<ActionSet of {len(self)} in {', '.join(sorted(self._bits)) or 'no service'}>"
