"""What else git could take the name of a revision for.

Git prefers a tag to a branch of the same name and goes on with a warning: who may push a tag would
decide what a change is compared with.

Git: https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"(?:(?![~^:]|@\{).)*", re.DOTALL)
_OBJECT = re.compile(r"(?:^|-g)([0-9a-f]{4,})\Z", re.IGNORECASE)
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_FULL = "refs/"
_OWN = ("", "@", "HEAD")
"""What git itself has in the first place, so that no reference comes before it."""


class Name(NamedTuple):
    """The name that a revision such as `main~2` begins with, and what it may be the name of.

    `references` are what git looks for, which for a name in full is that alone. `object` is the
    abbreviated id that it may be.
    """

    text: str
    references: tuple[str, ...]
    object: str = ""


def name_of(revision: str) -> Name | None:
    """The name in a revision, if it can be ambiguous."""
    match = _NAME.match(revision)
    text = match[0] if match else ""
    if text in _OWN:
        return None
    if text.startswith(_FULL):
        return Name(text, (text,))
    id_ = _OBJECT.search(text)
    return Name(text, tuple(place.format(text) for place in _PLACES), id_[1] if id_ else "")
