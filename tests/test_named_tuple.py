"""Our named tuples are as typing's are, before their constructor is compiled and after it."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from multitool_lint.named_tuple import NamedTuple

MANY = 20


class Place(NamedTuple):
    line: int
    column: int = 1
    path: str | None = None

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Same(typing.NamedTuple):
    line: int
    column: int = 1
    path: str | None = None


@pytest.fixture(params=[0, MANY], ids=["few", "many"], autouse=True)
def _made_before(request: pytest.FixtureRequest) -> None:
    for line in range(request.param):
        Place(line)


@pytest.mark.parametrize(
    ("values", "named"),
    [((1,), {}), ((1, 2), {"path": "a"}), ((), {"path": "a", "line": 3}), ((1, 2, "a"), {})],
)
def test_values_and_names_make_the_same(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    made: Any = Place(*values, **named)
    same = Same(*values, **named)
    assert made == same
    assert repr(made) == repr(same).replace("Same", "Place")
    assert made._asdict() == same._asdict()
    assert made._replace(line=7) == same._replace(line=7)
    assert made._fields == same._fields
    assert made._field_defaults == same._field_defaults
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        ((), {"column": 1, "path": "a"}),
        ((1, 2, "a", 4), {}),
        ((1,), {"line": 1}),
        ((1,), {"row": 2}),
    ],
)
def test_what_is_wrong_is_said(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Place, Same):
        with pytest.raises(TypeError):
            kind(*values, **named)


def test_a_named_tuple_is_copied_and_matched() -> None:
    place = Place(1, path="a")
    unpickled = pickle.loads(pickle.dumps(place))  # noqa: S301 - our own
    assert unpickled == copy.deepcopy(place) == Place._make((1, 1, "a"))
    assert type(copy.copy(place)) is Place
    assert place.shown == "a:1:1"
    match place:
        case Place(line, column):
            assert (line, column) == (1, 1)
    with pytest.raises((TypeError, ValueError)):
        place._replace(row=1)  # type: ignore[call-arg]
