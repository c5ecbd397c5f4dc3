"""Commands of the AWS CLI that decide which policies there are, and whom they apply to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from multitool_lint.formats.own_policies import by_origin, own_policies
from multitool_lint.formats.plain_commands import plain, with_literals
from multitool_lint.formats.script_assignments import (
    LINE,
    VARIABLE,
    given,
    hash_of,
    is_comment,
    line_around,
    name_of_file,
    without_quotes,
)
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_COMMAND_CHARACTERS
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Span

ATTACHING = lazy_pattern(
    r"(?<![\w./-])(?:(?:attach|detach|put|delete)-(?:role|user|group)-policy"
    r"|(?:put|delete)-(?:role|user)-permissions-boundary|(?:add-user-to|remove-user-from)-group"
    r"|(?:create|delete)-policy(?:-version)?|set-default-policy-version|update-assume-role-policy"
    r"|iam[ \t]+create-(?:role|user)|(?:attach|detach|update|disable)-policy(?:-type)?"
    r"|(?:attach|detach|put|delete|create)-[a-z-]*(?:permission-set|account-assignment)"
    r"|(?P<policy>(?:put|delete|set)-(?!role|user|group)[a-z0-9-]*policy)|remove-permission"
    r"|iamserviceaccount"
    r"|create-access-key|(?:create|update)-login-profile|upload-ssh-public-key|create-grant"
    r"|create-service-specific-credential|add-role-to-instance-profile"
    r"|(?:put|delete)-public-access-block|put-(?:bucket|object)-acl|(?:put|delete)-bucket-ownership"
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
_CREATING = "s3api create-bucket"
_PUTTING = (
    *("s3 cp", "s3 mv", "s3 sync", "s3api copy-object", _CREATING),
    *("s3api create-multipart-upload", "s3api put-object"),
)
"""Commands of the AWS CLI that put objects and buckets, which are private without more options.

https://docs.aws.amazon.com/cli/latest/reference/s3/cp.html
https://docs.aws.amazon.com/cli/latest/reference/s3api/put-object.html
"""
_CMDLET = lazy_pattern(
    r"(?<![\w-])(?:(?:Copy|Write)-S3Object|New-(S3Bucket))(?![\w-])", re.IGNORECASE
)
"""The commands of PowerShell that do so.

https://docs.aws.amazon.com/powershell/latest/reference/items/Write-S3Object.html
"""
_PARAMETER = lazy_pattern(
    r"""\s-(\w+)(?:[\s:`]+("[^"\n]*+"|'[^'\n]*+'|\([^)\n]*+\)|[^\s'"(`-]\S*+))?"""
)
_OF_PARAMETERS = {
    "bucketname": ("bucket", ""),
    "keyprefix": ("key", ""),
    "key": ("key", ""),
    "destinationbucket": ("bucket", ""),
    "destinationkey": ("key", ""),
    "cannedaclname": ("acl", ""),
    "publicreadonly": ("acl", "public-read"),
    "publicreadwrite": ("acl", "public-read-write"),
}
"""The options that are as parameters of PowerShell, and the values of those without one.

Later ones count: a command with a destination names the bucket and key of its source first here.
"""
_SHARED_BY = lazy_pattern(r"-(?:-acl|-grant|(?i:cannedacl|publicread))")
SHARING = "aws s3 ... "
"""How such a command begins without what does not decide about access."""
_PRIVATE, _IN_S3 = "private", "s3://"
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
        words = _TRAILING.sub("", written).split()
        own = own_policies(page or text) if own is None else own
        command = without_quotes(" ".join(word for word in words if word not in _CONTINUED))
        command = plain(_FOR_PEOPLE.sub("", with_literals(by_origin(command, own), text)))
        files = map(name_of_file, _FILE.findall(command))
        names = frozenset([*VARIABLE.findall(command), *files])
        values = _values(text, names, own)
        policies = [*map(_canonical, documents if with_policies else ())]
        policy = hash_of("\n".join(policies)) if policies else ""
        yield command, "; ".join(filter(None, (command, values, policy)))
    if _SHARED_BY.search(text):
        yield from _sharing(text)


def _values(text: str, names: frozenset[str], own: Mapping[str, str]) -> str:
    """What a text gives some variables and files, as a hash; nothing if it does not."""
    lines = given(text, names).splitlines() if names else ()
    return hash_of("\n".join(by_origin(line, own) for line in lines)) if lines else ""


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


def _sharing(text: str) -> Iterator[tuple[str, str]]:
    """The commands that put objects or buckets which others may use: which ones, and for whom."""
    from multitool_lint.formats.aws_commands import commands_in, options_of  # for few scripts

    for name, place, words in commands_in(text, _PUTTING):
        options = {option: [v for v, _ in values] for option, values in options_of(words).items()}
        target = _target(options, [word for word, _ in words])
        kind = name if name == _CREATING else ""
        yield from _shared(text, place.start, [kind, target, *_lists(options)])
    places = [*_CMDLET.finditer(text)]
    for found, following in zip_longest(places, places[1:]):
        next_ = following.start() if following else len(text)
        end = min(line_around(text, found.start()).end, next_)
        given_ = _of_cmdlet(text[found.end() : end])
        kind = _CREATING if found[1] else ""
        yield from _shared(text, found.start(), [kind, _target(given_, ()), *_lists(given_)])


def _shared(text: str, at: int, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A command of these parts at a place of a script, if it has a list."""
    if parts[2:] and not is_comment(text, at):
        command = as_written(SHARING + " ".join(filter(None, parts)))
        names = frozenset(VARIABLE.findall(command))
        yield command, f"{command}; {_values(text, names, {})}" if names else command


def _lists(options: Mapping[str, Sequence[str]]) -> list[str]:
    """The options that say who may use what is put; a private list is as none."""
    return [
        f"--{option} {' '.join(values if option == 'grants' else values[:1])}"
        for option, values in sorted(options.items())
        if option.startswith("grant") or (option == "acl" and values[0] != _PRIVATE)
    ]


def _of_cmdlet(written: str) -> Mapping[str, Sequence[str]]:
    """The parameters of a command of PowerShell as options of the AWS CLI."""
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(written)}
    options = {}
    for parameter, (option, list_) in _OF_PARAMETERS.items():
        if parameter in parameters:
            plain = parameters[parameter].strip("\"'()")
            is_private = plain.rpartition("::")[2].lower() == _PRIVATE
            options[option] = [_PRIVATE if is_private else list_ or plain]
    return options


def _target(options: Mapping[str, Sequence[str]], words: Sequence[str]) -> str:
    """Where a command puts something; what may say so if that is filled in."""
    if bucket := options.get("bucket"):
        return "/".join([f"{_IN_S3}{bucket[0]}", *options.get("key", ())[:1]])
    named = [word for word in words if _IN_S3 in word]
    if named:
        return named[-1].rstrip("/")
    return " ".join(word for word in words if "$" in as_written(word))


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
