"""Our named tuples are those of the standard library, which are slower to define."""

import copy
import pickle
import typing

import pytest

from multitool_lint import named_tuple


class Ours(named_tuple.NamedTuple):
    """A place."""

    path: str
    line: int = 1
    column: int | None = None

    @property
    def shown(self) -> str:
        """The place as it is shown."""
        return f"{self.path}:{self.line}"


class Standard(typing.NamedTuple):
    """A place."""

    path: str
    line: int = 1
    column: int | None = None

    @property
    def shown(self) -> str:
        """The place as it is shown."""
        return f"{self.path}:{self.line}"


class One(named_tuple.NamedTuple):
    value: str


class Nothing(named_tuple.NamedTuple):
    pass


Kind = type[Ours] | type[Standard]
KINDS = pytest.mark.parametrize("kind", [Ours, Standard])


@KINDS
def test_a_tuple_is_made_of_places_and_names(kind: Kind) -> None:
    made = kind("a.json", column=2)
    assert kind._make(["a.json", 1, 2]) == made
    assert tuple(made) == ("a.json", 1, 2)
    assert (made.path, made.line, made.column, made.shown) == ("a.json", 1, 2, "a.json:1")
    assert hash(made) == hash(("a.json", 1, 2))
    assert repr(made) == f"{kind.__name__}(path='a.json', line=1, column=2)"
    assert made._asdict() == {"path": "a.json", "line": 1, "column": 2}
    assert kind._fields == ("path", "line", "column")
    assert kind.__doc__ == "A place."


@KINDS
@pytest.mark.parametrize("arguments", [{}, {"path": "a", "row": 1}, {"line": 1}])
def test_what_is_missing_or_unknown_is_refused(kind: Kind, arguments: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        kind(**arguments)  # type: ignore[arg-type]


@KINDS
def test_a_copy_has_other_values(kind: Kind) -> None:
    made = kind("a.json")
    assert made._replace(line=3) == kind("a.json", 3)
    assert type(made._replace(line=3)) is kind
    with pytest.raises((TypeError, ValueError), match="row"):
        made._replace(row=3)  # type: ignore[call-arg]


@KINDS
def test_a_tuple_is_sent_to_other_processes(kind: Kind) -> None:
    made = kind("a.json", 2)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == copy.deepcopy(made) == made  # noqa: S301
    assert type(pickle.loads(pickle.dumps(made))) is kind  # noqa: S301


@KINDS
def test_a_tuple_has_no_other_attributes(kind: Kind) -> None:
    made = kind("a.json")
    with pytest.raises(AttributeError):
        made.line = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        made.row = 2  # type: ignore[union-attr]


def test_a_tuple_is_matched_by_place() -> None:
    match Ours("a.json", 2):
        case Ours(path, line):
            assert (path, line) == ("a.json", 2)


def test_tuples_of_one_or_no_value() -> None:
    assert One("a") == ("a",)
    assert One(value="a").value == "a"
    assert Nothing() == ()
