"""NamedTuple for modules that every check of a policy imports.

`typing.NamedTuple` compiles each annotation, which takes as long as making the class does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

    class _Meta(type):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace.get("__annotations__", {})
            made = namedtuple(  # noqa: PYI024  # what `typing.NamedTuple` makes, too
                name,
                fields,
                defaults=[namespace.pop(field) for field in fields if field in namespace],
                module=namespace["__module__"],
            )
            for attribute, value in namespace.items():
                if attribute not in {"__module__", "__qualname__"}:
                    setattr(made, attribute, value)
            return made

    class NamedTuple(metaclass=_Meta):
        """A named tuple with the annotated fields of the class."""


__all__ = ["NamedTuple"]
