"""Commands of the AWS CLI that decide which policies there are, and whom they apply to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from multitool_lint.formats.own_policies import by_origin, own_policies, plain_value, values_of
from multitool_lint.formats.plain_commands import plain, with_literals
from multitool_lint.formats.script_assignments import (
    LINE,
    VARIABLE,
    hash_of,
    is_comment,
    line_around,
    name_of_file,
    without_quotes,
)
from multitool_lint.formats.sharing_commands import SHARED_BY, sharing
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_COMMAND_CHARACTERS
from multitool_lint.syntax.source import Span

ATTACHING = lazy_pattern(
    r"(?<![\w./-])(?:(?:attach|detach|put|delete)-(?:role|user|group)-policy"
    r"|(?:put|delete)-(?:role|user)-permissions-boundary|(?:add-user-to|remove-user-from)-group"
    r"|create-policy(?:-version)?|set-default-policy-version|update-assume-role-policy"
    r"|iam[ \t]+create-(?:role|user)|(?:attach|detach|update|disable)-policy(?:-type)?"
    r"|(?:attach|detach|put|delete|create)-[a-z-]*(?:permission-set|account-assignment)"
    r"|(?P<policy>(?:put|delete|set)-(?!role|user|group|(?<=delete-)policy)[a-z0-9-]*policy)"
    r"|acm-pca[ \t]+delete-policy|remove-permission|iamserviceaccount"
    r"|create-access-key|(?:create|update)-login-profile|upload-ssh-public-key|create-grant"
    r"|create-service-specific-credential|add-role-to-instance-profile"
    r"|(?:put|delete)-public-access-block|put-bucket-acl|(?:put|delete)-bucket-ownership"
    r"-controls|(?:create|update)-function-url-config|(?:create|update)-access-entry"
    r"|associate-access-policy|(?:create|update)-pod-identity-association"
    r"|(?:create|update|associate)-resource-share|modify-(?:db-(?:cluster-)?)?snapshot-attribute"
    r"|modify-image-attribute|modify-vpc-endpoint(?:-service-permissions)?"
    r"|(?:batch-)?grant-permissions|put-data-lake-settings|set-identity-pool-roles"
    r"|create-group-membership|admin-add-user-to-group|vault[ \t]+write[ \t]+aws[\w/-]*/roles/\w+)"
    r"(?![\w-])"
    r"|(?<![\w-])(?:Add|New|Register|Remove|Set|Unregister|Update|Write)-(?:IAM(?:AccessKey|LoginProfile"
    r"|UserToGroup|UserFromGroup|RoleToInstanceProfile|AssumeRolePolicy|DefaultPolicyVersion"
    r"|\w*PermissionsBoundary|\w*Policy(?:Version)?)|S3(?:(?:Bucket|Object)?ACL|BucketPolicy|PublicAccessBlock)"
    r"|KMSGrant|LMPermission|ORGPolicy)(?!\w)"
)
"""Commands of the AWS CLI, of eksctl and of PowerShell that decide about access.

They decide which policies there are, and for whom, who has keys, and what is public.
https://docs.aws.amazon.com/cli/latest/reference/iam/
https://docs.aws.amazon.com/powershell/latest/reference/
"""
_OTHER_POLICIES = frozenset({"access-policy", "application-policy"})
"""Policies about access that no option has as a document of IAM.

https://docs.aws.amazon.com/cli/latest/reference/serverlessrepo/put-application-policy.html
"""
_CONTINUED = ("\\", "`")
_DOCUMENT_BEGINS = lazy_pattern(r"""['"]\s*[{\[]""")
_DOCUMENT = lazy_pattern(r"""'[^']*+(?:'|$)|"(?:[^"\\]|\\.)*+(?:"|$)""", re.DOTALL)
"""A document between quotes, as far as a command may be long."""
_FOR_PEOPLE = lazy_pattern(
    r"\s--(?:no-cli-pager|no-paginate|debug|verbose|approve|override-existing-serviceaccounts"
    r"|(?:output|query|description)(?:[ =](?:\"[^\"]*\"|'[^']*'|[^\s\"']+))?"
    r"|tags(?:[ =](?!--)\S+)++)(?!\S)"
)
"""Options of commands that say what is shown, asked or noted."""
_TRAILING = lazy_pattern(r"\s#[^'\"\n]*$")
_NAME = r"""[ =]("[^"\n]*"|'[^'\n]*'|[^\s"']+)"""
_TAKEN = lazy_pattern(r"detach-|delete-|remove-user-")
"""How commands begin that take from a role, user or group what may have denied something."""
_DELETED = lazy_pattern(rf"(?<![\w-])delete-(role|user|group)\s[^\n]*?--\1-name{_NAME}")
_OF_IDENTITY = lazy_pattern(rf"--(role|user|group)-name{_NAME}")
_FILE = lazy_pattern(r"""file://["']?([^\s"')]*+)""")


def attaching(
    text: str, *, with_policies: bool = False, page: str = ""
) -> Iterator[tuple[str, str]]:
    """The lines of a text with commands that attach policies, change or remove them.

    Each is without the policy that is written there, and with what its variables are given. Where
    policies in commands are not read, that is `with_policies`, as a hash. What the text, or the
    `page` that it is a part of, creates itself is called by what it is made from.
    """
    at, own = 0, None
    while match := ATTACHING.search(text, at):
        written, documents, end = _parts(text, line_around(text, match.start()))
        at = max(end, match.end())  # several on one line are one
        is_command = " -" in written or "aws" in written or "$" in written
        if match["policy"] and not _is_about_access(match["policy"]):
            at = match.end()
            continue
        if not is_command or is_comment(text, match.start()):
            continue
        if _TAKEN.match(match[0]) and _is_deleted_below(text[at:], written):
            continue
        words = _TRAILING.sub("", written).split()
        own = own_policies(page or text) if own is None else own
        command = without_quotes(" ".join(word for word in words if word not in _CONTINUED))
        command = plain(_FOR_PEOPLE.sub("", with_literals(by_origin(command, own), text)))
        files = map(name_of_file, _FILE.findall(command))
        names = frozenset([*VARIABLE.findall(command), *files])
        values = values_of(text, names, own)
        policies = [*map(_canonical, documents if with_policies else ())]
        policy = hash_of("\n".join(policies)) if policies else ""
        yield command, "; ".join(filter(None, (command, values, policy)))
    if SHARED_BY.search(text):
        yield from sharing(text)


def _is_deleted_below(text: str, command: str) -> bool:
    """Whether a text deletes the role, user or group which a command takes something from."""
    deleted = {(kind, plain_value(name)) for kind, name in _DELETED.findall(text)}
    return any((kind, plain_value(name)) in deleted for kind, name in _OF_IDENTITY.findall(command))


def _is_about_access(command: str) -> bool:
    """Whether a command is about policies that some command is given, not about retention."""
    from multitool_lint.formats.command_policies import policy_options  # for few scripts

    of = command.partition("-")[2]
    return of in _OTHER_POLICIES or any(
        known.rpartition(" ")[2].partition("-")[2] == of for known in policy_options()
    )


def by_command(found: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """What commands are given, which is all of it where several are the same without that."""
    all_: dict[str, set[str]] = {}
    for command, values in found:
        all_.setdefault(command, set()).add(values)
    return {command: "; ".join(sorted(values)) for command, values in all_.items()}


def _parts(text: str, line: Span) -> tuple[str, list[str], int]:
    """A command without the documents in it, these between their quotes, and where it ends."""
    at, end = line
    written, documents = "", []
    while opening := _DOCUMENT_BEGINS.search(text, at, end):
        document = _DOCUMENT.match(text, opening.start(), opening.start() + MAX_COMMAND_CHARACTERS)
        if document is None:
            break
        documents.append(document[0])
        written += text[at : opening.start()]
        at = document.end()
        if at > end:  # the line continues after a document of several lines
            rest = LINE.match(text, at, at + MAX_COMMAND_CHARACTERS)
            end = rest.end() if rest else at
    return written + text[at:end], documents, end


def _canonical(document: str) -> str:
    """A document as its JSON, or else its words."""
    inner = document[1:-1]
    try:
        return _as_json(inner)
    except (ValueError, RecursionError):
        pass
    try:  # in a string of JSON, or between quotes of a shell
        return _as_json(str(json.loads(f'"{inner}"', strict=False)))
    except (ValueError, RecursionError):
        pass
    return " ".join(document.split())


def _as_json(text: str) -> str:
    return json.dumps(json.loads(text, strict=False, object_pairs_hook=_members))


def _members(members: list[tuple[str, object]]) -> list[list[object]]:
    """The members of an object in the order of their keys, as JSON that no object is."""
    return [["", *member] for member in sorted(members, key=lambda member: member[0])]
