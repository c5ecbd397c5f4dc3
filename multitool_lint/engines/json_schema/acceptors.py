"""Put checks of values into one, which does only what the type and the names leave open."""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    Json = Any
    """A value of a JSON parser; a more precise type would require a cast at every step."""

    Accept = Callable[[Json], bool]
    Checks = Mapping[type, tuple[Accept, ...]]
    """What a value must pass, by its type; a type that is not there is refused."""

    _Demand = tuple[str, frozenset[type], Accept]
    _Left = tuple[tuple[Accept, ...], tuple[_Demand, ...]]


class OfNames:
    """A check that asks for nothing but the names of an object's members."""

    def __init__(self, accept: Accept) -> None:
        self.accept = accept

    def __call__(self, value: Json) -> bool:
        """Whether a value is not an object, or one whose names are accepted."""
        return type(value) is not dict or self.accept(value)


class IfNamed:
    """A check that an object passes which has none of some members."""

    def __init__(self, names: frozenset[str], accept: Accept) -> None:
        self.names = names
        self.accept = accept

    def __call__(self, value: Json) -> bool:
        """Whether a value that has one of the members passes."""
        return self.accept(value)


class Members:
    """A check of members by their names, made when an object has the member: few have all."""

    def __init__(self, named: Mapping[str, Callable[[], Checks]]) -> None:
        self._named = named
        self._made: dict[str, tuple[frozenset[type], Accept]] = {}

    def demands(self, names: Iterable[str]) -> Iterator[_Demand]:
        """What is demanded of the members of these names: each with the types that pass anyway."""
        for name in names:
            if name in self._named and name not in self._made:
                checks = self._named[name]()
                # Of most values nothing is demanded but their type.
                free = frozenset(type_ for type_, demands in checks.items() if not demands)
                self._made[name] = free, acceptor(checks)
            if name in self._made:
                yield name, *self._made[name]

    def __call__(self, value: Json) -> bool:
        """Whether each member of an object passes that is checked by its name."""
        return all(
            type(value[name]) in free or accept(value[name])
            for name, free, accept in self.demands(value)
        )


def acceptor(checks_by_type: Checks) -> Accept:
    """Whether a value passes all the checks of its type, and is of a type that has some."""
    of_objects = checks_by_type.get(dict, ())
    if any(isinstance(check, Members) for check in of_objects):
        checks_by_type = {**checks_by_type, dict: (_by_names(of_objects),)}
    checks_of = checks_by_type.get

    def accept(value: Json) -> bool:
        checks = checks_of(type(value))
        if checks is None:
            return False
        for check in checks:  # noqa: SIM110 - a generator would cost more than most checks
            if not check(value):
                return False
        return True

    return accept


def _by_names(checks: tuple[Accept, ...]) -> Accept:
    """The checks of an object in one, which does only what the names of its members leave open."""
    remaining = _remaining(checks)

    def accept(value: dict[str, Any]) -> bool:
        left = remaining(tuple(value))
        if left is None:
            return False
        others, members = left
        for check in others:
            if not check(value):
                return False
        for name, free, accepts in members:
            item = value[name]
            if type(item) not in free and not accepts(item):
                return False
        return True

    return accept


def _remaining(checks: tuple[Accept, ...]) -> Callable[[tuple[str, ...]], _Left | None]:
    """What is left to check of an object by the names of its members, None if they refuse it.

    First checks of the whole, then those of members, each with the types that pass anyway. Few
    names are ever together in a statement, so that most is settled for all that have the same.
    """

    @lru_cache(maxsize=256)
    def remaining(names: tuple[str, ...]) -> _Left | None:
        named = dict.fromkeys(names)
        others = []
        members: list[_Demand] = []
        for check in checks:
            if isinstance(check, OfNames):
                if not check(named):
                    return None
            elif isinstance(check, Members):
                members += check.demands(names)
            elif not isinstance(check, IfNamed) or not check.names.isdisjoint(named):
                others.append(check)
        return tuple(others), tuple(members)

    return remaining
