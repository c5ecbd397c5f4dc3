"""What decides what the policies of a file grant, and is not in them.

Attachments, and commands of the AWS CLI that attach policies or remove them. They are compared as
texts: one that has changed is reported. Templates, services of the Serverless Framework and modules
of Terraform are compared as deployments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import harmless, uses_of
from multitool_lint.formats import is_output, is_script, is_terraform, is_yaml
from multitool_lint.formats.attaching_commands import attaching
from multitool_lint.formats.attachments import (
    POLICY_LISTS,
    attaches,
    lists_policies,
)
from multitool_lint.formats.canonical import canonical, fields, string
from multitool_lint.formats.endings import CODE_BLOCK_ENDINGS, SHELL_ENDINGS, format_name
from multitool_lint.formats.recognize import TERRAFORM_ENDINGS, TERRAFORM_JSON_ENDINGS
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.policy.policy_set import Facts
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.tree import Array, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.syntax.source import Source

_KINDS = ("kind", "type")
"""Keys that say what an object of Kubernetes or Pulumi is."""
_ACCESS = frozenset({"access", "arguments", "block"})
_KIND_WORDS = ("Attachment", "Membership", "Assignment")


def facts(source: Source) -> Facts:
    """Read the facts of a source, none of one that cannot be parsed, or of documentation."""
    path = format_name(source.path)
    if path.endswith(SHELL_ENDINGS):
        return Facts(links=_of_commands(source.text))
    if path.endswith(CODE_BLOCK_ENDINGS):
        return Facts()
    found = _of_format(source, path)
    commands = _of_commands(source.text, with_policies=not is_script(source))
    return found._replace(links={**found.links, **commands})


def _of_commands(text: str, *, with_policies: bool = False) -> dict[str, str]:
    """The links that commands in a text make, each named as it is written."""
    found = attaching(text, with_policies=with_policies)
    return {f"the command {command}": given for command, given in found}


def _of_format(source: Source, path: str) -> Facts:
    """The facts of documents; a module of Terraform is compared as a deployment."""
    if path.endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
        return Facts()
    collector = _Collector()
    roots = roots_of(source)
    documents = _names_of(roots)
    for number, root in enumerate(roots, 1):
        name = f"document {number}"
        collector.document = f"{documents.get(name, name)}/" if len(roots) > 1 else ""
        collector.add(root)
    return Facts(collector.links, documents)


def _names_of(roots: Sequence[Node]) -> dict[str, str]:
    """The names that several objects of Kubernetes have, by their numbers, if they are unique."""
    names = [
        f"{string(root.get('kind'))} {string(name)}" if name else ""
        for root in roots
        for name in (_at(root, "metadata/name"),)
    ]
    if len(roots) < 2 or len(set(names)) < len(names):  # noqa: PLR2004 - several
        return {}
    return {f"document {number}": name for number, name in enumerate(names, 1) if name}


class _Collector:
    """Collects the facts of documents in JSON and YAML."""

    def __init__(self) -> None:
        self.document = ""
        self.links: dict[str, str] = {}

    def add(self, root: Node) -> None:
        """Add those of a document."""
        self._search(root, self.document, 0, string(root.get("apiVersion")))

    def _search(self, node: Node, name: str, depth: int, api: str = "") -> None:
        """Look for lists of policies, and what attaches some, in a document of any kind."""
        if depth > MAX_TREE_DEPTH:
            return
        if any(attaches(string(node.get(key))) for key in _KINDS):
            self.links[name or "the document"] = canonical(node)
            return
        for key, value in _of_access(node):
            self.links[f"{name}/{key}"] = value
        for step, child in node.children():
            inner = f"{name.removesuffix('/')}/{step}" if name else step
            if lists_policies(step, api):
                self.links[inner] = canonical(child)
            elif isinstance(child.value, Object | Array):
                self._search(child, inner, depth + 1, api)


def _of_access(node: Node) -> Iterator[tuple[str, str]]:
    """What of a resource in a part of a template decides about access and is not a policy."""
    type_ = string(node.get("Type"))
    uses = [use for use in uses_of(type_) if use.what in _ACCESS] if "::" in type_ else ()
    properties = dict(fields(node.get("Properties"))) if uses else {}
    for use in uses:
        names = [part.partition("=")[0].partition("/")[0] for part in use.policies]
        for name in names or properties:
            if name in properties and name not in harmless():
                yield name, canonical(properties[name])


def roots_of(source: Source) -> tuple[Node, ...]:
    """The documents of a source in JSON or YAML; none of one that has no facts."""
    try:
        if is_yaml(source) and not is_terraform(source):
            from multitool_lint.syntax.yaml import template

            return tuple(template.parse(source.text).documents)
        if is_output(source) or is_terraform(source) or _may_have_facts(source.text):
            from multitool_lint.syntax.json import fast

            return (fast.read(source.text, literal=True),)
    except MistakeError:
        pass
    return ()


def _may_have_facts(text: str) -> bool:
    text = unescaped(text)
    words = ('"Resources"', '"resource"', *POLICY_LISTS, *_KIND_WORDS)
    return any(word in text for word in words)


def _at(node: Node, path: str) -> Node | None:
    """The value at the end of a path of keys."""
    found: Node | None = node
    for key in path.split("/"):
        found = found.get(key) if found else None
    return found
