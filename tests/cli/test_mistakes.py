"""Typical mistakes on the command line: each is one line that says what to do."""

import re
from pathlib import Path

import pytest

from multitool_lint.cli import main

MISTAKES = [
    # commands
    (["chek", "policies"], 'did you mean "check"? Run: multitool-lint check policies'),
    (["lint", "policies"], 'did you mean "check"? Run: multitool-lint check policies'),
    (["validate", "a b.json"], "Run: multitool-lint check 'a b.json'"),
    (["tigthen", "--strict"], 'did you mean "tighten"?'),
    (["--format", "json", "check", "policies"], '"check" is a command and must come first'),
    (["help", "chek"], '"chek" is not a valid command; did you mean "check"?'),
    (["completion", "bsh"], '"bsh" is not a valid shell; did you mean "bash"?'),
    (["completion"], "expected shell; see `multitool-lint help completion`"),
    (["explain"], "expected RULE; see `multitool-lint help explain`"),
    (["catalog", "updat"], '"updat" is not a valid task; did you mean "update"?'),
    # options
    (
        ["--fromat=json", "policies"],
        '"--fromat" is not an option of check; did you mean "--format"?',
    ),
    (["-format", "json"], '"-format" is not an option; did you mean "--format"?'),
    (["\u2013format", "json"], 'is not an option; did you mean "--format"?'),
    (["policies", "-x"], '"-x" is not an option of check; see `multitool-lint help check`'),
    (["fix", "--wirte", "policies"], '"--wirte" is not an option of fix'),
    (["policies", "--select"], "--select: expected a value: --select RULES"),
    (["policies", "--format"], "--format: expected a value: --format text|lines|json"),
    (["--fix=yes", "policies"], "--fix does not accept a value"),
    (["--baseline=a", "--write-baseline=b"], "--write-baseline cannot be used with --baseline"),
    (["explain", "a", "b"], 'expected RULE, not "b"'),
    # values
    (["--format", "jsn"], '"jsn" is not a valid value of --format; did you mean "json"?'),
    (["-f", "xml"], '"xml" is not a valid value of --format; expected text, lines, json'),
    (["--color", "allways"], '"allways" is not a valid value of --color; did you mean "always"?'),
    (["--select", "redundnt-action"], 'unknown rule "redundnt-action"; did you mean "redundant-'),
    (["--ignore", "redundant_action"], 'did you mean "redundant-action"?'),
    (["--select", "zzz"], 'unknown rule "zzz"; `multitool-lint rules` lists the rules'),
    (["explain", "redundent-action"], 'did you mean "redundant-action"?'),
    (["rules", "--topic", "secrity"], '"secrity" is not a valid value of --topic; expected access'),
    (["--fail-on", "eror"], 'unknown severity "eror"; did you mean "error"?'),
    (["--fail-on", "high"], 'unknown severity "high"; expected error, security, warning'),
    (["--type", "SCP"], 'unknown policy type "SCP"; did you mean "scp"?'),
    (["--resource-type", "AWS::S3::Bukket"], 'did you mean "AWS::S3::Bucket"?'),
    (["--resource-type", "s3"], '"s3" is not a resource type such as AWS::S3::Bucket'),
    (["--jobs", "many"], '--jobs: "many" is not a number of processes'),
    (["--config", "none.toml"], "none.toml: no such file or directory"),
    (["--baseline", "none.json"], "--write-baseline none.json creates it"),
    (["tighten", "policies"], "expected --drop-wildcards, --access-level, --used"),
    (["tighten", "--access-level", "reed"], '"reed" is not an access level; did you mean "read"?'),
    (["tighten", "--used", "a", "--used-since", "today"], '"today" is not a date such as'),
    (["expand", "--action", "s3:Get", "."], '"s3:Get" does not contain a wildcard'),
    (["shrink", "--target-size", "big", "."], '"big" is not a number'),
    (["catalog", "update", "--timeout", "inf"], '"inf" is not a number of seconds above 0'),
    # what a variable that is not set comes to
    (["policies", ""], 'expected FILES, not ""'),
    (["fix", "--", ""], 'expected FILES, not ""'),
    (["diff", "", "b.json"], 'expected OLD NEW, not ""'),
    (["explain", ""], 'expected RULE, not ""'),
    (["query", ""], 'expected PATTERN, not ""'),
    (["--select", "", "policies"], "--select: expected a value: --select RULES"),
    (["--select=,", "policies"], "--select: expected rule ids, separated by commas"),
    (["--extend-select", " ", "policies"], "--extend-select: expected rule ids, separated by"),
    (["--config=", "policies"], "--config: expected a value: --config FILE"),
    (["--catalog", "", "policies"], "--catalog: expected a value: --catalog DIR"),
    (["--changed-since=", "."], "--changed-since: expected a value: --changed-since REVISION"),
    (["tighten", "--by-resource", "--arn", "", "."], "--arn: expected a value: --arn ARN|FILE"),
    (["tighten", "--arns", "a", "."], "use --arn"),
    (["tighten", "--strict", "."], "use --all-actions"),
    (["--exit-zero"], "use --fail-on never"),
    (["fix", "--exit-zero"], "see `multitool-lint help fix`"),
    (["--no-ignore"], "use --show-suppressed"),
    # combinations, and what is missing
    (["--output", "sarif"], '"sarif" is a format; use --format sarif, or --output sarif=FILE'),
    (["-o", "sarf=x"], 'unknown format "sarf"; did you mean "sarif"?'),
    (["--unsafe-fixes", "policies"], "--unsafe-fixes needs --fix or --diff"),
    (["--statistics", "--format", "sarif"], "--statistics needs --format text or --format json"),
    (["--add-ignore", " "], "--add-ignore: the reason must not be empty"),
    (["--add-ignore", "x", "--show-suppressed"], "--add-ignore cannot be used with --no-config"),
    (["--stdin-filename", "a.json"], "--stdin-filename needs - as FILES"),
    (["fix"], "expected FILES, such as . for the current folder"),
    (["fix", "-", "policies"], "standard input (-) cannot be combined with files"),
    (["diff", "a.json"], "expected two versions: multitool-lint diff OLD NEW"),
    (["diff", "-", "-"], "standard input (-) cannot be both versions"),
    (["query"], "expected a pattern or an option, such as multitool-lint query 's3:Get*'"),
    (["shrink", "--split", "."], "--split needs --target-size"),
]


@pytest.mark.parametrize(("arguments", "hint"), MISTAKES)
def test_a_mistake_is_one_line_that_says_what_to_do(
    arguments: list[str], hint: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policies").mkdir()
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert hint in printed.err
    assert re.fullmatch("error: .+\n", printed.err)
    assert not list((folder / "policies").iterdir())
