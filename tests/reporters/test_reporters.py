"""What comes out: text for people, JSON for programs, and what AWS would have answered."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.model import ServiceModel  # type: ignore[import-untyped]
from botocore.validate import ParamValidator  # type: ignore[import-untyped]
from support.report_samples import TEXT, finding, nasty, report_of, span, written

from multitool_lint import lint
from multitool_lint.cli import main
from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
from multitool_lint.diagnostics.rule import ACCESS_ANALYZER, DIRECTORY, Severity, page_url, rules
from multitool_lint.linter.report import Suppressed
from multitool_lint.reporters import access_analyzer, text
from multitool_lint.reporters import json as json_
from multitool_lint.reporters import json as json_reporter
from multitool_lint.reporters.summary import Summary
from multitool_lint.syntax.source import Source, Span


def closing(findings: list[Finding], **changes: Any) -> str:  # noqa: ANN401 - as above
    summary = Summary(**changes)
    summary.add_file(report_of(*findings))
    return text.closing(summary)


class TestText:
    def test_a_finding(self) -> None:
        assert text.render(finding()) == (
            "suggestion[redundant-action]: one covers the other\n"
            " --> policy.json:5:16\n"
            "  |\n"
            '5 |     "Action": ["s3:Get*", "s3:GetObject"]\n'
            "  |                ^^^^^^^^^ covers more\n"
            "  |                           -------------- covered\n"
            "  |\n"
            "  = note: it grants 178 others\n"
            "  = help: run: multitool-lint fix policy.json\n"
            "  = fix (safe): drop it\n"
            "  = docs: multitool-lint explain redundant-action"
        )

    def test_colour_changes_no_character(self) -> None:
        import re

        coloured = text.render(finding(), colour=True)
        assert coloured.startswith("\033[1;36msuggestion[redundant-action]\033[0m")
        assert re.sub(r"\033\[[\d;]*m", "", coloured) == text.render(finding())

    def test_what_a_file_says_cannot_steer_the_terminal(self) -> None:
        evil = "\033[2Jé\u202e\ud800\x9b"
        shown = text.render(
            finding(
                source=Source(f"{evil}.json", TEXT.replace("Principle", evil)),
                span=Span(span('"Principle"').start, span('"Principle"').end),
                title=evil,
                related=(Related(span('"s3:Get'), "", evil),),
                fixes=(Fix(evil, (), Safety.UNSAFE),),
            )
        )
        assert all(line.isprintable() for line in shown.splitlines())
        assert "é" in shown

    def test_carets_stand_below_wide_characters(self) -> None:
        source = Source("policy.json", '{"名前": "e\u0301", "a": "値段"}')
        shown = text.render(finding(source=source, span=span('"値段"', source.text), related=()))
        excerpt, carets = shown.splitlines()[3:5]
        before = excerpt.index('"値段"')
        # Two wide characters before it take a column more each, the combining one takes none.
        assert carets.index("^") == before + 2 - 1
        assert carets.count("^") == len('"値段"') + 2

    def test_a_long_line_is_cut_around_the_place(self) -> None:
        source = Source("policy.json", '{"a": "' + "x" * 10_000 + '", "b": 1}')
        shown = text.render(finding(source=source, span=span('"b"', source.text), related=()))
        excerpt, carets = shown.splitlines()[3:5]
        assert len(excerpt) <= 120
        at = carets.index("^")
        assert excerpt[at : at + 3] == '"b"'
        assert carets.count("^") == 3

    def test_many_related_places_are_counted(self) -> None:
        related = (Related(span('"Action"'), "", "here"),) * 9
        lines = text.render(finding(related=related)).splitlines()
        assert lines.count("  |     -------- here") == 1
        assert "  = note: 4 more related locations not shown" in lines

    @pytest.mark.parametrize(
        ("findings", "changes", "line"),
        [
            ([], {}, "Checked 1 file, 1 policy: no findings."),
            ([finding(fixes=())], {}, "Checked 1 file, 1 policy: 1 suggestion."),
            (
                [finding(), finding(severity=Severity.ERROR), finding(severity=Severity.SECURITY)],
                {"files": 1, "policies": 2},
                (
                    "Checked 2 files, 3 policies: 1 error, 1 security, 1 suggestion; "
                    "3 fixable with --fix."
                ),
            ),
            (
                [finding(severity=Severity.WARNING, fixes=(Fix("", (), Safety.UNSAFE),))] * 2,
                {"fixed": 4},
                (
                    "Checked 1 file, 1 policy: 2 warnings; 4 fixed; "
                    "2 fixable with --fix --unsafe-fixes."
                ),
            ),
            ([], {"suppressed": 3}, "Checked 1 file, 1 policy: no findings; 3 suppressed."),
            (
                [finding()],
                {"suppressed": 1, "fixed": 2},
                (
                    "Checked 1 file, 1 policy: 1 suggestion; 1 suppressed; 2 fixed; "
                    "1 fixable with --fix."
                ),
            ),
            (
                [],
                {
                    "skipped": {"no policy": 12, "broken symbolic link": 1},
                    "skipped_blocks": {"not JSON": 2},
                    "errors": [("a", "b")],
                },
                (
                    "Checked 1 file, 1 policy (1 file could not be linted; 1 file skipped: broken "
                    "symbolic link; 12 files skipped: no policy; 2 blocks skipped: not JSON): "
                    "no findings."
                ),
            ),
        ],
    )
    def test_the_closing_line(
        self, findings: list[Finding], changes: dict[str, Any], line: str
    ) -> None:
        assert closing(findings, **changes) == line


def read(reporter: json_.Reporter, findings: list[Finding]) -> Any:  # noqa: ANN401 - it is JSON
    summary = Summary()
    summary.add_file(report_of(*findings))
    parts = [*reporter.file(report_of(*findings)), *reporter.end(summary)]
    return json.loads("".join(parts))


def schema() -> Any:  # noqa: ANN401 - it is JSON
    return json.loads((DIRECTORY / "schemas" / "output.json").read_text(encoding="utf-8"))


class TestJson:
    def test_the_schema_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_a_finding(self) -> None:
        report = read(json_.Reporter(), [finding()])
        jsonschema.validate(report, schema())
        assert report["version"] == 1
        [found] = report["findings"]
        assert found == {
            "rule": "redundant-action",
            "severity": "suggestion",
            "issue_code": "REDUNDANT_ACTION",
            "issue_codes": ["REDUNDANT_ACTION"],
            "title": "one covers the other",
            "label": "covers more",
            "notes": ["it grants 178 others"],
            "help": "run: multitool-lint fix policy.json",
            "docs": page_url("redundant-action"),
            "fingerprint": None,
            "confirmed_by": [],
            "path": "policy.json",
            "policy": {"name": None, "type": "identity"},
            "pointer": "/Statement/Action/0",
            "start": {"line": 5, "column": 16, "offset": 83},
            "end": {"line": 5, "column": 25, "offset": 92},
            "related": [
                {
                    "label": "covered",
                    "pointer": "/Statement/Action/1",
                    "start": {"line": 5, "column": 27, "offset": 94},
                    "end": {"line": 5, "column": 41, "offset": 108},
                }
            ],
            "fixes": [
                {
                    "title": "drop it",
                    "safety": "safe",
                    "edits": [
                        {
                            "start": {"line": 5, "column": 25, "offset": 92},
                            "end": {"line": 5, "column": 41, "offset": 108},
                            "text": "",
                        }
                    ],
                }
            ],
        }

    def test_suppressed_findings_are_in_a_list_of_their_own(self) -> None:
        suppressed = (
            Suppressed(finding(fingerprint="f00"), "baseline", ""),
            Suppressed(nasty(), "comment", "a test"),
        )
        report = json.loads(written(json_.Reporter(), report_of(finding(), suppressed=suppressed)))
        jsonschema.validate(report, schema())
        assert len(report["findings"]) == 1
        assert "suppressed" not in report["findings"][0]
        assert report["summary"]["suppressed"] == 2
        assert report["summary"]["findings"]["suggestion"] == 1
        first, second = report["suppressed"]
        assert first["fingerprint"] == "f00"
        assert first["suppressed"] == {"by": "baseline", "reason": ""}
        assert second["suppressed"] == {"by": "comment", "reason": "a test"}

    def test_the_schema_takes_what_earlier_versions_printed(self) -> None:
        report = read(json_.Reporter(), [finding()])
        del report["suppressed"], report["summary"]["suppressed"]
        del report["findings"][0]["fingerprint"]
        jsonschema.validate(report, schema())
        report["findings"][0]["other"] = 1
        with pytest.raises(jsonschema.ValidationError, match="other"):
            jsonschema.validate(report, schema())

    def test_edits_apply_to_the_file(self) -> None:
        [found] = read(json_.Reporter(), [finding()])["findings"]
        [edit] = found["fixes"][0]["edits"]
        after = TEXT[: edit["start"]["offset"]] + edit["text"] + TEXT[edit["end"]["offset"] :]
        assert json.loads(after)["Statement"]["Action"] == ["s3:Get*"]

    def test_runs_of_the_command_follow_the_schema(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        contents: dict[str, str | bytes] = {
            "clean.json": '{"Version": "2012-10-17", "Statement": []}',
            "policy.json": TEXT,
            "broken.json": TEXT.replace("]", ""),
            "page.md": f"```json\n{TEXT}```\n\n```json\n{{}}\n```\n\n```json\n{TEXT}```\n",
            "package.json": "{}",
            "utf-16.json": TEXT.encode("utf-16"),
        }
        for name, content in contents.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        assert main([str(tmp_path), "--format", "json"]) == 2
        report = json.loads(capsys.readouterr().out)
        jsonschema.validate(report, schema())
        assert report["summary"]["files"] == 4
        assert report["summary"]["skipped"] == [{"reason": "no policy", "files": 1}]
        assert report["summary"]["skipped_blocks"][0]["blocks"] == 1
        assert [Path(error["path"]).name for error in report["summary"]["errors"]] == [
            "utf-16.json"
        ]
        names = {found["policy"]["name"] for found in report["findings"]}
        assert {"policy 1", "policy 2", None} <= names

    def test_half_a_surrogate_pair_becomes_text_that_strict_readers_accept(
        self,
        capsysbinary: Any,  # noqa: ANN401
    ) -> None:
        from multitool_lint.cli.output import streams

        [part] = json_.Reporter().end(Summary(errors=[("caf\udce9.json", "é")]))
        streams.out_utf8(part)
        out = capsysbinary.readouterr().out
        assert b"caf\\\\udce9.json" in out
        assert "é".encode() in out
        assert json.loads(out)["summary"]["errors"][0]["path"] == r"caf\udce9.json"


class TestJsonLines:
    def test_a_line_is_a_finding_as_json_has_it(self) -> None:
        suppressed = (Suppressed(finding(), "comment", "a test"),)
        reports = [report_of(finding(), nasty(), suppressed=suppressed), report_of(finding())]
        text_ = written(json_reporter.LinesReporter(), *reports, errors=(("a.json", "unreadable"),))
        rows = [json.loads(line) for line in text_.removesuffix("\n").split("\n")]
        assert rows == json.loads(written(json_.Reporter(), *reports))["findings"]
        line = {"$ref": "#/$defs/finding", "unevaluatedProperties": False}
        validator = jsonschema.Draft202012Validator({**line, "$defs": schema()["$defs"]})
        for row in rows:
            validator.validate(row)

    def test_nothing_found_is_nothing(self) -> None:
        assert written(json_reporter.LinesReporter(), report_of()) == ""


class TestLines:
    def test_a_finding_is_a_line(self) -> None:
        assert written(text.LinesReporter(colour=False), report_of(finding(), finding())) == (
            "policy.json:5:16: suggestion[redundant-action] one covers the other\n"
            "policy.json:5:16: suggestion[redundant-action] one covers the other\n"
            "Checked 1 file, 1 policy: 2 suggestions; 2 fixable with --fix.\n"
        )

    def test_whatever_a_file_says_it_is_one_line(self) -> None:
        shown = written(text.LinesReporter(colour=False), report_of(nasty())).splitlines()
        assert len(shown) == 2
        assert all(line.isprintable() for line in shown)


class TestAccessAnalyzer:
    def report(self, findings: list[Finding], *, many: bool = False) -> Any:  # noqa: ANN401
        reporter = access_analyzer.Reporter(many=many)
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

    def test_a_key_is_told_from_its_value(self) -> None:
        key = finding(span=span('"Principle"'), pointer="/Statement/Principle", related=())
        value = finding(span=span('"*"'), pointer="/Statement/Principle", related=())
        found = self.report([key, value])["findings"]
        paths = [each["locations"][0]["path"] for each in found]
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
        [found] = access_analyzer.answers(finding(issue_codes=(code,)))
        assert found["findingType"] == type_
        assert found["learnMoreLink"].endswith(f"#access-analyzer-reference-policy-checks-{anchor}")

    def test_codes_of_the_rules_are_of_a_known_form(self) -> None:
        for rule in rules().values():
            for code in rule.access_analyzer:
                assert code.replace("_", "").isalnum()
                assert code.isupper()

    def test_findings_of_ours_alone_are_left_out_and_counted(self) -> None:
        reporter = access_analyzer.Reporter(many=False)
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
        assert captured.err == "Checked 1 file, 1 policy: 1 suggestion; 1 fixable with --fix.\n"
        for files in ([first, second], [str(tmp_path)]):
            assert main([*files, *options]) == 1
            answers = json.loads(capsys.readouterr().out)
            assert [answer["path"] for answer in answers] == [first, second]
            assert answers[0]["findings"] == alone["findings"]

    def test_nothing_found_is_an_answer_too(self) -> None:
        assert self.report([]) == {"findings": []}
        assert self.report([], many=True) == [{"path": "policy.json", "findings": []}]


def test_a_long_value_does_not_flood_the_terminal() -> None:
    (finding,) = lint(
        {"Statement": {"Effect": "Allow", "Action": "a" * 100_000, "Resource": "*"}},
        select=["unknown-action"],
    )
    shown = text.render(finding)
    assert len(shown) < 2_000
    assert "use the form service:action" in shown
