"""Services of the Serverless Framework are compared by what they deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from support.modules import write

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.serverless.access import ServiceDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import FileTree

if TYPE_CHECKING:
    from pathlib import Path

Files = Mapping[str, str]
NAME = "serverless.yml"


def stops(folder: Path, old: Files, new: Files) -> bool:
    before, after = (
        ServiceDeployment(FileTree(str(write(folder / side, files))), NAME)
        for side, files in (("old", old), ("new", new))
    )
    assert not {**before.reading.broken, **after.reading.broken}
    found = DeploymentComparison(before, after, bundled()).changes()
    return any(change.changes.gained or change.changes.unknown for change in found)


def service(statements: str = "[]", more: str = "", role: str = "") -> Files:
    text = "service: a\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\n"
    return {NAME: f"{text}  iam:\n    role:\n      statements: {statements}\n{role}{more}"}


def allow(actions: str, resource: str = "*") -> str:
    written = resource if resource.startswith("!") else f'"{resource}"'
    return f'{{Effect: Allow, Action: "{actions}", Resource: {written}}}'


def by_stage(dev: str, prod: str) -> Files:
    stages = f"custom:\n  b:\n    dev: {dev}\n    prod: {prod}\n"
    return service(f"[{allow('s3:GetObject', '${self:custom.b.${self:provider.stage}}')}]", stages)


def function(more: str = "", statements: str = "[]") -> Files:
    return service(statements, f"functions:\n  f:\n    handler: a.b\n{more}")


RUN_BY = ("arn:aws:iam::123456789012:role/a", "Own")
GET, PUT = allow("s3:GetObject"), allow("s3:PutObject")
ONE = service(f"[{GET}]")
OF_CUSTOM = service(f"[{allow('${self:custom.x}')}]", "custom:\n  x: s3:GetObject\n")
IN_FILE = service("${file(iam.yml):x}")
BY_STAGE = service(f"[{allow('s3:GetObject', '${file(c/${opt:stage}.yml):b}')}]")
CODE = service("${file(iam.js)}")
OF_CODE = allow("${file(r.js):a.b}")
ALIASED = {
    **CODE,
    "iam.js": "require('~/b')",
    "tsconfig.json": '{"compilerOptions": {"paths": {"~/*": ["./lib/*"]}}}',
}
READING = {**CODE, "iam.js": "require('fs').readFileSync('./b.txt')"}
REFERRING = [
    f"arn:aws:dynamodb:{region}:{account}:table/{name}"
    for region, account in (("#{AWS::Region}", "#{AWS::AccountId}"), ("${AWS::Region}", "*"))
    for name in ("a", "a-${self:provider.stage}", "${env:TABLE}", "#{Table}")
]
"""ARNs with references that plugins make `Fn::Sub` of."""
BUCKET_POLICY = (
    "Resources: {B: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: b, PolicyDocument: "
    "{Statement: {Effect: Allow, Principal: '*', Action: s3:GetObject, Resource: '*'}}}}}\n"
)
INLINE = (
    "resources: {Resources: {P: {Type: AWS::IAM::Policy, Properties: {Roles: "
    f"[!Ref IamRoleLambdaExecution], PolicyDocument: {{Statement: {PUT}}}}}}}}}}}\n"
)
EVENTS = "    events: [%s]\n"
HOURLY = "{schedule: rate(1 hour)}"
ACCOUNT = "!Sub 'arn:aws:s3:::${AWS::AccountId}-${aws:region}'"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:a"
MANAGED = "      managedPolicies: [%s]\n"
ROUTE = "{http: {path: a, method: get, authorizer: %s}}"
CUSTOM = "{type: CUSTOM, authorizerId: %s}"
EXISTING = "{cognitoUserPool: {pool: p, trigger: PreSignUp%s}}"
LOGS = service(more="  logs: {restApi: %s}\n")[NAME]
ROUTED = function(EVENTS % (ROUTE % "aws_iam"))
TWO = function(EVENTS % f"{ROUTE % 'aws_iam'}, {(ROUTE % 'aws_iam').replace('get', 'put')}")
OTHER_PATHS = [("path: a", "path: b")]
TEMPLATES = [
    "resources: ${file(r.js)}",
    "resources: ['${file(r.js)}']",
    "resources: {Resources: {R: '${file(r.js):a}'}}",
    "resources: {Resources: {R: {Type: AWS::IAM::Role, Properties: '${file(r.js):a}'}}}",
]
"""Templates of which a program returns a part that may have access."""
ALARM = "resources: {Resources: {R: {Type: AWS::CloudWatch::Alarm, Properties: '${file(r.js):a}'}}}"
SETTINGS = ["iam", "iam: {role: '${file(r.js):a}'}", "environment", "runtime"]


def of_program(template: str = "", setting: str = "", program: str = "1") -> Files:
    if setting and ":" not in setting:
        setting += ": '${file(r.js):a}'"
    text = f"service: a\nprovider:\n  name: aws\n  {setting}\n{template}\n"
    return {NAME: text, "r.js": program}


LAYERS = "layers:\n  l: {path: a, description: %s, allowedAccounts: %s}\n"


def shared(accounts: str, description: str = "b") -> Files:
    return service(more=LAYERS % (description, accounts))


BEHIND = function(EVENTS % "{http: {path: a, method: get}}")[NAME]
ONLY_FROM = "Condition: {IpAddress: {aws:SourceIp: 192.0.2.0/24}}"
API = "  apiGateway: {resourcePolicy: [{Effect: Allow, Principal: '*', Action: '*', %s}]}\n"
TRUSTED = "  httpApi: {authorizers: {j: {type: jwt, issuerUrl: 'https://%s', audience: [a]}}}\n"


def of_provider(setting: str) -> Files:
    return {NAME: BEHIND.replace("  name: aws\n", f"  name: aws\n{setting}")}


LAYERED = service(more="layers: ${file(r.js)}\n")
RENAMED = [("  f:", "  g:"), ("a.b", "c.d")]


def changed(files: Files, pairs: list[tuple[str, str]]) -> Files:
    text = files[NAME]
    for old, new in pairs:
        text = text.replace(old, new)
    return {NAME: text}


S3, SQS = (f"arn:aws:iam::aws:policy/Amazon{name}ReadOnlyAccess" for name in ("S3", "SQS"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ONE, service(f"[{PUT}, {GET}]")),
        (OF_CUSTOM, service(f"[{allow('${self:custom.x}')}]", "custom:\n  x: iam:*\n")),
        (by_stage("d", "p"), by_stage("d", "'*'")),
        ({**IN_FILE, "iam.yml": f"x: [{GET}]"}, {**IN_FILE, "iam.yml": f"x: [{PUT}]"}),
        (
            {**BY_STAGE, "c/dev.yml": "b: d", "c/prod.yml": "b: p"},
            {**BY_STAGE, "c/dev.yml": "b: d", "c/prod.yml": "b: '*'"},
        ),
        (
            {**service(f"[{OF_CODE}]"), "r.js": "1"},
            {**service(f"[{OF_CODE}, {PUT}]"), "r.js": "1"},
        ),
        (function(EVENTS % "websocket: send"), function(EVENTS % "websocket: $connect")),
        ({**CODE, "iam.js": "require('./b')", "b.js": "1"}, {**CODE, "iam.js": "require('./b')"}),
        ({**CODE, "iam.js": "1"}, {**CODE, "iam.js": "2"}),
        ({**ALIASED, "lib/b.js": "1"}, {**ALIASED, "lib/b.js": "2"}),
        ({**READING, "b.txt": "1"}, {**READING, "b.txt": "2"}),
        (function(), function("    url: true\n")),
        (function(), function(f"    iamRoleStatements: [{PUT}]\n")),
        (
            function(f"    iamRoleStatements: [{GET}]\n", f"[{PUT}]"),
            function(
                f"    iamRoleStatementsInherit: true\n    iamRoleStatements: [{GET}]\n", f"[{PUT}]"
            ),
        ),
        (ONE, service(f"[{GET}]", role=MANAGED % S3)),
        (service(role="      permissionsBoundary: arn:b\n"), service()),
        (ONE, service(f"[{GET}]", INLINE)),
        (ONE, service(f"[{GET}]", f"stepFunctions: {{m: {{iamRoleStatements: [{PUT}]}}}}\n")),
        (service(allow("${env:A}")), service(allow("${env:B}"))),
        (service(allow("s3:*", ACCOUNT)), service(allow("s3:*", ACCOUNT.replace("region", "b")))),
        (by_stage("d", "p"), by_stage("d", "d")),
        (function(), function("    vpc: {subnetIds: [a]}\n")),
        (function(), function("    onError: arn:aws:sns:eu-west-1:111122223333:a\n")),
        (function(), function("    destinations: {onFailure: b}\n")),
        (function(), {NAME: function()[NAME].replace("  iam:", "  vpc: {subnetIds: [a]}\n  iam:")}),
        (function(), function(EVENTS % HOURLY)),
        (function(f"    events: {HOURLY}\n"), function(EVENTS % HOURLY)),
        (function(EVENTS % "{sns: a}"), function(EVENTS % "{sns: b}")),
        (
            function(EVENTS % "{http: GET a}"),
            function(EVENTS % f"{{http: GET a}}, {{sqs: {QUEUE}}}"),
        ),
        (function(EVENTS % "{http: GET a}"), function(EVENTS % "{http: GET a}, {a-plugin: b}")),
        (function(EVENTS % "{http: GET a}"), function(EVENTS % "{http: GET a}, '${file(e.js)}'")),
        (
            function(f"    iamRoleStatements: [{GET}]\n"),
            function(f"    iamRoleStatements: [{GET}]\n{EVENTS % f'{{sqs: {QUEUE}}}'}"),
        ),
        (
            function(EVENTS % (ROUTE % (CUSTOM % "${cf:a.Admin}"))),
            function(EVENTS % (ROUTE % (CUSTOM % "${cf:a.Public}"))),
        ),
        (
            function(EVENTS % (ROUTE % "aws_iam")),
            function(EVENTS % "{http: {path: a, method: get}}"),
        ),
        (ROUTED, changed(ROUTED, RENAMED)),
        (shared("[a]"), shared("[a, b]")),
        (shared("[]"), shared("'*'")),
        (shared("[a]"), shared("[b]")),
        (shared("'${env:A}'"), shared("'${env:B}'")),
        ({**LAYERED, "r.js": "1"}, {**LAYERED, "r.js": "2"}),
        *((of_program(t), of_program(t, program="2")) for t in TEMPLATES),
        *((of_program(), of_program(t)) for t in TEMPLATES),
        *((of_program("", s), of_program("", s, "2")) for s in SETTINGS[:2]),
        (TWO, changed(TWO, [*OTHER_PATHS, ("put, authorizer: aws_iam", "put")])),
        (function(EVENTS % EXISTING % ""), function(EVENTS % EXISTING % ", existing: true")),
        ({NAME: LOGS % "false"}, {NAME: LOGS % "true"}),
        (of_provider(API % ONLY_FROM), of_provider("")),
        (of_provider(API % ONLY_FROM), of_provider(API % "Resource: '*'")),
        (of_provider(TRUSTED % "a.example.com"), of_provider(TRUSTED % "b.example.com")),
        *((ONE, service(f"[{GET}, {allow('dynamodb:PutItem', arn)}]")) for arn in REFERRING),
        *((function(), function(f"    role: {role}\n")) for role in RUN_BY),
        (function(f"    role: {RUN_BY[0]}\n"), function(f"    role: {RUN_BY[0]}s\n")),
    ],
)
def test_new_access_stops(old: Files, new: Files, tmp_path: Path) -> None:
    assert stops(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (function(), function(f"    events: {HOURLY}\n")),
        (OF_CUSTOM, ONE),
        (OF_CUSTOM, service(f"[{allow('${self:custom.y}')}]", "custom:\n  y: s3:GetObject\n")),
        (
            ONE,
            {NAME: f"service: a\nprovider:\n  name: aws\n  iamRoleStatements: [{GET}]\n"},
        ),
        ({**IN_FILE, "iam.yml": f"x: [{GET}]"}, ONE),
        ({**IN_FILE, "iam.yml": f"x: [{GET}]"}, {**IN_FILE, "iam.yml": f"# a\nx: [{GET}]\ny: 1"}),
        (
            service("[]", f"resources:\n  {BUCKET_POLICY}"),
            {**service("[]", "resources: ['${file(r.yml)}']\n"), "r.yml": BUCKET_POLICY},
        ),
        (service("[]", INLINE), service(f"[{PUT}]")),
        (service(role=MANAGED % f"{S3}, {SQS}"), service(role=MANAGED % f"{SQS}, {S3}")),
        (function("    url: true\n"), function("    url: {cors: true}\n")),
        (
            function(EVENTS % "{schedule: rate(2 hours)}"),
            function("    memorySize: 512\n" + EVENTS % "{schedule: rate(1 hour)}, {schedule: a}"),
        ),
        (function(EVENTS % f"{{sqs: {QUEUE}}}"), function(EVENTS % f"{{sqs: {{arn: {QUEUE}}}}}")),
        (service(), function(f"    role: {RUN_BY[0]}\n")),
        (
            function(f"    role: arn:aws:iam::123456789012:role/a\n{EVENTS % '{http: GET a}'}"),
            function(
                f"    role: arn:aws:iam::123456789012:role/a\n"
                f"{EVENTS % f'{{http: GET b}}, {{sqs: {QUEUE}}}'}"
            ),
        ),
        (
            function(EVENTS % "{sns: {arn: 'arn:aws:sns:eu-west-1:111122223333:a'}}"),
            function(EVENTS % "{sns: 'arn:aws:sns:eu-west-1:111122223333:a'}"),
        ),
        (function(EVENTS % "{a-plugin: b}"), function(EVENTS % "{a-plugin: c}")),
        (
            function(EVENTS % (ROUTE % "{name: a, resultTtlInSeconds: 0}")),
            function(EVENTS % (ROUTE % "{name: a, resultTtlInSeconds: 9}")),
        ),
        (function(EVENTS % (ROUTE % "a")), function("    memorySize: 512\n")),
        (function(EVENTS % (ROUTE % "'${self:custom.a.${opt:s}, \"\"}'")), ROUTED),
        (ROUTED, changed(ROUTED, RENAMED[:1])),
        (shared("[a, b]"), shared("[b]", "c")),
        (shared("[a]"), changed(shared("[a]"), [("l:", "m:"), ("b,", "c,")])),
        (shared("'${env:A}'"), shared("['${env:A}']")),
        (service(), service(more="layers: {l: {path: a}}\n")),
        (TWO, changed(TWO, OTHER_PATHS)),
        (of_program(ALARM), of_program(ALARM, program="2")),
        *((of_program("", s), of_program("", s, "2")) for s in SETTINGS[2:]),
        (
            service(allow("s3:*", ACCOUNT)),
            service(allow("s3:*", ACCOUNT.replace("AWS::A", "aws:a").replace("aws:r", "AWS::R"))),
        ),
        (function(EVENTS % EXISTING % ""), function(EVENTS % EXISTING % ", existing: false")),
        ({NAME: LOGS % "true"}, {NAME: LOGS % "{level: INFO}"}),
        ({NAME: LOGS % "false"}, {NAME: LOGS % "{roleManagedExternally: true}"}),
        (function(), function("    tracing: false\n")),
        (function("    vpc: {subnetIds: [a]}\n"), function("    vpc: {subnetIds: [b]}\n")),
        (service(allow("${ssm:/a~true}")), service(allow("${ssm:/a}"))),
        (service(allow("${self:service.name}:*")), service(allow("${self:service}:*"))),
        (
            service(allow("s3:GetObject", "arn:aws:s3:::${self:provider.stage}/*")),
            service(allow("s3:GetObject", "arn:aws:s3:::${opt:stage, 'dev'}/*")),
        ),
        (
            service(allow("s3:GetObject", "!Sub 'arn:aws:s3:::${self:service}-${AWS::Region}'")),
            service(allow("s3:GetObject", "!Sub 'arn:aws:s3:::a-${AWS::Region}'")),
        ),
        (
            service(allow("s3:GetObject", "arn:aws:s3:::#{AWS::Region}-${env:A}/*")),
            service(allow("s3:GetObject", "!Sub 'arn:aws:s3:::${AWS::Region}-${env:A}/*'")),
        ),
        ({**CODE, "iam.js": "1", "b.js": "1"}, {**CODE, "iam.js": "1", "b.js": "2"}),
        ({**ALIASED, "b.js": "1"}, {**ALIASED, "b.js": "2"}),
        (of_provider(API % ONLY_FROM), of_provider(API % ONLY_FROM + "  memorySize: 512\n")),
        (of_provider(TRUSTED % "a"), of_provider(TRUSTED % "a" + "  memorySize: 512\n")),
    ],
)
def test_harmless_changes_pass(old: Files, new: Files, tmp_path: Path) -> None:
    assert not stops(tmp_path, old, new)


def test_variables_that_refer_to_each_other_end(tmp_path: Path) -> None:
    around = service(allow("${self:custom.a}"), "custom: {a: '${self:custom.b}', b: '${self:}'}\n")
    assert not stops(tmp_path, around, around)
