"""The policies of a file, block by block, each with its address and what it is attached to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Literal

from multitool_lint.formats.dialects import PROVIDERS_OF_OTHERS
from multitool_lint.formats.extract import UNATTACHED, Attachment, Candidate
from multitool_lint.formats.found import IN_A_STRING, OF_A_MODULE, FoundPolicy
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import Problem, Skipped, not_policy
from multitool_lint.formats.terraform import (
    data_documents,
    fragments,
    instances,
    packer,
    search,
    unresolved,
)
from multitool_lint.formats.terraform.alternatives import alternatives, given
from multitool_lint.formats.terraform.attributes import (
    PolicyAttribute,
    attributes_in,
    common_attachment,
)
from multitool_lint.formats.terraform.body import MERGED
from multitool_lint.formats.terraform.cases import ReadDocument, as_read, in_readings
from multitool_lint.formats.terraform.merging import Merger
from multitool_lint.formats.terraform.mistakes import SYNTAX_RULE
from multitool_lint.formats.terraform.module import DATA, ModuleFolder
from multitool_lint.formats.terraform.same_count import possible
from multitool_lint.formats.terraform.scope import OutOfProportionError
from multitool_lint.formats.terraform.search import finished
from multitool_lint.formats.terraform.test_files import deploys_nothing
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.formats.terraform.evaluate import Expressions
    from multitool_lint.syntax.hcl.tree import Attribute, HclFile, SyntaxBlock

_TYPED = frozenset({"output", "variable"})
"""The blocks whose `type` is a constraint, such as an object with statements, and no value."""


def policies(extractor: Extractor, file: HclFile, module: ModuleFolder) -> Iterator[Found]:
    """The policies of a file, and what was recognised and could not be read."""
    found: list[Found] = []
    for attribute in file.attributes(file.root):  # the inputs of Terragrunt, values of variables
        found += _of_attribute(extractor, file, module, attribute)
    merger = Merger(module)
    for block in file.blocks():
        if not block.syntax.has_error:
            items = _of_block(extractor, file, module, block, merger)
            found += possible(items, file, block, module)
    made = list(_fragments(extractor, file, module, found))
    spans = sorted(item.span for item in made if isinstance(item, FoundPolicy))
    yield from (item for item in found if not _has_other_form(item, spans))
    yield from made


def _has_other_form(item: Found, fragments: Sequence[Span]) -> bool:
    """Whether something is listed as not read whose statements are read by themselves."""
    if not (isinstance(item, Skipped) and item.why.reason is Reason.OTHER_FORM):
        return False
    first = bisect_left(fragments, item.span)
    return first < len(fragments) and fragments[first].end <= item.span.end


def _of_block(
    extractor: Extractor, file: HclFile, module: ModuleFolder, block: SyntaxBlock, merger: Merger
) -> list[Found]:
    """The policies of a block; those of its further instances are cases of the first one."""
    found: list[Found] = []
    known: set[object] = set()
    try:
        for number, names in enumerate(instances.names_in(file, module, block)):
            module.names = names
            for item in _of_instance(extractor, file, module, block, merger):
                key: object = item
                if isinstance(item, FoundPolicy):
                    key = item.policy.name, item.policy.source.text, str(item.cases)
                    item = item._replace(case=True) if number else item  # noqa: PLW2901
                if number == 0 or key not in known:
                    found.append(item)
                known.add(key)
    except OutOfProportionError as error:
        found.append(Problem(file.span(block.head), str(error), SYNTAX_RULE))
    finally:
        module.names = {}
    return found


def _of_instance(
    extractor: Extractor, file: HclFile, module: ModuleFolder, block: SyntaxBlock, merger: Merger
) -> Iterator[Found]:
    if block.type == "data" and block.labels[:1] == (DATA,):
        name = _address(block)
        attachment = common_attachment(module.uses(name))
        found = list(data_documents.documents_of(file, module, block, merger))
        if whole := merger.merged(file, block):
            found.append(whole)
        merges = any(part.name in MERGED for part in file.attributes(block.body))
        for item in found:
            made = _extracted(extractor, item, name, attachment)
            yield _merged_by_sid(made, merges=merges or module.is_merged(name))
    elif block.type == "resource" and permissions().keys() & block.labels[:1]:
        yield from _permission(extractor, file, module, block)
    else:
        yield from _attributes(extractor, file, module, block)
    for item in packer.documents(file, block, module):
        yield _extracted(extractor, item, _address(block))


def _of_attribute(
    extractor: Extractor, file: HclFile, module: ModuleFolder, attribute: Attribute
) -> Iterator[Found]:
    """The policies in an attribute outside of blocks, which is given to a module."""
    try:
        for item in search.documents(file, attribute.value, module, of_module=True):
            yield _extracted(extractor, item, attribute.name)
    except OutOfProportionError as error:
        yield Problem(file.span(attribute.key), str(error), SYNTAX_RULE)


def _fragments(
    extractor: Extractor, file: HclFile, module: ModuleFolder, found: Sequence[Found]
) -> Iterator[Found]:
    """The statements for modules and in local values that are in none of the policies."""
    roots = [item.in_file.root for item in found if isinstance(item, FoundPolicy)]
    read = {
        action.span
        for root in roots
        for statement in as_list(root.get("Statement"))
        if (action := statement.get("Action") or statement.get("NotAction"))
    }
    spans = sorted(root.span for root in roots)
    for name, value in fragments.module_values(file):
        try:
            for item in fragments.fragments(file, value, module, name):
                if not isinstance(item, ReadDocument):
                    yield item
                elif _is_in(item.root.span, spans):
                    continue  # a mistake in a policy
                elif unread := fragments.without(item, read):
                    yield _extracted(extractor, unread, name)
        except OutOfProportionError as error:
            yield Problem(file.span(value), str(error), SYNTAX_RULE)


def _is_in(span: Span, others: Sequence[Span]) -> bool:
    """Whether a span is in one of others, which are sorted and not in each other."""
    before = bisect_right(others, span) - 1
    return before >= 0 and span.end <= others[before].end


def _address(block: SyntaxBlock) -> str:
    """How Terraform calls a block."""
    labels = ".".join(block.labels)
    return (
        labels if block.type == "resource" else f"{block.type}.{labels}" if labels else block.type
    )


def _attributes(
    extractor: Extractor, file: HclFile, module: ModuleFolder, block: SyntaxBlock
) -> Iterator[Found]:
    """The policies in the attributes of a block, whatever it is."""
    resource = block.type == "resource"
    seen: dict[str, int] = {}
    for path, value in attributes_in(file, block.body):
        if path == "type" and block.type in _TYPED:
            continue
        holder = module.attribute_of(file, block, path) if resource else None
        argument = module.argument_of(file, block, path)
        name = f"local.{path}" if block.type == "locals" else f"{_address(block)}.{path}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name}[{seen[name] - 1}]"
        if reason := _why_not_policy(file, block, path, holder):
            if file.has(value, b"Statement"):
                yield not_policy(file.span(value), reason)
            continue
        found = [
            _extracted(extractor, item, name, _uses(module, name, holder or argument))
            for item in search.documents(
                file,
                value,
                module,
                of_module=block.type == "module",
                certain=holder is not None,
            )
        ]
        yield from (_merged_by_sid(item, merges=module.is_merged(name)) for item in found)
        for part in given(file, block, value) if holder else ():
            yield from _open(file, module, part, name)


def _why_not_policy(
    file: HclFile, block: SyntaxBlock, path: str, holder: PolicyAttribute | None
) -> Reason | None:
    """Why an attribute has no policy of AWS that is deployed, whatever it looks like."""
    type_ = block.labels[0] if block.type == "resource" and block.labels else ""
    if type_.partition("_")[0] in PROVIDERS_OF_OTHERS:
        return Reason.NOT_AWS
    if holder and holder.type == "other":
        return Reason.OTHER_LANGUAGE
    return Reason.NOT_DEPLOYED if deploys_nothing(file, block, path) else None


def _permission(
    extractor: Extractor, file: HclFile, module: ModuleFolder, block: SyntaxBlock
) -> Iterator[Found]:
    """The policy of the one statement that a resource is."""
    permission = permissions()[block.labels[0]]

    def read(reader: Expressions) -> ReadDocument:
        values = {}
        for path, value in attributes_in(file, block.body):
            # A default for the action need not go with what other attributes may be.
            reader.reading.in_element = path != "action"
            values[path] = reader.value(value)
        return ReadDocument(
            permission.policy(file.span(block.syntax), values, lambda n: n.string), ""
        )

    for document in in_readings(file, module, read):
        if isinstance(document, ReadDocument):
            candidate = permission.candidate(finished(document.root), _address(block))
            yield as_read(extractor.extract(candidate), document)


def _open(file: HclFile, module: ModuleFolder, value: Syntax, name: str) -> Iterator[Skipped]:
    """What a policy may be that is not written in its attribute of a name."""
    for part, _, is_document in alternatives(file, value):
        if not (is_document and module.has_documents(file, part)):
            for skipped in unresolved.unread(file, module, part):
                if skipped.file and unresolved.is_file(file, module, value):
                    yield skipped._replace(file=skipped.file._replace(address=name))
                else:
                    yield skipped


def _extracted(
    extractor: Extractor,
    document: ReadDocument | Problem | Skipped,
    name: str,
    attachment: Attachment = UNATTACHED,
) -> Found:
    """The policy that a document is; of one in quotes, whose JSON is escaped, nothing changes."""
    if not isinstance(document, ReadDocument):
        return document
    quoted = document.is_json and document.shared
    candidate = Candidate(
        finished(document.root),
        document.root.span,
        name + document.path,
        attachment,
        fixed=document.shared,
        unchanged=IN_A_STRING if quoted else OF_A_MODULE if document.fragment else None,
        fragment=document.fragment,
    )
    syntax: Literal["hcl", "heredoc", "statements"] = "heredoc" if document.is_json else "hcl"
    found = extractor.extract(candidate)
    if isinstance(found, FoundPolicy):
        found = found.from_values(syntax="statements" if document.fragment else syntax)
    return as_read(found, document)


def _merged_by_sid(found: Found, *, merges: bool) -> Found:
    """A policy that is known to be merged with others if it is."""
    if not (merges and isinstance(found, FoundPolicy)):
        return found
    policy = found.policy
    return found._replace(policy=policy.with_root(policy.root, merged_by_sid=True))


def _uses(module: ModuleFolder, name: str, holder: PolicyAttribute | None) -> Attachment:
    """What the policy of an attribute or local value is attached to."""
    if holder:
        return common_attachment({holder})
    return common_attachment(module.uses(name) if name.startswith("local.") else set())
