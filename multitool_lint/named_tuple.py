"""NamedTuple for modules that every check of a policy imports.

`typing.NamedTuple` compiles each annotation, and a constructor. Few classes make many tuples in a
short run: here a constructor is compiled when some have been made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter

    _FEW = 16
    """How many tuples of a class are made before its constructor is compiled."""

    class _Tuple(tuple):
        """What all named tuples have in common, as `collections.namedtuple` makes it."""

        __slots__ = ()

        @classmethod
        def _make(cls, values: object) -> tuple:
            return tuple.__new__(cls, values)

        def _replace(self, /, **values: object) -> tuple:
            made = self._make(map(values.pop, self._fields, self))
            if values:
                raise TypeError(f"{type(self).__name__} has no fields {list(values)}")
            return made

        __replace__ = _replace

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            values = ", ".join(f"{field}={value!r}" for field, value in self._asdict().items())
            return f"{type(self).__name__}({values})"

        def __getnewargs__(self) -> tuple:
            return tuple(self)

    class _Meta(type):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            first = iter([True] * _FEW)

            def make(of: type, /, *values: object, **named: object) -> tuple:
                given = {**dict(zip(fields, values, strict=False)), **named}
                every = {**defaults, **given}
                right = len(given) == len(values) + len(named) and every.keys() == set(fields)
                if right and next(first, False):
                    return tuple.__new__(of, map(every.__getitem__, fields))
                listed = ", ".join(fields)
                new = eval(f"lambda _of, {listed}: _new(_of, ({listed},))", {"_new": tuple.__new__})  # noqa: S307
                new.__defaults__ = tuple(defaults.values())
                made.__new__ = new
                return new(of, *values, **named)

            getters = {field: _tuplegetter(at, None) for at, field in enumerate(fields)}
            shared = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            made = type(
                name,
                (_Tuple,),
                {**namespace, **getters, **shared, "__slots__": (), "__new__": make},
            )
            return made

    class NamedTuple(metaclass=_Meta):
        """A named tuple with the annotated fields of the class."""


__all__ = ["NamedTuple"]
