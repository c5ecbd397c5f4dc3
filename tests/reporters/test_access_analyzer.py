"""What AWS would have answered."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.model import ServiceModel  # type: ignore[import-untyped]
from botocore.validate import ParamValidator  # type: ignore[import-untyped]
from support.report_samples import TEXT, finding, report_of, span

from multitool_lint.cli import main
from multitool_lint.diagnostics.finding import Finding, Related
from multitool_lint.diagnostics.rule import ACCESS_ANALYZER, rules
from multitool_lint.reporters import access_analyzer
from multitool_lint.reporters.summary import ReportOptions, Summary
from multitool_lint.syntax.source import Span


class TestAccessAnalyzer:
    def report(self, findings: list[Finding], *, many: bool = False) -> Any:  # noqa: ANN401
        reporter = access_analyzer.Reporter(ReportOptions(many=many))
        parts = list(reporter.file(report_of(*findings)))
        return json.loads("".join([*parts, *reporter.end(Summary())]))

    def test_a_finding(self) -> None:
        [found] = self.report([finding()])["findings"]
        anchor = "access-analyzer-reference-policy-checks-suggestion-redundant-action"
        assert found == {
            "findingDetails": "one covers the other. Run: multitool-lint fix policy.json",
            "findingType": "SUGGESTION",
            "issueCode": "REDUNDANT_ACTION",
            "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
            f"access-analyzer-reference-policy-checks.html#{anchor}",
            "locations": [
                {
                    "path": [{"value": "Statement"}, {"value": "Action"}, {"index": 0}],
                    "span": {
                        "start": {"line": 5, "column": 15, "offset": 83},
                        "end": {"line": 5, "column": 24, "offset": 92},
                    },
                },
                {
                    "path": [{"value": "Statement"}, {"value": "Action"}, {"index": 1}],
                    "span": {
                        "start": {"line": 5, "column": 26, "offset": 94},
                        "end": {"line": 5, "column": 40, "offset": 108},
                    },
                },
            ],
        }

    def test_it_is_what_the_client_of_aws_reads(self) -> None:
        model = ServiceModel(Loader().load_service_model("accessanalyzer", "service-2"))
        shape = model.operation_model("ValidatePolicy").output_shape
        answer = self.report([finding(), finding(span=span('"Principle"'), pointer="/Statement/P")])
        errors = ParamValidator().validate(answer, shape)
        assert not errors.has_errors(), errors.generate_report()

    def test_a_key_is_distinguished_from_its_value(self) -> None:
        key = finding(span=span('"Principle"'), pointer="/Statement/Principle", related=())
        value = finding(span=span('"*"'), pointer="/Statement/Principle", related=())
        found = self.report([key, value])["findings"]
        paths = [finding["locations"][0]["path"] for finding in found]
        assert paths == [
            [{"value": "Statement"}, {"key": "Principle"}],
            [{"value": "Statement"}, {"value": "Principle"}],
        ]

    def test_pointers_are_unescaped(self) -> None:
        [found] = self.report([finding(pointer="/Condition/aws:RequestTag~1a~0b", related=())])[
            "findings"
        ]
        assert found["locations"][0]["path"][1] == {"value": "aws:RequestTag/a~b"}

    @pytest.mark.parametrize(
        ("code", "type_", "anchor"),
        [
            ("INVALID_ACTION", "ERROR", "error-invalid-action"),
            ("MISSING_VERSION", "WARNING", "general-warning-missing-version"),
            (
                "PASS_ROLE_WITH_STAR_IN_RESOURCE",
                "SECURITY_WARNING",
                "security-warning-pass-role-with-star-in-resource",
            ),
            ("EMPTY_SID_VALUE", "SUGGESTION", "suggestion-empty-sid-value"),
        ],
    )
    def test_types_and_links_are_those_of_aws(self, code: str, type_: str, anchor: str) -> None:
        [found] = access_analyzer.answers([finding(issue_codes=(code,))])
        assert found["findingType"] == type_
        assert found["learnMoreLink"].endswith(f"#access-analyzer-reference-policy-checks-{anchor}")

    def test_codes_of_the_rules_are_of_a_known_form(self) -> None:
        for rule in rules().values():
            for code in rule.access_analyzer:
                assert code.replace("_", "").isalnum()
                assert code.isupper()

    def test_findings_of_ours_alone_are_left_out_and_counted(self) -> None:
        reporter = access_analyzer.Reporter(ReportOptions(many=False))
        list(reporter.file(report_of(finding(issue_codes=()), finding())))
        [part] = reporter.end(Summary())
        assert len(json.loads(part)["findings"]) == 1
        remarks = "".join(reporter.remarks(Summary()))
        assert remarks.startswith("1 finding without an issue code left out\n")

    def test_each_code_of_a_finding_is_an_answer(self) -> None:
        codes = ("REDUNDANT_ACTION", "REDUNDANT_RESOURCE")
        found = self.report([finding(issue_codes=codes)])["findings"]
        assert [answer["issueCode"] for answer in found] == list(codes)

    def test_each_place_that_is_alike_is_an_answer(self) -> None:
        alike = Related(span('"s3:GetObject"'), "/Statement/Action/1", "and this", alike=True)
        other = Related(span('"*"'), "/Statement/Principle", "of this")
        found = self.report([finding(related=(alike, other))])["findings"]
        paths = [[place["path"][1]["value"] for place in answer["locations"]] for answer in found]
        assert paths == [["Principle", "Action"], ["Principle", "Action"]]
        assert found[0]["locations"][1]["path"][2] == {"index": 0}
        assert found[1]["locations"][1]["path"][2] == {"index": 1}

    def test_two_rules_with_one_code_at_one_place_are_one_answer(self) -> None:
        codes = ("REDUNDANT_RESOURCE",)
        found = self.report(
            [
                finding(
                    rule=rule, issue_codes=codes, related=(Related(Span(at, at + 1), pointer, ""),)
                )
                for rule, at, pointer in (
                    ("redundant-resource", 1, "/Statement/0/Resource/1"),
                    ("redundant-resource-part", 3, "/Statement/0/Resource/2"),
                )
            ]
        )["findings"]
        assert [len(answer["locations"]) for answer in found] == [3]

    def test_locations_are_in_the_order_of_aws(self) -> None:
        places = {
            "/Statement/0/Condition/StringEquals/aws:ResourceTag~1a": 0,
            "/Statement/0/Resource": 10,
            "/Statement/0/Action/1": 30,
            "/Statement/0/Action/0": 20,
        }
        (pointer, at), *others = places.items()
        related = tuple(Related(Span(start, start + 1), place, "") for place, start in others)
        [found] = self.report([finding(span=Span(at, at + 1), pointer=pointer, related=related)])[
            "findings"
        ]
        offsets = [location["span"]["start"]["offset"] for location in found["locations"]]
        assert offsets == [20, 30, 10, 0]

    def test_a_role_that_is_passed_has_places_in_its_statement_only(self) -> None:
        own = Related(Span(1, 2), "/Statement/0/Resource", "")
        denial = Related(Span(2, 3), "/Statement/1/Action", "less what is denied here")
        for code, places in (
            ("PASS_ROLE_WITH_STAR_IN_RESOURCE", 2),
            ("REDUNDANT_STATEMENT", 3),
        ):
            [found] = self.report(
                [finding(issue_codes=(code,), pointer="/Statement/0/Action", related=(own, denial))]
            )["findings"]
            assert len(found["locations"]) == places

    def test_a_finding_about_the_whole_policy_is_at_all_of_it(self) -> None:
        [found] = self.report([finding(whole=Span(0, len(TEXT)))])["findings"]
        [location] = found["locations"]
        assert location["path"] == []
        assert location["span"]["end"]["offset"] == len(TEXT)

    def test_rules_that_are_off_by_default_answer_as_well(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        provider = "token.actions.githubusercontent.com"
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{provider}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{provider}:aud": "sts.amazonaws.com",
                    f"{provider}:sub": "repo:example/shop:ref:refs/heads/main",
                }
            },
        }
        policy = tmp_path / "policy.json"
        policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        format_ = "--format=access-analyzer"
        for options, codes in (
            ([format_], ["CONFIRM_AUDIENCE_CLAIM_TYPE"]),
            (["--select=access-analyzer", format_], ["CONFIRM_AUDIENCE_CLAIM_TYPE"]),
            (["--select=missing-version", format_], []),
        ):
            assert main([str(policy), "--no-config", *options]) == bool(codes)
            answer = json.loads(capsys.readouterr().out)
            assert [found["issueCode"] for found in answer["findings"]] == codes
        copy = tmp_path / "answer.json"
        assert main([str(policy), "--no-config", f"--output=access-analyzer={copy}"]) == 1
        assert "CONFIRM_AUDIENCE_CLAIM_TYPE" in copy.read_text(encoding="utf-8")

    def test_every_rule_with_a_code_that_is_not_disputed_has_the_topic(self) -> None:
        without = [rule.id for rule in rules().values() if ACCESS_ANALYZER not in rule.topics]
        coded = {rule.id for rule in rules().values() if rule.access_analyzer}
        assert coded.intersection(without) == {"scp-action-wildcard"}

    def test_several_files_are_a_list(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name in ("a.json", "b.json"):
            (tmp_path / name).write_text(TEXT, encoding="utf-8")
        options = ["--format=access-analyzer", "--select=redundant-action"]
        first, second = str(tmp_path / "a.json"), str(tmp_path / "b.json")
        assert main([first, *options]) == 1
        captured = capsys.readouterr()
        alone = json.loads(captured.out)
        assert list(alone) == ["findings"]
        assert captured.err == "1 suggestion in 1 policy of 1 file; 1 fixable with --fix.\n"
        for files in ([first, second], [str(tmp_path)]):
            assert main([*files, *options]) == 1
            answers = json.loads(capsys.readouterr().out)
            assert [answer["path"] for answer in answers] == [first, second]
            assert answers[0]["findings"] == alone["findings"]

    def test_nothing_found_is_an_answer_too(self) -> None:
        assert self.report([]) == {"findings": []}
        assert self.report([], many=True) == [{"path": "policy.json", "findings": []}]
