"""The policies of an account are linted one by one, and named by what they belong to."""

import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.handlers import json_decode_policies  # type: ignore[import-untyped]
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.model import ServiceModel  # type: ignore[import-untyped]
from botocore.parsers import create_parser  # type: ignore[import-untyped]
from support.embedded_samples import POLICY, TRUST, found

from multitool_lint.cli import main
from multitool_lint.formats import Problem, Skipped, is_output, read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.reporters.text import render
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parents[2]

ARN = "arn:aws:iam::111122223333:"


def managed(name: str, *versions: dict[str, Any], owner: str = "111122223333") -> dict[str, Any]:
    """A managed policy; the last version is the default."""
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{owner}:policy/{name}",
        "PolicyVersionList": [
            {"Document": policy, "VersionId": f"v{at}", "IsDefaultVersion": at == len(versions)}
            for at, policy in enumerate(versions, 1)
        ],
    }


ACCOUNT: dict[str, Any] = {
    "UserDetailList": [
        {
            "UserName": "ann",
            "Arn": f"{ARN}user/ann",
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": POLICY}],
            "AttachedManagedPolicies": [{"PolicyName": "m", "PolicyArn": f"{ARN}policy/m"}],
        }
    ],
    "GroupDetailList": [
        {
            "GroupName": "all",
            "Arn": f"{ARN}group/all",
            "GroupPolicyList": [{"PolicyName": "common", "PolicyDocument": POLICY}],
        }
    ],
    "RoleDetailList": [
        {
            "Path": "/",
            "RoleName": "app",
            "Arn": f"{ARN}role/app",
            "AssumeRolePolicyDocument": TRUST,
            "InstanceProfileList": [
                {"Roles": [{"Arn": f"{ARN}role/app", "AssumeRolePolicyDocument": TRUST}]}
            ],
            "RolePolicyList": [{"PolicyName": "deploy", "PolicyDocument": POLICY}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ARN}policy/m"},
        }
    ],
    "Policies": [managed("m", TRUST, POLICY), managed("ReadOnly", POLICY, owner="aws")],
}
NAMES = {
    f"{ARN}user/ann, inline policy own": PolicyType.IDENTITY,
    f"{ARN}group/all, inline policy common": PolicyType.IDENTITY,
    f"{ARN}role/app, trust policy": PolicyType.TRUST,
    f"{ARN}role/app, inline policy deploy": PolicyType.IDENTITY,
    f"{ARN}policy/m": PolicyType.IDENTITY,
}


def policies(value: object) -> dict[str | None, PolicyType]:
    return {
        candidate.policy.name: candidate.policy.type
        for candidate in found(value)
        if isinstance(candidate, FoundPolicy)
    }


def reasons(value: object) -> list[Reason]:
    return [candidate.why.reason for candidate in found(value) if isinstance(candidate, Skipped)]


class TestAccountDetails:
    @pytest.mark.parametrize("indent", [None, 4])
    def test_every_policy_that_is_in_force_is_linted_and_named(self, indent: int | None) -> None:
        assert policies(json.dumps(ACCOUNT, indent=indent)) == NAMES

    def test_what_is_left_out_is_counted_with_the_reason(self) -> None:
        assert reasons(ACCOUNT) == [
            Reason.COPY_OF_TRUST_POLICY,
            Reason.NOT_DEFAULT_VERSION,
            Reason.MANAGED_BY_AWS,
        ]

    def test_the_order_of_keys_does_not_matter(self) -> None:
        assert policies(json.dumps(ACCOUNT, sort_keys=True)) == NAMES
        sorted_ = reasons(json.dumps(ACCOUNT, sort_keys=True))
        assert Counter(sorted_) == Counter(reasons(ACCOUNT))

    def test_pages_after_each_other_and_what_sdks_add(self) -> None:
        page = {"ResponseMetadata": {"RetryAttempts": 0}, "IsTruncated": True, "Marker": "x"}
        pages = [page | {key: value} for key, value in ACCOUNT.items()]
        assert policies("\n".join(map(json.dumps, pages))) == NAMES
        assert policies(pages) == NAMES

    def test_single_roles_as_jq_takes_them_out(self) -> None:
        text = "\n".join(json.dumps(role, indent=2) for role in ACCOUNT["RoleDetailList"])
        assert policies(text) == {
            name: type_ for name, type_ in NAMES.items() if name.startswith(f"{ARN}role/")
        }

    def test_roles_that_only_aws_can_change(self) -> None:
        role = {"Arn": f"{ARN}role/aws-service-role/x/y", "AssumeRolePolicyDocument": TRUST}
        assert reasons({"RoleDetailList": [role]}) == [Reason.MANAGED_BY_AWS]

    def test_botocore_reads_the_answer_of_iam_as_we_expect_it(self) -> None:
        document = quote(json.dumps(POLICY, indent=2))
        answer = f"""
            <GetAccountAuthorizationDetailsResponse
                xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
              <GetAccountAuthorizationDetailsResult>
                <IsTruncated>false</IsTruncated>
                <RoleDetailList><member>
                  <Path>/</Path><RoleName>app</RoleName><Arn>{ARN}role/app</Arn>
                  <CreateDate>2024-05-06T07:08:09Z</CreateDate>
                  <AssumeRolePolicyDocument>{quote(json.dumps(TRUST))}</AssumeRolePolicyDocument>
                  <RolePolicyList><member>
                    <PolicyName>deploy</PolicyName><PolicyDocument>{document}</PolicyDocument>
                  </member></RolePolicyList>
                </member></RoleDetailList>
                <Policies><member>
                  <PolicyName>m</PolicyName><Arn>{ARN}policy/m</Arn>
                  <PolicyVersionList><member>
                    <Document>{document}</Document>
                    <VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion>
                  </member></PolicyVersionList>
                </member></Policies>
              </GetAccountAuthorizationDetailsResult>
            </GetAccountAuthorizationDetailsResponse>"""
        operation = ServiceModel(
            Loader().load_service_model("iam", "service-2"), "iam"
        ).operation_model("GetAccountAuthorizationDetails")
        response = {"body": answer.encode(), "headers": {}, "status_code": 200}
        raw = create_parser("query").parse(response, operation.output_shape)
        undecoded = json.dumps(raw, default=str)
        json_decode_policies(raw, operation)
        # As the CLI prints it.
        printed = json.dumps(
            raw, indent=4, ensure_ascii=False, default=lambda date: date.isoformat()
        )
        for text in (undecoded, printed):
            names = policies(text)
            assert names == {name: NAMES[str(name)] for name in names}
            assert len(names) == 3


class TestBrokenOutputs:
    @pytest.mark.parametrize(
        ("break_", "message"),
        [
            (lambda text: text[: text.rindex('"m"')], "is not closed"),
            (lambda text: text[: text.index(" [", text.index('"Policies"'))], "is not closed"),
            (lambda text: text.replace('"Policies":', '"Policies"', 1), "A colon"),
            (lambda text: text.replace('"policy/m"', "policy/m"), ""),
            (lambda text: text[:-2] + ",}", "The last element is followed by a comma"),
            (lambda text: text.replace('"Policies": [', '"Policies": [NaN, '), "NaN"),
            (lambda text: f"{text} and more", "The document is followed by text"),
            (lambda text: text.replace('"Policies": [', '"Policies": ' + "[" * 100_000), "nested"),
        ],
    )
    def test_policies_before_the_mistake_are_linted_and_it_is_reported(
        self, break_: Callable[[str], str], message: str
    ) -> None:
        text = break_(json.dumps(ACCOUNT))
        *others, last = found(text)
        names = [
            candidate.policy.name for candidate in others if isinstance(candidate, FoundPolicy)
        ]
        assert names[:4] == list(NAMES)[:4]
        if message:
            assert isinstance(last, Problem)
            assert message in last.message
            assert lint_source(Source("x.json", text)).unchecked

    def test_policies_in_the_object_with_the_mistake(self) -> None:
        policy, problem = found(json.dumps({"Role": {"AssumeRolePolicyDocument": TRUST}})[:-1])
        assert isinstance(policy, FoundPolicy)
        assert isinstance(problem, Problem)

    def test_a_document_that_is_not_json(self) -> None:
        broken = json.dumps(POLICY).replace('"Allow",', '"Allow"')
        for value in (broken, quote(broken)):
            output = {
                "Roles": [{"AssumeRolePolicyDocument": value}, {"AssumeRolePolicyDocument": TRUST}]
            }
            problem, policy = found(output)
            assert isinstance(problem, Problem)
            assert "A comma" in problem.message
            begin, end = problem.span
            assert json.dumps(output)[begin:end].startswith(("\\", "%22"))
            assert isinstance(policy, FoundPolicy)

    def test_a_document_nested_too_deep_does_not_lose_the_others(self) -> None:
        deep: Any = POLICY
        for _ in range(150):
            deep = {"Statement": deep}
        problem, policy = found(
            {"Roles": [{"AssumeRolePolicyDocument": policy} for policy in (deep, TRUST)]}
        )
        assert isinstance(problem, Problem)
        assert isinstance(policy, FoundPolicy)


class TestCommands:
    def test_files_are_found_in_folders_and_named_in_the_report(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "account.json").write_text(json.dumps(ACCOUNT))
        encoded = json.dumps({"PolicyVersion": {"Document": quote(json.dumps(POLICY))}})
        (tmp_path / "version.json").write_text(encoded)
        (tmp_path / "roles.json").write_text(json.dumps({"Roles": [{"RoleName": "Statement"}]}))
        assert main(["--no-config", "--select", "redundant-action", str(tmp_path)]) == 1
        out = capsys.readouterr().out
        assert f" ({ARN}role/app, inline policy deploy)\n" in out
        assert " in 6 policies of 2 files" in out
        assert "\nNot checked: " in out
        excerpts = [line for line in out.splitlines() if line.startswith(" ")]
        assert max(map(len, excerpts)) < 200

    @pytest.mark.parametrize("command", ["fix", "expand", "tighten"])
    def test_what_a_command_printed_is_not_rewritten(
        self, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "account.json"
        file.write_text(json.dumps(ACCOUNT))
        options = ["--access-level", "read"] if command == "tighten" else []
        write = [] if command == "fix" else ["--write"]
        assert main([command, "--no-config", *options, *write, str(file)]) == 2
        assert "change them where they come from" in capsys.readouterr().err
        assert main([command, "--no-config", *options, *write, str(tmp_path)]) == 0
        assert file.read_text() == json.dumps(ACCOUNT)

    def test_check_with_fix_reports_all_of_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "account.json"
        file.write_text(json.dumps(ACCOUNT))
        assert main(["--fix", "--no-config", "--select", "redundant-action", str(file)]) == 1
        assert "fixable" not in capsys.readouterr().out
        assert file.read_text() == json.dumps(ACCOUNT)

    def test_a_broken_output_fails_the_run(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "account.json"
        file.write_text(json.dumps(ACCOUNT)[:-40])
        for path in (file, tmp_path):
            assert main(["--no-config", "--select", "redundant-action", str(path)]) == 2
            out = capsys.readouterr().out
            assert "[json-syntax-error]" in out
            assert out.count("[redundant-action]") == 4

    def test_a_broken_output_of_encoded_policies_in_a_folder_fails_the_run(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        roles = [{"AssumeRolePolicyDocument": quote(json.dumps(TRUST))}, {"RoleName": "r"}]
        (tmp_path / "roles.json").write_text(json.dumps({"Roles": roles})[:-3])
        assert main(["--no-config", str(tmp_path)]) == 2
        assert "1 error in 1 policy of 1 file" in capsys.readouterr().out

    def test_an_account_of_aws_policies_only_fails_the_run(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "account.json"
        file.write_text(json.dumps({"Policies": [managed("x", POLICY, owner="aws")]}))
        assert main(["--no-config", str(file)]) == 2
        assert "not checked: managed by AWS" in capsys.readouterr().err

    def test_from_standard_input(self) -> None:
        command = [sys.executable, "-m", "multitool_lint", "--no-config", "--format", "json", "-"]
        text = "\ufeff" + json.dumps(ACCOUNT)
        done = subprocess.run(
            command, input=text, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        report = json.loads(done.stdout)
        assert report["summary"]["policies"] == len(NAMES)
        assert {finding["policy"]["name"] for finding in report["findings"]} <= set(NAMES)
        for finding in report["findings"]:
            start = finding["start"]
            assert (start["line"], start["column"]) == (1, start["offset"])  # less the mark


class TestLargeAccounts:
    @pytest.mark.exhaustive
    def test_policies_are_read_one_by_one_and_kept_by_nobody(self) -> None:
        account = {
            "Unknown": [{"Key": "x", "Value": ["y"]}] * 20_000,
            "RoleDetailList": ACCOUNT["RoleDetailList"] * 2_000,
            "Policies": ACCOUNT["Policies"] * 1_000,
        }
        source = Source("account.json", json.dumps(account))
        assert is_output(source)
        for _ in read_source(source).stream:
            pass  # what is compiled and cached once
        tracemalloc.start()
        count = sum(isinstance(candidate, FoundPolicy) for candidate in read_source(source).stream)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 5_000
        assert peak < 500_000 < len(source.text) / 4

    def test_a_long_line_is_not_printed(self) -> None:
        roles = ACCOUNT["RoleDetailList"] * 200
        source = Source("account.json", json.dumps({"RoleDetailList": roles}))
        for finding in lint_source(source).findings:
            shown = render(finding).splitlines()
            assert max(map(len, shown)) <= 120
            at = next(number for number, line in enumerate(shown) if "^" in line)
            line, carets = shown[at - 1 : at + 1]
            assert line[carets.index("^") :].startswith(source.text[slice(*finding.span)][:40])

    def test_places_in_a_long_text_of_short_lines(self) -> None:
        text = "".join(f"{number}\r\n" for number in range(1, 200_000))
        source = Source("account.json", text)
        offset = text.index("\n150000\r") + 3
        assert source.position(offset) == (150_000, 3)
        assert source.line(150_000) == "150000"
        assert source.position(len(text)) == (200_000, 1)
