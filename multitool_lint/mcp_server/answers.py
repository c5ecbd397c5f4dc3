"""What the server is given by the command that starts it: answers about texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from multitool_lint.formats.local_files import SourceInTree

    Context = Mapping[str, str | bool | int | float | list[str]]


class ToolAnswer(NamedTuple):
    """An answer in words, and as JSON that a schema or the documentation describes."""

    text: str
    data: dict[str, Any]


class ToolRequest(NamedTuple):
    """A request that is asked about: an action on a resource, and what is known of the request."""

    action: str
    resource: str
    context: Context
    complete_context: bool = False
    resource_account: str | None = None


class Answers(Protocol):
    """The commands over texts, which raise ValueError for what cannot be answered."""

    def check(self, source: SourceInTree, type: str | None) -> ToolAnswer:
        """The findings in a text."""

    def fix(
        self, source: SourceInTree, type: str | None, *, unsafe: bool, keep_wildcards: bool
    ) -> ToolAnswer:
        """The text with fixes, and the findings that are left."""

    def diff(self, old: SourceInTree, new: SourceInTree) -> ToolAnswer:
        """How the access differs that two texts grant."""

    def can(
        self, sources: Sequence[SourceInTree], identity: str | None, asked: ToolRequest
    ) -> ToolAnswer:
        """Whether an identity of texts, or which of them, may do something."""

    def needs(self, source: SourceInTree, operations: Sequence[str]) -> ToolAnswer:
        """The actions that applying a plan, a template or a change set takes."""

    def query(self, names: Sequence[str]) -> ToolAnswer:
        """What the catalog has on actions, services and managed policies."""
