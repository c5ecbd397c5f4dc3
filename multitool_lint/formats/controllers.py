"""The identities that Kubernetes controllers make: Crossplane's providers for AWS, and ACK.

An object refers to another one by its name, or selects it by labels. What a composition patches is
not known.

https://marketplace.upbound.io/providers/upbound/provider-aws-iam
https://aws-controllers-k8s.github.io/community/reference/iam/v1alpha1/role
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from multitool_lint.aws.role_targets import arn_format, named
from multitool_lint.formats.identities import LocatedPolicies, inherited, text_at
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.tree import Node, texts_of

_API = re.compile(
    r"(?:iam|identity)\.aws\.(?:m\.)?(?:upbound|crossplane)\.io/|iam\.services\.k8s\.aws/"
)
_KINDS = {"Role": IdentityKind.ROLE, "User": IdentityKind.USER, "Group": IdentityKind.GROUP}
_MEMBERSHIPS = ("UserGroupMembership", "GroupMembership", "GroupUserMembership")
_EXTERNAL = "crossplane.io/external-name"
_INLINE = ("inlinePolicy", "inlinePolicies")
_ATTACHED = ("managedPolicyArns", "policies")
_DOCUMENT = ("policy", "document", "policyDocument")
_TRUST = ("assumeRolePolicy", "assumeRolePolicyDocument")
_LIMIT = "permissionsBoundary"
_POLICY = "policyArn"


class _Object(NamedTuple):
    """An object of a document, with what it is called, and what is patched of it."""

    kind: str
    address: str
    names: frozenset[str]
    labels: Mapping[str, str]
    document: int
    node: Node
    spec: Node | None
    patched: Sequence[str]

    def value(self, *keys: str) -> Node | None:
        """The first of some fields that is set; None if it is patched, too."""
        if self.spec is None or self.is_patched(*keys):
            return None
        return next(filter(None, map(self.spec.get, keys)), None)

    def is_patched(self, *keys: str) -> bool:
        """Whether a composition sets one of some fields."""
        paths = tuple(f"spec.forProvider.{key}" for key in keys)
        return any(path.startswith(paths) for path in self.patched)


def identities(roots: Sequence[Node], places: LocatedPolicies) -> Iterator[Identity]:
    """The users, groups and roles of some documents."""
    yield from _Objects(roots, places).identities()


class _Objects:
    def __init__(self, roots: Sequence[Node], places: LocatedPolicies) -> None:
        self._places = places
        self._objects = [*chain.from_iterable(map(_objects, range(len(roots)), roots))]
        self._named: dict[tuple[str, str], list[_Object]] = {}
        self._referred: dict[tuple[str, str], list[_Object]] = {}
        for one in self._objects:
            for name in one.names:
                self._named.setdefault((one.kind, name), []).append(one)
            name = text_at(one.node.get("metadata"), "name")
            self._referred.setdefault((one.kind, name), []).append(one)

    def identities(self) -> Iterator[Identity]:
        """The users, groups and roles."""
        owners = {id(one.node): one for one in self._objects if one.kind in _KINDS}
        applied = {key: [*self._own(owner)] for key, owner in owners.items()}
        groups: dict[int, list[_Object]] = {}
        for giver in self._objects:
            kind, policy, attachment = giver.kind.partition("Policy")
            if policy and attachment in ("", "Attachment") and kind in _KINDS:
                for owner in self._meant(giver, kind):
                    policies = self._attached(giver) if attachment else self._inline(giver)
                    applied[id(owner.node)] += policies
            elif giver.kind in _MEMBERSHIPS:
                for user in self._meant(giver, "User"):
                    groups.setdefault(id(user.node), []).extend(self._meant(giver, "Group"))
        for key, owner in owners.items():
            own = groups.get(key, ())
            of_groups = (one for group in own for one in inherited(applied[id(group.node)]))
            found = self._identity(owner, [*applied[key], *of_groups])
            yield found._replace(groups=tuple(group.address for group in own))

    def _identity(self, owner: _Object, policies: Sequence[AppliedPolicy]) -> Identity:
        places, kind = self._places, _KINDS[owner.kind]
        limits = [*places.named(owner.value(_LIMIT)), *self._written(owner, f"{_LIMIT}Ref")]
        if owner.is_patched(_LIMIT):
            limits = [AppliedPolicy(span=owner.node.span)]
        trust = places.policies(owner.value(*_TRUST))
        format_ = arn_format(f"iam:{kind.value}")
        return Identity(
            owner.address,
            kind,
            tuple(policies),
            tuple(limits),
            trust[0] if trust else None,
            span=owner.node.span,
            arns=tuple(of_arn(owner.address, named(format_, name)) for name in owner.names),
        )

    def _own(self, owner: _Object) -> Iterator[AppliedPolicy]:
        """The policies that an identity has or lists itself."""
        if owner.is_patched(*_INLINE, *_ATTACHED):
            yield AppliedPolicy(span=owner.node.span)
        inline = owner.value(*_INLINE)
        for item in inline.items() if inline else ():
            if item.fields():
                yield from self._places.written(item, text_at(item, "name"))
        for member in inline.fields() if inline else ():
            yield from self._places.written(member.value, member.key)
        yield from self._places.named(owner.value(*_ATTACHED))
        yield from self._written(owner, "policyRefs")

    def _written(self, owner: _Object, key: str) -> Iterator[AppliedPolicy]:
        """The policies that references of ACK name."""
        refs = owner.value(key)
        for item in (refs.items() or (refs,)) if refs else ():
            yield from self._of_policies(self._by_name(owner, "Policy", item.get("from")), item)

    def _attached(self, giver: _Object) -> Iterator[AppliedPolicy]:
        """The managed policy that an object attaches."""
        plain = giver.value(_POLICY)
        if plain is None or giver.is_patched(_POLICY):
            yield from self._of_policies(self._meant(giver, "Policy"), giver.node)
        else:
            yield from self._places.named(plain)

    def _inline(self, giver: _Object) -> Iterator[AppliedPolicy]:
        """The inline policy that an object has for an identity."""
        document = giver.value(*_DOCUMENT)
        name = giver.value("name")
        if document:
            yield from self._places.written(document, (name.string if name else None) or "")
        else:
            yield AppliedPolicy(inline=True, span=giver.node.span)

    def _of_policies(self, found: Sequence[_Object], at: Node) -> Iterator[AppliedPolicy]:
        """Managed policies of the documents; one that is not known if there are none."""
        for policy in found:
            document = policy.value(*_DOCUMENT)
            for written in self._places.policies(document) or (None,):
                yield AppliedPolicy(written, span=policy.node.span, is_shared=True)
        if not found:
            yield AppliedPolicy(span=at.span)

    def _meant(self, giver: _Object, kind: str) -> Sequence[_Object]:
        """The objects of a kind that fields name, refer to or select."""
        keys = (_POLICY,) if kind == "Policy" else (kind.lower(), f"{kind.lower()}Name")
        for key in keys:
            if refs := giver.value(f"{key}Ref", f"{key}Refs"):
                named = (self._by_name(giver, kind, ref) for ref in refs.items() or (refs,))
                return [*chain.from_iterable(named)]
            if selector := giver.value(f"{key}Selector"):
                return self._selected(giver, kind, selector)
        names = dict.fromkeys(texts_of(giver.value(*keys, f"{keys[0]}s")))
        return [*chain.from_iterable(_only(self._named.get((kind, name), ())) for name in names)]

    def _by_name(self, giver: _Object, kind: str, reference: Node | None) -> Sequence[_Object]:
        name = text_at(reference, "name")
        found = self._referred.get((kind, name), ()) if name else ()
        own = [one for one in found if one.document == giver.document]
        return _only(own) or _only(found)

    def _selected(self, giver: _Object, kind: str, selector: Node) -> Sequence[_Object]:
        """What a selector matches, if it is one: of the same composition, if it asks for that."""
        controller, labels = selector.get("matchControllerRef"), selector.get("matchLabels")
        wanted = _labels(labels).items()
        is_own = controller is not None and controller.value is True
        found = [
            one
            for one in self._objects
            if one.kind == kind and wanted <= one.labels.items()
            if not is_own or one.document == giver.document
        ]
        return _only(found) if is_own or wanted else ()


def _only(found: Sequence[_Object]) -> Sequence[_Object]:
    """The object if there is only one; none of several, of which any may be intended."""
    return found if len(found) == 1 else ()


def _objects(document: int, root: Node) -> Iterator[_Object]:
    """The objects of IAM in a document, those that a composition makes among them."""
    spec = root.get("spec")
    shared = [*_paths(spec.get("patchSets"))] if spec else []
    waiting: list[tuple[Node, Node | None]] = [(root, None)]
    seen: set[int] = set()
    while waiting:
        node, around = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if _API.match(text_at(node, "apiVersion")):
            patches = around.get("patches") if around else None
            yield _object(document, node, around, [*_paths(patches), *shared])
        else:
            children = [(child, node) for _, child in node.children()]
            waiting += reversed(children)


def _object(document: int, node: Node, around: Node | None, patched: list[str]) -> _Object:
    metadata, spec = node.get("metadata"), node.get("spec")
    own = (spec.get("forProvider") or spec) if spec else None
    annotations = metadata.get("annotations") if metadata else None
    named, composed = text_at(metadata, "name"), text_at(around, "name")
    external = text_at(annotations, _EXTERNAL) or text_at(own, "name")
    name = external or ("" if around else named)
    return _Object(
        text_at(node, "kind").removeprefix("IAM"),
        named or composed or name or f"document {document + 1}",
        frozenset({name} - {""}),
        _labels(metadata.get("labels") if metadata else None),
        document,
        node,
        own,
        patched,
    )


def _paths(node: Node | None) -> Iterator[str]:
    """The fields that patches set."""
    for item in node.items() if node else ():
        yield text_at(item, "toFieldPath") or text_at(item, "fromFieldPath")
        yield from _paths(item.get("patches"))


def _labels(node: Node | None) -> dict[str, str]:
    fields = node.fields() if node else ()
    return {member.key: member.value.string or "" for member in fields}
