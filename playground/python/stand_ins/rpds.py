"""The collections of `rpds` that jsonschema and its `referencing` use, without compiled code.

They are persistent: a changed one is a new one. Those here copy, and are small.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class HashTrieMap(Mapping[K, V]):
    """A mapping without a set order."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[K, V] | Iterable[tuple[K, V]] = (), **named: V) -> None:
        self._members = dict(members, **named)

    @classmethod
    def convert(cls, value: Mapping[K, V]) -> HashTrieMap[K, V]:
        """The value, if it is such a mapping already."""
        return value if isinstance(value, cls) else cls(value)

    def __getitem__(self, key: K) -> V:
        return self._members[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __hash__(self) -> int:
        return hash(frozenset(self._members.items()))

    def __repr__(self) -> str:
        return f"HashTrieMap({self._members!r})"

    def insert(self, key: K, value: V) -> HashTrieMap[K, V]:
        """With this value for the key."""
        return HashTrieMap({**self._members, key: value})

    def update(
        self, *others: Mapping[K, V] | Iterable[tuple[K, V]], **named: V
    ) -> HashTrieMap[K, V]:
        """With what the others have, too."""
        members = dict(self._members)
        for other in (*others, named):
            members.update(other)
        return HashTrieMap(members)

    def remove(self, key: K) -> HashTrieMap[K, V]:
        """Without this key.

        Raises:
            KeyError: it has none.
        """
        members = dict(self._members)
        del members[key]
        return HashTrieMap(members)

    def discard(self, key: K) -> HashTrieMap[K, V]:
        """Without this key, if it has it."""
        return self.remove(key) if key in self._members else self


class HashTrieSet(AbstractSet[T]):
    """A set."""

    __slots__ = ("_members",)

    def __init__(self, members: Iterable[T] = ()) -> None:
        self._members = frozenset(members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[T]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __hash__(self) -> int:
        return hash(self._members)

    def __repr__(self) -> str:
        return f"HashTrieSet({set(self._members)!r})"

    def insert(self, member: T) -> HashTrieSet[T]:
        """With this member."""
        return HashTrieSet(self._members | {member})

    def remove(self, member: T) -> HashTrieSet[T]:
        """Without this member.

        Raises:
            KeyError: it has it not.
        """
        if member not in self._members:
            raise KeyError(member)
        return HashTrieSet(self._members - {member})

    def discard(self, member: T) -> HashTrieSet[T]:
        """Without this member, if it has it."""
        return HashTrieSet(self._members - {member})

    def update(self, *others: Iterable[T]) -> HashTrieSet[T]:
        """With the members of the others."""
        return HashTrieSet(self._members.union(*others))


class List(Generic[T]):
    """A list that grows at its front."""

    __slots__ = ("_members",)

    def __init__(self, *members: T | Iterable[T]) -> None:
        one = members[0] if len(members) == 1 else members
        self._members: tuple[T, ...] = tuple(one)  # type: ignore[arg-type] # members or a collection

    def __iter__(self) -> Iterator[T]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __eq__(self, other: object) -> bool:
        return self._members == other._members if isinstance(other, List) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._members)

    def __repr__(self) -> str:
        return f"List({list(self._members)!r})"

    @property
    def first(self) -> T:
        """The member at the front.

        Raises:
            IndexError: there is none.
        """
        return self._members[0]

    @property
    def rest(self) -> List[T]:
        """All but the member at the front."""
        return List(self._members[1:])

    def push_front(self, member: T) -> List[T]:
        """With a member more, at the front."""
        return List((member, *self._members))

    def drop_first(self) -> List[T]:
        """All but the member at the front, of which there is one.

        Raises:
            IndexError: there is none.
        """
        if not self._members:
            raise IndexError("empty list")
        return self.rest
