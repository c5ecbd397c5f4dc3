"""JSON for programs, by its schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.report_samples import TEXT, finding, nasty, report_of, written

from multitool_lint.cli import main
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import DIRECTORY, page_url
from multitool_lint.linter.report import Suppressed
from multitool_lint.reporters import json as json_
from multitool_lint.reporters import json as json_reporter
from multitool_lint.reporters.summary import Summary


def read(reporter: json_.Reporter, findings: list[Finding]) -> Any:  # noqa: ANN401 - it is JSON
    summary = Summary()
    summary.add_file(report_of(*findings))
    parts = [*reporter.file(report_of(*findings)), *reporter.end(summary)]
    return json.loads("".join(parts))


def schema() -> Any:  # noqa: ANN401 - it is JSON
    return json.loads((Path(DIRECTORY) / "schemas" / "output.json").read_text(encoding="utf-8"))


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

        summary = Summary()
        summary.errors.append(("caf\udce9.json", "é"))
        [part] = json_.Reporter().end(summary)
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
