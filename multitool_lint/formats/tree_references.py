"""References to managed policies in JSON and YAML: in templates, manifests, and what AWS prints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.policy_references import attaches_policies, of_arn, of_name, use_of
from multitool_lint.formats.quick_tests import may_attach_in_commands
from multitool_lint.limits import MAX_TEMPLATE_VALUES, MAX_TREE_DEPTH
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Node, Object, as_list, scalars
from multitool_lint.values.cloudformation import function

_TEXTS = frozenset({"Fn::Sub", "Fn::Join"})
_CASES = "Fn::If"
_BY_NAME = frozenset({"awsManaged", "awsManagedPolicyName"})
"""Where the Landing Zone Accelerator names policies by what follows `policy/` in their ARNs."""
_OF_AWS = "arn:aws:iam::aws:policy/"
_PRINTED = frozenset({"AttachedManagedPolicies", "AttachedPolicies", "PermissionsBoundary"})
"""Below which AWS prints the name and the ARN of a policy."""
_PRINTED_ARNS = frozenset({"PolicyArn", "PermissionsBoundaryArn"})
_DEFINITION = ("PolicyName", "Arn", "DefaultVersionId")
_ATTACHING = ("AWS::IAM::", "AWS::SSO::", "AWS::Serverless::")
"""The types of the resources of a template that have policies attached."""
_SAM = "AWS::Serverless::"
_ATTACHING_SECTIONS = frozenset({"Resources", "Globals", "resource", "module"})
"""The sections of a template, or of a configuration of Terraform, that attach policies."""
_EXAMPLES = frozenset({"example", "examples"})
"""Keys below which a schema, or the definition of a command, has values as one might give them."""


class TooManyError(ValueError):
    """Aliases of YAML repeat more values than any document that people write."""


class TreeReferences:
    """Finds the references of documents, and the texts in which commands may have some.

    Raises:
        TooManyError: they have too many values.
    """

    def __init__(self) -> None:
        self.scripts: dict[Span, Node] = {}
        self._seen: set[int] = set()
        self._repeated = 0

    def of(self, root: Node) -> Iterator[PolicyReference]:
        """The references of a document."""
        is_template = root.get("Resources") is not None
        is_terraform = root.get("resource") is not None or root.get("module") is not None
        if not (is_template or is_terraform):
            for found in self._of(root, (), certain=True):
                is_example = not _EXAMPLES.isdisjoint(found.owner.split("/"))
                yield found._replace(use=ReferenceUse.NAMED) if is_example else found
            return
        given = {*_attached_parameters(root.get("Resources"))}
        for section in root.fields():
            for found in self._of(section.value, (section.key,), certain=True):
                steps = found.owner.split("/")
                attaches = section.key in _ATTACHING_SECTIONS and (
                    section.key != "resource" or attaches_policies(steps[1])
                )
                if section.key == "Parameters" and steps[1] in given and steps[-1] == "Default":
                    yield found._replace(use=ReferenceUse.ATTACHED, assumed=True)
                else:
                    yield found if attaches else found._replace(use=ReferenceUse.NAMED)

    def _of(self, node: Node, keys: tuple[str, ...], *, certain: bool) -> Iterator[PolicyReference]:
        if len(keys) > MAX_TREE_DEPTH:
            return
        self._repeated += id(node) in self._seen
        if self._repeated > MAX_TEMPLATE_VALUES:
            raise TooManyError(f"Aliases repeat more than {MAX_TEMPLATE_VALUES:,} values")
        self._seen.add(id(node))
        name, argument = function(node)
        if isinstance(node.value, str) or name in _TEXTS:
            found = self._of_text(node, argument, keys)
            if found:
                yield found._replace(certain=certain, printed=_is_printed(keys))
        elif name == _CASES:
            for item in argument.items()[1:]:
                yield from self._of(item, keys, certain=False)
        elif isinstance(node.value, Array):
            for number, item in enumerate(node.value):
                is_object = isinstance(item.value, Object) and function(item)[0] is None
                inner = (*keys, str(number)) if is_object else keys
                yield from self._of(item, inner, certain=certain)
        elif isinstance(node.value, Object):
            yield from self._of_object(node, node.value, keys)

    def _of_text(self, node: Node, argument: Node, keys: tuple[str, ...]) -> PolicyReference | None:
        text = text_of(node)
        found = of_arn(_place(argument), _as_arn(text, keys), keys) if text else None
        if not found and isinstance(argument.value, str) and may_attach_in_commands(argument.value):
            self.scripts[argument.span] = argument
        return found

    def _of_object(
        self, node: Node, members: Object, keys: tuple[str, ...]
    ) -> Iterator[PolicyReference]:
        is_policy = all(node.get(key) for key in _DEFINITION)
        found: Iterator[PolicyReference] = (
            reference
            for member in members
            if not (is_policy and member.key == "Arn")  # of itself, in the dump of an account
            for reference in self._of(member.value, (*keys, member.key), certain=True)
        )
        properties, type_ = node.get("Properties"), node.get("Type")
        if properties is None or type_ is None or "::" not in (type_.string or ""):
            yield from found
            return
        if (type_.string or "").startswith(_SAM):
            named = _of_sam(properties.get("Policies"), "/".join((*keys, "Policies")))
            found = chain(named, found)
        attaches = (type_.string or "").startswith(_ATTACHING)
        is_certain = node.get("Condition") is None
        for reference in found:
            use = reference.use if attaches else ReferenceUse.NAMED
            yield reference._replace(use=use, certain=reference.certain and is_certain)


def _attached_parameters(resources: Node | None) -> Iterator[str]:
    """The parameters of which resources of a template attach the policies that they name."""
    for resource in resources.fields() if resources else ():
        type_, properties = resource.value.get("Type"), resource.value.get("Properties")
        if properties and type_ and (type_.string or "").startswith(_ATTACHING):
            for property_ in properties.fields():
                if use_of((property_.key,)) is ReferenceUse.ATTACHED:
                    yield from _referred(property_.value)


def _referred(listed: Node) -> Iterator[str]:
    """What the items of a list refer to, also in the cases of a condition."""
    name, argument = function(listed)
    if name == "Ref":
        yield argument.string or ""
    elif name in (None, _CASES):
        for item in argument.items()[int(name == _CASES) :]:
            yield from _referred(item)


def _of_sam(listed: Node | None, owner: str) -> Iterator[PolicyReference]:
    """The names of policies of which SAM has the ARNs."""
    for item in as_list(listed):
        name, argument = function(item)
        for value in argument.items()[1:] if name == _CASES else (item,):
            if value.string and (
                found := of_name(value.span, value.string, ReferenceUse.ATTACHED, owner)
            ):
                yield found._replace(certain=name is None)


def _as_arn(text: str, keys: tuple[str, ...]) -> str:
    is_name = not _BY_NAME.isdisjoint(keys[-1:]) and not text.startswith("arn:")
    return f"{_OF_AWS}{text}" if is_name else text


def _place(argument: Node) -> Span:
    """Where a text or the argument of a function has the name of a policy."""
    named = (node for node in scalars(argument) if ":policy/" in (node.string or ""))
    return next(named, argument).span


def _is_printed(keys: tuple[str, ...]) -> bool:
    return not (_PRINTED_ARNS.isdisjoint(keys[-1:]) or _PRINTED.isdisjoint(keys[-3:-1]))


def of_output(text: str) -> Iterator[PolicyReference]:
    """The references in what AWS has printed, which may be long: nothing else is kept of it."""
    for keys, span, value in _strings(SkimmingWalk(text), ()):
        if keys[-1:] and keys[-1] in _PRINTED_ARNS and (found := of_arn(span, value, keys)):
            yield found._replace(printed=True)


def _strings(
    walk: SkimmingWalk, keys: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Span, str]]:
    """The strings in a value, each with the keys and numbers that lead to it."""
    if walk.mark == "{" and walk.depth < MAX_TREE_DEPTH:
        for key in walk.members():
            yield from _strings(walk, (*keys, key))
    elif walk.mark == "[" and walk.depth < MAX_TREE_DEPTH:
        for number, _ in enumerate(walk.elements()):
            yield from _strings(walk, (*keys, str(number)))
    else:
        start = walk.at
        value = walk.skim()
        if isinstance(value, str):
            yield keys, Span(start, walk.at), value
