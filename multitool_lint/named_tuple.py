"""NamedTuple for modules that every check of a policy imports.

`typing.NamedTuple` and `collections.namedtuple` compile code for each class, which takes longer
than all else that these modules do when they are imported.
"""

from __future__ import annotations

from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple
else:
    from _collections import _tuplegetter  # as `collections.namedtuple` does

    @cache
    def _taking(count):  # noqa: ANN001, ANN202  # one function for all classes of so many fields
        names = "".join([f"value{at}," for at in range(count)])
        return eval(f"lambda cls,{names}: made(cls, ({names}))", {"made": tuple.__new__})  # noqa: S307

    class _Meta(type):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = tuple([namespace.pop(field) for field in fields if field in namespace])
            namespace.update({field: _tuplegetter(at, "") for at, field in enumerate(fields)})
            namespace["__slots__"] = ()
            namespace["_fields"] = namespace["__match_args__"] = fields
            make = _taking(len(fields))
            code = make.__code__.replace(
                co_varnames=("cls", *fields), co_name="__new__", co_qualname=f"{name}.__new__"
            )
            namespace["__new__"] = type(make)(code, make.__globals__, "__new__", defaults)
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Meta):  # noqa: SLOT001  # the metaclass gives it some
        """A named tuple with the annotated fields of the class."""

        @classmethod
        def _make(cls, values: Iterable[object]) -> NamedTuple:
            """A tuple of these values."""
            return tuple.__new__(cls, values)

        def _replace(self, **values: object) -> NamedTuple:
            """A tuple like this one but for these values."""
            made = self._make(map(values.pop, self._fields, self))
            if values:
                raise TypeError(f"no fields of {type(self).__name__}: {', '.join(values)}")
            return made

        def _asdict(self) -> dict[str, object]:
            """The values by field."""
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[object, ...]:
            """What to make a copy of, as for one that is sent to another process."""
            return tuple(self)

        def __repr__(self) -> str:
            """The call that makes it."""
            values = ", ".join([f"{name}={value!r}" for name, value in self._asdict().items()])
            return f"{type(self).__name__}({values})"


__all__ = ["NamedTuple"]
