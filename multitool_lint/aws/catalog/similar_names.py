"""Which actions a name that is none was probably meant for: by its spelling, and by its verb."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from multitool_lint.aws.catalog import name_index
from multitool_lint.lazy_pattern import lazy_pattern

_VERB = lazy_pattern(r"[A-Z][a-z]+")

_SLIP = 2
"""Letters that a slip of the pen changes at most."""
_LETTERS_OF_SLIP = 3
"""Letters of which a slip changes at most one: `Item` is not `Tags`."""

_SENSES = (
    "Get Read Fetch Retrieve Download View Show",
    "Get Describe Read View Show",
    "List Enumerate",
    "List Describe",
    "Create Add Make New",
    "Create Put",
    "Put Write Upload Save Store Set",
    "Update Modify Edit Change Set Write",
    "Delete Remove Destroy Drop Erase",
    "Delete Terminate",
    "Run Launch Start",
    "Invoke Execute Call Run",
    "Start Run Execute Begin",
    "Stop End Cancel",
    "Send Publish Post Put",
    "Receive Get Read Consume Poll",
    "Attach Associate Add",
    "Detach Disassociate Remove",
    "Copy Clone Duplicate",
    "Register Add",
    "Deregister Unregister Remove",
)
"""Verbs by which people, and AWS's services, mean the same."""

_VERBS: dict[str, frozenset[str]] = {}
for _sense in _SENSES:
    for _verb in _sense.split():
        _VERBS[_verb.lower()] = _VERBS.get(_verb.lower(), frozenset()) | {_sense}


def likely(name: str, names: tuple[str, ...], lower_names: tuple[str, ...]) -> tuple[int, ...]:
    """The places of the names that were probably meant by a name, the best first.

    Those that are spelt most alike, but for what does something else (nobody who writes
    `WriteObject` means `DeleteObject`), else those that say the same in another word (`PutObject`).
    """
    near = name_index.close(name_index.fold(name), lower_names)
    alike = [at for at in near if not _does_something_else(name, names[at])]
    if alike:
        return tuple(alike)
    verb, topic = _parts(name)
    about_the_same = _by_topic(names).get(topic, ()) if topic else ()
    same = [at for at in about_the_same if _senses(verb) & _senses(_parts(names[at])[0])]
    return tuple(same[: name_index.MOST])


def is_slip(name: str, other: str) -> bool:
    """Whether a name is another one with a slip of the pen, or with another verb for the same.

    With a word more or less it is another name: `DeleteSecretVersion` is not `DeleteSecret`.
    """
    (verb, topic), (other_verb, other_topic) = _parts(_name(name)), _parts(_name(other))
    if topic == other_topic and _senses(verb) & _senses(other_verb):
        return True
    return _edits(name_index.fold(name), name_index.fold(other)) <= _SLIP


def with_slip(name: str, lower_names: Iterable[str]) -> str | None:
    """The one of names in lower case that a name is with the smallest slip of the pen.

    The verb is the same, or another one for the same: who sets something does not get it.
    """
    verb, topic = _parts(_name(name))
    verbs = {verb, *(other for other, senses in _VERBS.items() if senses & _senses(verb))}
    edits = [
        (_edits(topic, other.removeprefix(word)), other)
        for other in lower_names
        for word in verbs
        if other.startswith(word)
    ]
    least, closest = min(edits, default=(_SLIP + 1, ""))
    return closest if least <= min(_SLIP, len(topic) // _LETTERS_OF_SLIP) else None


def _name(action: str) -> str:
    return action.partition(":")[2]


def _edits(one: str, other: str) -> int:
    """How many letters to insert, drop or replace, or swap with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one):
        older, before, row = before, row, [at + 1]
        for place, symbol in enumerate(other):
            least = min(before[place] + (letter != symbol), before[place + 1] + 1, row[place] + 1)
            if at and place and letter == other[place - 1] and symbol == one[at - 1]:
                least = min(least, older[place - 1] + 1)
            row.append(least)
    return row[-1]


@lru_cache(maxsize=32)
def _by_topic(names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """The places of names by what they are about."""
    index: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        index.setdefault(_parts(name)[1], []).append(at)
    return {topic: tuple(places) for topic, places in index.items()}


def _does_something_else(name: str, other: str) -> bool:
    verb, other_verb = _parts(name)[0], _parts(other)[0]
    senses = _senses(verb)
    return bool(senses) and verb != other_verb and not senses & _senses(other_verb)


def _senses(verb: str) -> frozenset[str]:
    return _VERBS.get(verb, frozenset())


def _parts(name: str) -> tuple[str, str]:
    """The verb of a name and what it is about, both in lower case."""
    match = _VERB.match(name)
    end = match.end() if match else len(name)
    return name[:end].lower(), name[end:].lower()
