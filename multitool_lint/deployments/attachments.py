"""What documents and scripts attach: those of Kubernetes, Pulumi, Ansible, eksctl and others.

Their policies are compared by themselves. Commands of the AWS CLI are not read: one that has
changed is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from multitool_lint.aws.access_types import harmless, runs_with, uses_of
from multitool_lint.deployments.deployment import Deployment, decisive
from multitool_lint.deployments.owner import COMMAND, EXAMPLE, Provider
from multitool_lint.deployments.stacks import OF_SCEPTRE, STACKS, stack_of, value_of
from multitool_lint.formats import is_script
from multitool_lint.formats.attaching_commands import attaching, by_command
from multitool_lint.formats.attachments import (
    ATTACHED_KINDS,
    BOUNDARIES,
    OTHER_LISTS,
    POLICY_LISTS,
    attaches,
    lists_policies,
    may_list_policies,
)
from multitool_lint.formats.canonical import string
from multitool_lint.formats.code import blocks_of_page
from multitool_lint.formats.code_blocks import FORMATS
from multitool_lint.formats.documents import documents_of, names_of
from multitool_lint.formats.endings import (
    CODE_BLOCK_ENDINGS,
    PAGE_ENDINGS,
    SHELL_ENDINGS,
    format_name,
)
from multitool_lint.formats.recognize import TERRAFORM_ENDINGS, TERRAFORM_JSON_ENDINGS
from multitool_lint.formats.running_commands import RUNNING_COMMAND, roles_in
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.syntax.texts import in_snake_case
from multitool_lint.syntax.tree import Array, Node, Object
from multitool_lint.syntax.tree_of_files import TreeWithText
from multitool_lint.values import managed
from multitool_lint.values.reading import Reading

_BLOCK, _SHELL = "block", "shell"
_RUNNING, _ROLE_OF = "ServiceAccount", ".amazonaws.com/role"
"""What pods run as, and what names its role."""
_SOME = ("arguments", "named")
_ACCESS = frozenset({"access", *_SOME, _BLOCK})
_KINDS = ("kind", "type")
"""Keys that say what an object of Kubernetes or Pulumi is."""
_INNER = ("spec", "forProvider", "properties")
"""Keys of such an object that have its arguments."""
_OUTSIDE = frozenset({"metadata", "status"})
_PROVIDER = "providerConfigRef"
_BOUNDARY, _GROUP, _POLICY = "boundary", ".iam_group", ":policy/"  # of Ansible
_OF_CROSSPLANE = re.compile(r"(\w+)\.aws\.(?:m\.)?(?:upbound|crossplane)\.io/")
_OF_ACK = re.compile(r"(\w+)\.services\.k8s\.aws/")
_OF_PULUMI = re.compile(r"aws:(\w+)(?:/\w+)?:(\w+)")
_ARNS = ("PolicyArn", "PermissionsBoundaryArn", "policyArn", "arn", "Arn")
_ARN = re.compile(r"arn:[^:]+:iam::[^:]*:policy/")
_IDENTITIES = ("group", "role", "user")
_WORDS = (
    *("::", ".aws.", "services.k8s.aws/", "aws:", "policies", _POLICY, STACKS, _ROLE_OF),
    *(*ATTACHED_KINDS, *POLICY_LISTS, *BOUNDARIES, *OTHER_LISTS, *OF_SCEPTRE),
)
"""What a document has one of that attaches something."""


class AttachmentDeployment(Deployment):
    """The identities that a document or script attaches policies to, and what else decides."""

    def __init__(self, source: Source) -> None:
        super().__init__(Reading(TreeWithText(source.path, source.text)))
        path = format_name(source.path)
        is_shell = path.endswith(SHELL_ENDINGS)
        if path.endswith(CODE_BLOCK_ENDINGS) and not is_shell:
            blocks = _shell_blocks(source) if path.endswith(PAGE_ENDINGS) else ()
            self._add_commands(blocks, page=source.text)
            return
        self._add_roles(source.text)
        self._add_commands([source.text], with_policies=not (is_shell or is_script(source)))
        if is_shell or path.endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
            return
        text = unescaped(source.text)
        if any(word in text for word in _WORDS):
            self._add_documents(documents_of(source))

    def attaches_others(self) -> bool:
        """Whether policies are attached that are not read."""
        return any(
            owner.attached
            or (owner.kind in (COMMAND, EXAMPLE) and ":policy/" in str(owner.facts["given"]))
            for owner in self.owners.values()
        )

    def _add_commands(
        self, texts: Iterable[str], *, with_policies: bool = False, page: str = ""
    ) -> None:
        found = chain.from_iterable(
            attaching(text, with_policies=with_policies, page=page) for text in texts
        )
        for command, given in by_command(found).items():
            kind = EXAMPLE if page else COMMAND
            self._fact(f"the command {command}", kind, "given", given)

    def _add_roles(self, text: str) -> None:
        for subject, roles in roles_in(text).items():
            for option, values in roles.items():
                self._fact(f"the command {subject}", RUNNING_COMMAND, option, [*values])

    def _add_documents(self, roots: tuple[Node, ...]) -> None:
        names = names_of(roots)
        for number, root in enumerate(roots, 1):
            name = f"document {number}"
            address = names.get(name, name if len(roots) > 1 else "")
            self._search(root, address, string(root.get("apiVersion")))

    def _search(self, node: Node, address: str, api: str = "", depth: int = 0) -> None:
        """Look for what attaches policies in a document of any kind."""
        if depth > MAX_TREE_DEPTH:
            return
        if any(attaches(string(node.get(key))) for key in _KINDS):
            self._add_attachment(value_of(node), _title(address))
            return
        self._add_stack(node, address)
        for what, name, value in (
            *_of_access(node),
            *_of_provider(node, api),
            *_of_ansible(node),
        ):
            self._note(what, address, name, value)
        for inner, step, child in _members(node, address):
            if step in BOUNDARIES:
                self._note(_BLOCK, address, step, value_of(child))
            elif kind := _kind_of(step):
                self._fact(_title(address), kind, step, value_of(child))
            elif policies := _policies_of(step, child, api):
                for policy in policies:
                    self._attach(_title(address), policy, ())
            elif isinstance(child.value, Object | Array):
                self._search(child, inner, api, depth + 1)

    def _add_attachment(self, value: Value, address: str) -> None:
        """An object that attaches a policy to identities, or whatever else it decides."""
        given = _arguments(value)
        policy = {key: part for key, part in given.items() if key.startswith("policy")}
        whom = [key for key in given if key.lower().startswith(_IDENTITIES)]
        if not (policy and whom):
            self._fact(address, "access", "arguments", given)
            return
        arn = policy.get("policyArn", Unknown("attached", policy))
        for key in whom:
            for name in map(_named, _listed(given[key])):
                known = isinstance(name, str)
                owner = self.owner_of(name if known else Unknown("named", name), key)
                self._attach(owner, arn, ())
                self.owners[owner].providers.add(Provider(str(given.get(_PROVIDER, ""))))

    def _add_stack(self, node: Node, address: str) -> None:
        """Note what a stack is given; of one whose template is elsewhere, which that is, too."""
        if stack := stack_of(node):
            kind = "module" if stack.is_elsewhere else "template"
            for name, value in stack.given.items():
                self._fact(address, kind, name, value)

    def _note(self, what: str, address: str, name: str, value: Value) -> None:
        """Note what decides about access, or takes it away as long as it is there."""
        title = _title(address)
        if what != _BLOCK:
            self._fact(title, "access", name, value)
            return
        owner = self._owner(f"{name}:{address}", "access")
        owner.title, owner.blocks[name] = title, value

    def _fact(self, address: str, kind: str, name: str, value: Value) -> None:
        self._owner(f"{kind}:{address}", kind).facts[name] = value
        self.owners[f"{kind}:{address}"].title = address


def _shell_blocks(source: Source) -> Iterator[str]:
    """The blocks of a page that are commands of a shell, if some commands may attach policies."""
    if any(attaching(source.text)):
        for block in blocks_of_page(source):
            if not block.tag or FORMATS.get(block.tag) == _SHELL:
                yield block.text.text


def _kind_of(step: str) -> str:
    """The kind of owner that a key of any document decides about; nothing for most."""
    if step in OTHER_LISTS:
        return "access"
    return _RUNNING if runs_with(_RUNNING, step) else ""


def _title(address: str) -> str:
    """What people call a place in a document; the document if that is the place."""
    return address or "the document"


def _arguments(value: Value) -> dict[str, Value]:
    """The arguments of an object of Kubernetes or Pulumi."""
    found: dict[str, Value] = {}
    while isinstance(value, dict):
        found.update({key: part for key, part in value.items() if key not in _OUTSIDE})
        value = next((found.pop(key) for key in _INNER if key in found), None)
    return found


def _listed(value: Value) -> list[Value]:
    """The items of a list, or the one that is given."""
    return value if isinstance(value, list) else [value]


def _policies_of(step: str, child: Node, api: str) -> list[Value]:
    """The policies that a member lists: by its key, or as ARNs and nothing else."""
    if lists_policies(step, api):
        found = map(_named, _listed(value_of(child)))
        return [managed.arn_of(policy) or policy for policy in found]
    listed = _listed(value_of(child)) if may_list_policies(step) else []
    return listed if all(isinstance(one, str) and _ARN.match(one) for one in listed) else []


def _named(value: Value) -> Value:
    """A policy or an identity, also where an object has its ARN."""
    if isinstance(value, dict):
        return next((value[key] for key in _ARNS if key in value), Unknown("named", value))
    return value


def _of_access(node: Node) -> Iterator[tuple[str, str, Value]]:
    """What of a resource in a part of a template decides about access, and how."""
    type_ = string(node.get("Type"))
    uses = [use for use in uses_of(type_) if use.what in _ACCESS] if "::" in type_ else ()
    properties = value_of(node.get("Properties")) if uses else None
    given = {str(name): v for name, v in properties.items()} if isinstance(properties, dict) else {}
    for use in uses if given else ():
        names = [part.partition("=")[0].partition("/")[0] for part in use.policies]
        if use.what == "access":
            names = [name for name in given if name not in names]
        for name in names if use.applies_to(given.get) else ():
            if name in given and name not in harmless():
                yield use.what, name, given[name]


def _of_provider(node: Node, api: str) -> Iterator[tuple[str, str, Value]]:
    """What of an object of Crossplane, ACK or Pulumi decides, as its type of Terraform."""
    type_, inner = "", node.get("properties")
    if of_kubernetes := _OF_CROSSPLANE.match(api) or _OF_ACK.match(api):
        spec = node.get("spec")
        inner = (spec.get("forProvider") or spec) if spec else None
        type_ = f"aws_{of_kubernetes[1]}_{in_snake_case(string(node.get('kind')))}"
    elif of_pulumi := _OF_PULUMI.fullmatch(string(node.get("type"))):
        type_ = f"aws_{of_pulumi[1]}_{in_snake_case(of_pulumi[2])}"
    members = value_of(inner) if type_ and inner else None
    if not isinstance(members, dict):
        return
    given = {in_snake_case(str(name)): value for name, value in members.items()}
    for use in uses_of(type_):
        if not use.applies_to(given.get):
            continue
        if use.what == "access":
            apart = harmless() | {*use.policies}
            yield from ((use.what, name, given[name]) for name in given if name not in apart)
        elif use.what in _SOME:
            values = dict(part.partition("=")[::2] for part in use.policies)
            some = {name: given.get(name) for name in values}
            yield from (("access", name, given[name]) for name in decisive(some, values))
        elif use.what == _BLOCK:
            yield from ((_BLOCK, name, given.get(name)) for name in use.policies)


def _members(node: Node, address: str) -> Iterator[tuple[str, str, Node]]:
    """The parts of a value, each with its address and its key.

    That of an operation of a JSON Patch is what it gives a key, which may be that of a list.
    https://www.rfc-editor.org/rfc/rfc6902
    """
    value, path = node.get("value"), string(node.get("path"))
    if value is not None and string(node.get("op")) in ("add", "replace"):
        keys = [key for key in path.split("/") if key != "-" and not key.isdigit()]
        yield path, keys[-1], value
        return
    for step, child in node.children():
        yield f"{address}/{step}" if address else step, step, child


def _of_ansible(node: Node) -> Iterator[tuple[str, str, Value]]:
    """What of a task of Ansible decides about access by names that others have, too."""
    for step, child in node.children():
        if step == _BOUNDARY and _POLICY in string(child):
            yield _BLOCK, step, string(child)
        elif step.endswith(_GROUP) and (users := child.get("users")):
            yield "access", f"{step}/users", value_of(users)
