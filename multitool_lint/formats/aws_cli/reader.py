"""Policies in what the AWS CLI prints: those of a whole account, or of one resource.

The text is walked from key to key, and only what may lead to a policy is looked into. So an account
of thousands of policies takes the memory of its text, and each policy is in memory only while
it is checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import quick_tests
from multitool_lint.formats.aws_cli import keys
from multitool_lint.formats.extract import Attachment, Candidate, Certainty, Extractor
from multitool_lint.formats.result import REST_NOT_READ, Problem, ReadResult, Skipped, not_policy
from multitool_lint.limits import MAX_AWS_OUTPUT_DEPTH
from multitool_lint.reasons import Reason
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.json.errors import Due, MistakeError
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.formats.aws_cli.keys import Facts
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.identities import Identity

# As it is, escaped however often, or URL-encoded.
_STATEMENT_KEY = re.compile(
    r"""Statement(?:\\*+["']|%22)(?:\s|\\[nrt]|%20|%0[aAdD])*+(?::|%3[aA])"""
)
_BEGINS_AS_OBJECT = re.compile(r"(?:\s|\\[nrt]|%20|%0[aAdD])*+(?:\{|%7[bB])")


class _Document(NamedTuple):
    """A value where a policy should be: its key, those that lead to it, and what they say.

    `facts` are those of the object that it is in, of the one around that, and so on. They are
    complete only when these objects are read. What is not `known` has the shape of a policy, below
    a key that no documented output has one below.
    """

    span: Span
    key: str
    path: tuple[str, ...]
    facts: tuple[Facts, ...]
    known: bool = True


def is_output(text: str) -> bool:
    """Whether a text is the output of an AWS command that has policies, perhaps a broken one."""
    try:
        documents = _documents(SkimmingWalk(text))
        first = next((document for document in documents if document.known), None)
    except MistakeError:
        return _leads_to_policies(text) and _STATEMENT_KEY.search(text) is not None
    return first is not None and bool(first.key)


def _leads_to_policies(text: str) -> bool:
    """Whether there is a key that we know in what can be read of the first object."""
    walk = SkimmingWalk(text)
    try:
        while walk.mark == "[":
            walk.at += 1
            walk.blank()
        if walk.mark == "{":
            for key in walk.members():
                if key in keys.CONTAINERS or key in keys.DOCUMENTS:
                    return True
                walk.skim()
    except MistakeError:
        pass
    return False


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies, one by one, each named by the ARN of what it belongs to."""
    return ReadResult(stream=_read(extractor), format="AWS CLI", accounts=_identities(extractor))


def _identities(
    extractor: Extractor,
) -> Iterator[tuple[Identity, tuple[FoundPolicy, ...]]]:
    """The identities of an account, which are read after its policies."""
    if any(name in extractor.source.text for name in keys.IDENTITY_LISTS):
        from multitool_lint.formats.aws_cli.identities import identities  # few outputs have any

        yield from identities(extractor)


def _read(extractor: Extractor) -> Iterator[FoundPolicy | Problem | Skipped]:
    source = extractor.source
    unnamed = 0
    try:
        for document in _documents(SkimmingWalk(source.text)):
            name = keys.name_of(document.key, document.path, document.facts)
            if name is None:
                unnamed += 1
                name = f"policy {unnamed}" if unnamed > 1 else None
            reason = _reason_to_skip(document, source.path)
            if reason:
                yield not_policy(document.span, reason)
            elif found := extractor.extract(_candidate(source, document, name)):
                yield found
    except MistakeError as mistake:
        yield Problem(mistake.span, f"{mistake.message} ({REST_NOT_READ})", help=mistake.help)


def _reason_to_skip(document: _Document, path: str) -> Reason | None:
    """Why a document is not checked, if so; a file may be named as the policy in it."""
    inside = document.path[-1] if document.path else ""
    if inside in keys.VERSIONS and document.facts[0].get("IsDefaultVersion") is False:
        return Reason.NOT_DEFAULT_VERSION
    file = path.rpartition("/")[2].removesuffix(".json")
    is_of_aws = inside == "PolicyVersion" and keys.is_version_of_aws(file, document.facts[0])
    if is_of_aws or keys.is_managed_by_aws(document.facts):
        return Reason.MANAGED_BY_AWS
    return Reason.COPY_OF_TRUST_POLICY if keys.is_copy(document.path) else None


def _candidate(source: Source, document: _Document, name: str | None) -> Candidate:
    key = document.key
    place = key, document.path, document.facts
    return Candidate(
        decoded_text.cut(source.text, document.span),
        document.span,
        name,
        Attachment(keys.type_of(*place), keys.resource_type_of(*place)),
        _certainty(document),
        printed=True,
    )


def _certainty(document: _Document) -> Certainty:
    if not document.known:
        return Certainty.SHAPE
    return Certainty.POLICY if document.key in keys.IAM_DOCUMENTS else Certainty.KEY


def _documents(walk: SkimmingWalk) -> Iterator[_Document]:
    """The documents of all JSON values that are there, one after the other."""
    while walk.mark:
        if walk.mark not in "[{":
            raise walk.mistake(Due.END)
        yield from _of_root(walk)
        walk.blank()


def _of_root(walk: SkimmingWalk) -> Iterator[_Document]:
    """The documents of an object, or of each in a list.

    Of a list in it, the elements are done one by one: there may be thousands.
    """
    start = walk.at
    if walk.mark == "[" and walk.depth < MAX_AWS_OUTPUT_DEPTH:
        for _ in walk.elements():
            yield from _of_root(walk)
        return
    if walk.mark != "{":
        walk.skim()
        return
    facts: Facts = {}
    late: list[_Document] = []
    is_policy = False
    try:
        for key in walk.members():
            is_policy |= key == "Statement"
            if key in keys.CONTAINERS and walk.mark == "[":
                for _ in walk.elements():
                    yield from _complete(_of_value(walk, key, (), (facts,)))
            else:
                late += _of_value(walk, key, (), (facts,))
    except MistakeError:
        yield from late
        raise
    if is_policy:
        yield _Document(Span(start, walk.at), "", (), (facts,))
    yield from late


def _complete(documents: Iterable[_Document]) -> Iterator[_Document]:
    """The documents once all is read that describes them; those before a mistake too."""
    held = []
    try:
        for document in documents:
            held.append(document)  # noqa: PERF402 - a mistake must not lose those before it
    except MistakeError:
        yield from held
        raise
    yield from held


def _of_value(
    walk: SkimmingWalk, key: str, path: tuple[str, ...], facts: tuple[Facts, ...]
) -> Iterator[_Document]:
    """The documents in the value of a key; what else it says goes to the facts."""
    start, mark = walk.at, walk.mark
    in_map = mark == '"' and not keys.MAPS.isdisjoint(path[-1:])
    if mark != "n" and (in_map or key in keys.DOCUMENTS):
        if _is_document(walk, key):
            yield _Document(Span(start, walk.at), key, path, facts)
            return
        walk.at = start
    if key not in keys.CONTAINERS or mark not in ("[", "{") or walk.depth > MAX_AWS_OUTPUT_DEPTH:
        value = walk.skim()
        if _may_have_policy(walk, start, mark, value):
            end, walk.at = walk.at, start
            yield from _of_unknown(walk, key, path, facts)
            walk.at = end
        elif key in keys.FACTS and isinstance(value, str | bool):
            facts[0][key] = value
        elif key in keys.COUNTS:
            facts[0][key] = walk.text[start : walk.at].strip() != "0"
    elif mark == "[":
        for _ in walk.elements():
            yield from _of_value(walk, key, path, facts)
    else:
        own: Facts = facts[0] if key in keys.TRANSPARENT else {}
        for inner in walk.members():
            yield from _of_value(walk, inner, (*path, key), (own, *facts))


def _may_have_policy(walk: SkimmingWalk, start: int, mark: str, value: object) -> bool:
    """Whether a value below another key may be a policy, or have some in it."""
    if isinstance(value, str):
        return _is_policy_text(value)
    is_collection = mark in ("[", "{") and walk.depth < MAX_AWS_OUTPUT_DEPTH
    return is_collection and walk.text.find('"Statement', start, walk.at) >= 0


def _of_unknown(
    walk: SkimmingWalk, key: str, path: tuple[str, ...], facts: tuple[Facts, ...]
) -> Iterator[_Document]:
    """The policies in the value of another key, by their shape."""
    start = walk.at
    if walk.mark == "[":
        for _ in walk.elements():
            for document in _of_value(walk, key, path, facts):
                yield document._replace(known=False)
        return
    own: Facts = {}
    found: list[_Document] = []
    is_policy = walk.mark == '"'
    if is_policy:
        walk.skim()
    else:
        for inner in walk.members():
            is_policy |= inner == "Statement"
            found += _of_value(walk, inner, (*path, key), (own, *facts))
    if is_policy:
        found = [_Document(Span(start, walk.at), key, path, facts)]
    yield from (document._replace(known=False) for document in found)


def _is_document(walk: SkimmingWalk, key: str) -> bool:
    """Read a value, and say whether it should be a policy.

    Only IAM's are printed as objects.
    """
    if key in keys.IAM_DOCUMENTS:
        walk.skim()
        return True
    if walk.mark == "[":
        return False
    value = walk.whole()
    if isinstance(value, str):
        return _is_policy_text(value)
    return key in keys.OBJECTS and isinstance(value, dict)


def _is_policy_text(value: str) -> bool:
    return _BEGINS_AS_OBJECT.match(value) is not None and quick_tests.may_be_policy(value)
