"""Which of several values of a policy another one of them makes redundant.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from multitool_lint.aws.arn import matches_all, pattern
from multitool_lint.aws.patterns import covers, literal_end, literal_prefix
from multitool_lint.aws.policy_variables import OPENER, replaced
from multitool_lint.limits import MAX_COMPARISONS

_SIZE_OF_ONE = 2048  # the product of the lengths of two resources as policies have them
_FIELDS = 6
_AFTER_ANY_NAME = "\U0010ffff"  # no value has it
_PRIVATE_USE = 0xE000  # characters that no ARN has


def pattern_covers(wide: str, narrow: str) -> bool:
    """Whether a pattern with policy variables matches all that another one matches.

    A variable is a text that is not known but is the same in both. Where that is not
    enough to know, the answer is no.
    """
    if wide == narrow or matches_all(wide):
        return True
    if not narrow.startswith(literal_prefix(wide)) or not narrow.endswith(literal_end(wide)):
        return False
    if OPENER not in wide and OPENER not in narrow:
        return covers(wide, narrow)
    # A `?` matches one character, and a variable may have more or none.
    if "?" in wide:
        return OPENER not in wide and covers(wide, pattern(narrow))
    signs: dict[str, str] = {}
    return covers(_with_signs(wide, signs), _with_signs(narrow, signs))


def resource_covers(wide: str, narrow: str) -> bool:
    """Whether a resource matches all that another one matches, field by field.

    So it holds whether or not a wildcard goes beyond the field that it is in.
    """
    if wide == narrow or matches_all(wide):
        return True
    if not narrow.endswith(literal_end(wide)):
        return False
    fields, others = wide.split(":", _FIELDS - 1), narrow.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS or len(others) < _FIELDS:
        return False
    head, other = ":".join(fields[:-1]), ":".join(others[:-1])
    if OPENER in head + other:
        # A colon in a variable does not separate fields, and its value may have colons.
        if head == other and head.count(OPENER) == head.count("}"):
            return pattern_covers(fields[-1], others[-1])
        known = other.partition(OPENER)[0].count(":")
        return (
            OPENER not in head
            and all(map(matches_all, fields[known:]))
            and all(map(pattern_covers, fields[:known], others[:known]))
        )
    # The last ones first: they differ the most.
    return all(map(pattern_covers, reversed(fields), reversed(others)))


def star_covers(wide: str, narrow: str) -> bool:
    """The same, with stars that also match the colons between fields."""
    return resource_covers(wide, narrow) or (
        min(wide.count(":"), narrow.count(":")) >= _FIELDS - 1 and pattern_covers(wide, narrow)
    )


def _with_signs(text: str, signs: dict[str, str]) -> str:
    """The text with one character, the same for the same, in the place of each variable."""
    return replaced(
        text,
        lambda variable: signs.setdefault(
            text[variable.start : variable.end], chr(_PRIVATE_USE + len(signs))
        ),
    )


def redundant(
    values: Sequence[str], is_covered: Callable[[str, str], bool], *, at_most: int = MAX_COMPARISONS
) -> Mapping[int, list[int]]:
    """The places of the values that cover others, each with the places that it covers.

    Of equal values the first covers the others. What covers a value is itself covered by none.
    After `at_most` comparisons no further ones are found.
    """
    distinct = set(values)
    owner = dict(_owners(sorted(distinct), is_covered, at_most))
    if not owner and len(distinct) == len(values):
        return {}
    places: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(place)
    found: dict[int, list[int]] = {}
    for value, same in places.items():
        first = places[_root(owner, value)][0]
        covered = same if value in owner else same[1:]
        if covered and value:  # a script fills in each of several empty ones
            found.setdefault(first, []).extend(covered)
    return {place: sorted(covered) for place, covered in sorted(found.items())}


def _root(owner: Mapping[str, str], value: str) -> str:
    while value in owner:
        value = owner[value]
    return value


def _owners(
    names: Sequence[str], is_covered: Callable[[str, str], bool], at_most: int
) -> Iterator[tuple[str, str]]:
    """Each value that another one covers, with that one, which may be covered itself."""
    covered: set[str] = set()
    comparisons = 0
    # The shortest literal beginning first: what covers much is asked before what it covers itself.
    for _, _, wide, start, end in sorted(_ranges(names)):
        if wide in covered:
            continue
        comparisons += end - start
        if comparisons > at_most:
            return
        # One literal that what is covered must have, too, rules out nearly all.
        literal = max(wide.replace("?", "*").split("*")[1:], key=len)
        for narrow in [name for name in names[start:end] if literal in name]:
            if comparisons > at_most:
                return
            comparisons += len(wide) * len(narrow) // _SIZE_OF_ONE
            if narrow != wide and narrow not in covered and is_covered(wide, narrow):
                covered.add(narrow)
                yield narrow, wide


def _ranges(names: Sequence[str]) -> Iterator[tuple[int, int, str, int, int]]:
    """The patterns among sorted names, with where those are that begin as each does.

    Before them the lengths of this beginning and of the whole. A pattern with which nothing else
    begins is left out.
    """
    for wide in names:
        if "*" in wide or "?" in wide:
            prefix = literal_prefix(wide)
            start = bisect_left(names, prefix)
            end = bisect_left(names, prefix + _AFTER_ANY_NAME, start) if prefix else len(names)
            if end - start > 1:
                yield len(prefix), len(wide), wide, start, end
