"""Tags of template engines that say what others write: what a loop goes through, and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.tag_kinds import Tag, tags_of

_GIVING = (
    lazy_pattern(r"(?:for|set)\s+(?P<names>[\w.]+(?:\s*,\s*[\w.]+)*)\s*(?:\bin\b|=)"),
    lazy_pattern(r"(?:(?:range|with|if)\s+)?(?P<names>\$\w+(?:\s*,\s*\$\w+)*)\s*:?="),
    lazy_pattern(r".*\bdo\s*\|(?P<names>[^|]*)\|"),
    lazy_pattern(r"(?P<names>[\w.]+)\s*=(?!=)"),
    lazy_pattern(r"(?:range|with|#each|#with)\b(?P<names>)"),
)
"""How a tag names what it goes through, or gives a value; a dot or `this` has no other name."""
_NAME = lazy_pattern(r"\$?\w+")
_UNNAMED = "."
_THIS = lazy_pattern(r"(?<![\w.)\]])\.(?!\d)|\bthis\b")


def filling_tags(text: str) -> Iterator[Tag]:
    """The tags whose names others write somewhere in a text."""
    try:
        tags = [*tags_of(text)]
    except ValueError:
        return
    used = Counter(name for tag in tags for name in _names_in(tag.content))
    for tag in tags:
        found = next(filter(None, (pattern.match(tag.content) for pattern in _GIVING)), None)
        if found is None:
            continue
        here = Counter(_names_in(tag.content))
        if any(used[name] > here[name] for name in _NAME.findall(found["names"]) or [_UNNAMED]):
            yield tag._replace(content=" ".join(tag.content.split()))


def _names_in(content: str) -> Iterator[str]:
    """The names that a tag has, and one for what has none."""
    yield from _NAME.findall(content)
    if _THIS.search(content):
        yield _UNNAMED
