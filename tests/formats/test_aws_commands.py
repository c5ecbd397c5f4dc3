"""Commands of the AWS CLI that add a statement to a policy are linted as this statement."""

from textwrap import indent

import pytest
from support.plain_values import plain

from multitool_lint.formats import read_source
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason, Why
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

ADD = "aws lambda add-permission --function-name orders --statement-id s --action"
INVOKE = f"{ADD} lambda:InvokeFunction"
LAYER = "aws lambda add-layer-version-permission --layer-name l --version-number 1 --statement-id s"
PUT = "aws events put-permission --statement-id s --action events:PutEvents --principal '*'"
SNS = "aws sns add-permission --topic-arn arn:aws:sns:us-east-1:123456789012:t --label l"
SQS = "aws sqs add-permission --queue-url https://sqs.us-east-1.amazonaws.com/1/q --label l"
LEX = (
    "aws lexv2-models create-resource-policy-statement --statement-id s --resource-arn "
    "arn:aws:lex:us-east-1:123456789012:bot-alias/A1B2C3D4E5/F6G7H8I9J0 "
    "--action lex:StartConversation"
)
SIGN = "aws signer add-profile-permission --profile-name p --statement-id s"
ORGANIZATION = "Type=StringEquals,Key=aws:PrincipalOrgID,Value=o-a1b2c3d4e5"
CONFUSED, PUBLIC = "unrestricted-service-principal", "public-access"
UNPAIRED = "missing-paired-condition-key"

COMMANDS = [
    (f"{INVOKE} --principal s3.amazonaws.com", [(CONFUSED, "s3.amazonaws.com")]),
    (f"{INVOKE} --principal s3.amazonaws.com --source-arn arn:aws:s3:::b", [
        (UNPAIRED, "arn:aws:s3:::b")
    ]),
    (f'{INVOKE} --principal s3.amazonaws.com --source-arn "arn:aws:s3:::$BUCKET"', [
        (UNPAIRED, '"arn:aws:s3:::$BUCKET"')
    ]),
    (f"{INVOKE} --principal s3.amazonaws.com --source-account $(account)", []),
    (f"{INVOKE} --principal '*'", [(PUBLIC, "'*'")]),
    (f"{INVOKE} --principal=*", [(PUBLIC, "*")]),
    (f"{INVOKE} --principal '*' --principal-org-id o-a1b2c3d4e5", []),
    (f'{INVOKE} --principal "$PRINCIPAL"', []),
    (f"{INVOKE} --principal s3.amazonaws.com # --source-arn a", [(CONFUSED, "s3.amazonaws.com")]),
    (f"{ADD} lambda:InvokeFunctionUrl --principal '*' --function-url-auth-type NONE", [
        (PUBLIC, "'*'")
    ]),
    (f"{INVOKE} \\\n  --principal s3.amazonaws.com | jq .", [(CONFUSED, "s3.amazonaws.com")]),
    (f"{INVOKE} `\r\n  --principal s3.amazonaws.com\r\n", [(CONFUSED, "s3.amazonaws.com")]),
    (f"{ADD} lambda:Invoke --principal 123456789012", [("unknown-action", "lambda:Invoke")]),
    (f"{LAYER} --action lambda:GetLayerVersion --principal '*'", [(PUBLIC, "'*'")]),
    (PUT, [(PUBLIC, "'*'")]),
    (f"{PUT} --condition {ORGANIZATION}", []),
    (f"{PUT} --condition '{{\"Key\": \"aws:PrincipalOrgID\"}}'", []),
    (f"{SIGN} --action signer:Sign --principal 123456789012", [("unknown-action", "signer:Sign")]),
    (f"{SNS} --aws-account-id 123456789012 210987654321 --action-name Publish Publsh", [
        ("unknown-action", "Publsh")
    ]),
    (f"{SQS} --aws-account-ids 123456789012 --actions SendMessage 2>&1", []),
    (f"{LEX} --effect Allow --principal service=connect.amazonaws.com", [
        (CONFUSED, "service=connect.amazonaws.com")
    ]),
    (f"{LEX} --effect Allow --principal service=connect.amazonaws.com --condition file://c", []),
    (f"{LEX} --effect Allow --principal '[{{\"service\": \"connect.amazonaws.com\"}}]'", []),
    (f"{LEX} --effect Deny --principal arn=*", []),
    (f"{LEX} --effect Allow --principal arn=*", [(PUBLIC, "arn=*")]),
    (f"{LEX} lex:Strat --effect Allow --principal arn=arn:aws:iam::123456789012:root", [
        ("unknown-action", "lex:Strat")
    ]),
    (f"{SQS} --aws-account-ids 123456789012 --actions SendMesage", [
        ("unknown-action", "SendMesage")
    ]),
]  # fmt: skip
NO_COMMANDS = [
    "aws lambda add-permission",
    "aws lambda add-permission help",
    f"# {INVOKE} --principal '*'",
    "aws lambda remove-permission --function-name f --statement-id s --principal '*'",
    f"{PUT.partition(' --action')[0]} --policy file://policy.json",
]


def findings(text: str, path: str) -> list[tuple[str, str]]:
    assert may_hold_policies(path, text)
    found = lint_source(Source(path, text)).findings
    return sorted((finding.rule, text[slice(*finding.span)]) for finding in found)


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_a_command_is_one_statement(command: str, expected: list[tuple[str, str]]) -> None:
    script = f"#!/bin/sh\nset -e\n{command}\necho done\n"
    assert len(read_source(Source("run.sh", script)).policies) == 1
    assert findings(script, "run.sh") == expected
    assert fix(Source("run.sh", script), unsafe=True).text == script


@pytest.mark.parametrize("command", NO_COMMANDS)
def test_what_is_not_run_or_adds_nothing_is_not_a_statement(command: str) -> None:
    found = read_source(Source("run.sh", f"{command}\n"))
    assert not found.policies
    assert not any(skipped.unread for skipped in found.skipped)


@pytest.mark.parametrize(
    "options", ["--cli-input-json file://a.json", "--principal '*'", '"$@" -x']
)
def test_options_that_are_elsewhere_are_not_read(options: str) -> None:
    text = f"aws lambda add-permission --function-name orders {options}\n"
    (skipped,) = read_source(Source("run.sh", text)).skipped
    assert (skipped.why, skipped.unread) == (
        Why(Reason.INCOMPLETE_COMMAND),
        True,
    )
    assert text[slice(*skipped.span)] == "lambda add-permission"


@pytest.mark.parametrize("options", ['"$@"', "${OPTIONS[@]}", "$OPTIONS"])
def test_options_of_a_variable_are_not_read(options: str) -> None:
    (skipped,) = read_source(Source("run.sh", f"aws lambda add-permission {options}\n")).skipped
    assert (skipped.why, skipped.unread) == (
        Why(Reason.INCOMPLETE_COMMAND),
        True,
    )


@pytest.mark.parametrize(
    "script",
    [
        'run="%s"\necho "a"\n%s --principal 123456789012\n',
        "run='%s'; echo 'a b'\n",
        'bash -c "%s" "a b"\n',
        "echo 'a' && bash -c \"it is 'b'; %s\"; echo \"c\"\n",
        "bash -c '\n%s'\necho 'a'\n",
        'run="$(\n%s)"\necho "a"\n',
        'bash -c "\n%s" || echo "a\n"\n',
        "echo it\\'s; %s; echo it\\'s\n",
    ],
)
def test_a_command_ends_with_the_quotes_around_it(script: str) -> None:
    command = f"{INVOKE} --principal s3.amazonaws.com --source-account 123456789012"
    text = script.replace("%s", command, 1).replace("%s", f"{ADD} lambda:Invoke")
    expected = [("unknown-action", "lambda:Invoke")] * (script.count("%s") - 1)
    assert findings(text, "run.sh") == expected
    open_to_all = script.replace("%s", f"{INVOKE} --principal=*", 1).replace("%s", "")
    assert findings(open_to_all, "run.sh") == [(PUBLIC, "*")]


def test_escaped_quotes_in_quotes_are_quotes() -> None:
    text = f'bash -c "{INVOKE} --principal \\"*\\""\n'
    assert findings(text, "run.sh") == [(PUBLIC, '\\"*\\"')]


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("a.md", "```sh\n%s\n```\n"),
        ("a.md", "```\n%s\n```\n"),
        ("a.md", "```\n$ %s\n```\n"),
        ("a.adoc", "----\n%s\n----\n"),
        ("a.rst", ".. code-block:: console\n\n  %s\n"),
        ("a.rst", "See::\n\n  %s\n"),
        ("a.sh", "cat > run.sh <<'EOF'\n%s\nEOF\n"),
    ],
)
def test_commands_are_read_in_documentation(path: str, page: str) -> None:
    lines = f"{INVOKE} \\\n  --principal s3.amazonaws.com"
    text = page % (indent(lines, "  ").strip() if path.endswith(".rst") else lines)
    assert findings(text, path) == [(CONFUSED, "s3.amazonaws.com")]


def test_placeholders_of_documentation_are_unknown() -> None:
    command = f"{INVOKE} --principal events.amazonaws.com --source-arn <arn-of-the-rule>"
    assert findings(f"```\n{command}\n```\n", "a.md") == []


@pytest.mark.parametrize(("flag", "value"), [("--invoked", "true"), ("--no-invoked", "false")])
def test_a_flag_is_a_truth_value(flag: str, value: str) -> None:
    text = f"{INVOKE} --principal 123456789012 {flag}-via-function-url\n"
    (written,) = read_source(Source("run.sh", text)).policies
    (statement,) = plain(written.policy.root)["Statement"]
    assert statement["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": value}}
