"""What the HTML report says: the numbers of its matrices, who may do what, and how it says it."""

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.interop import interop

from multitool_lint.api.lint import read_settings
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.engines.policy_sentry import corrections
from multitool_lint.formats import read_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Suppressed
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.html.policies import Described, describe
from multitool_lint.reporters.html.reporter import Reporter
from multitool_lint.reporters.summary import ReportOptions, Summary
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "multitool_lint/aws/catalog/data/services"
LETTERS = {"List": "L", "Read": "R", "Tagging": "T", "Write": "W", "Permissions management": "P"}


def described(*statements: dict[str, object], type: PolicyType | None = None) -> Described:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)
    return describe(read_source(Source("p.json", document), type=type).json_policies[0], bundled())


def allow(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def page(text: str, path: str = "p.json", *, suppress: bool = False) -> str:
    report = lint_with_settings(Source(path, text), read_settings().of(path))
    if suppress:
        suppressed = tuple(Suppressed(finding, "baseline", "") for finding in report.findings)
        report = report._replace(findings=(), suppressed=suppressed)
    reporter, summary = Reporter(ReportOptions(version="1.2.3")), Summary()
    summary.add_file(report)
    return "".join([*reporter.file(report), *reporter.end(summary)])


def parsed(text: str) -> Any:  # noqa: ANN401 - an element
    """The page as an HTML parser reads it that accepts no mistake."""
    return interop("html5lib").HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def levels_of(service: str) -> dict[str, str]:
    """The current actions of a service with the letters of their levels.

    They are those of its file, or the one of policy-sentry, which is the stronger one for these.
    """
    lines = bundled().text_of(service).splitlines()
    current = lines[lines.index("[actions]") + 1 : lines.index("[retired]")]
    letters = {line.split("\t")[0]: [*line.split("\t"), ""][1] for line in current}
    raised = {
        name
        for name, level in corrections().get(service, {}).items()
        if level == "Permissions management"
    }
    return {
        name: "P" if name.lower() in raised and "P" not in written else written
        for name, written in letters.items()
    }


def test_the_numbers_of_the_matrix_are_those_of_a_count_by_hand() -> None:
    text = (ROOT / "fixtures/multitool.json").read_text(encoding="utf-8")
    (statement,) = json.loads(text)["Statement"]
    patterns = [action.lower().split(":") for action in statement["Action"]]
    expected = {}
    for service in {prefix for prefix, _ in patterns}:
        levels = levels_of(service)
        wanted = [name for prefix, name in patterns if prefix == service]
        granted = {a for a in levels if any(fnmatchcase(a.lower(), pattern) for pattern in wanted)}
        expected[service] = [
            (
                sum(letter in levels[name] for name in granted),
                sum(letter in letters for letters in levels.values()),
            )
            for letter in LETTERS.values()
        ]
    tree = parsed(page(text))
    table = tree.find(".//table[@class='matrix']")
    assert [th.text for th in table.findall("./thead//th")] == ["Service", *LETTERS]
    shown = {}
    for row in table.findall("./tbody/tr"):
        code = row.find("./th/code")
        if code is not None:
            numbers = ["".join(cell.itertext()) for cell in row.findall("./td")]
            shown[code.text] = [
                tuple(map(int, number.split(" of "))) if number != "\N{EN DASH}" else (0, 0)
                for number in numbers
            ]
    assert shown == expected
    assert len(expected) == 4


def test_the_names_are_those_that_the_numbers_count() -> None:
    policy = described(
        allow("s3:*"),
        deny("s3:Put*"),
        deny("s3:Get*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
    )
    (counted,) = policy.counted
    assert counted.matrix
    (row,) = counted.matrix.rows
    names = {name for group in row.groups for name in group.names}
    assert names == {name for name in levels_of("s3") if not name.startswith("Put")}
    assert row.number == len(names) == counted.matrix.number
    gets = sum(name.startswith("Get") for name in levels_of("s3"))
    assert [why for _, why in counted.notes] == [
        f"denies {gets} actions in part, which the matrix counts as granted"
    ]


def test_every_action_is_shown_with_what_limits_it() -> None:
    (counted,) = described(
        allow("s3:GetObject"),
        allow("s3:PutObject", "s3:GetObject", "s3:GetObjectAcl", resource="arn:aws:s3:::a/*"),
        allow("s3:PutObject", "s3:ListBucket", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        allow(
            "s3:DeleteObject",
            resource="arn:aws:s3:::a/*",
            Condition={"Bool": {"aws:SecureTransport": "true"}},
        ),
    ).counted
    assert counted.matrix
    (row,) = counted.matrix.rows
    assert {name: group.label for group in row.groups for name in group.names} == {
        "GetObject": "without limits",
        "GetObjectAcl": "limited by Resource",
        "PutObject": "limited by Resource, elsewhere by conditions",
        "ListBucket": "with conditions",
        "DeleteObject": "with conditions, limited by Resource",
    }


def test_what_is_not_known_is_said() -> None:
    (counted,) = described(
        allow("s3:GetObject", "${var.more}", "nosuch:Action"),
        {"Effect": "${effect}", "Action": "s3:*", "Resource": "*"},
    ).counted
    notes = " / ".join(why for _, why in counted.notes)
    assert "an action is unresolved: these actions are not counted" in notes
    assert "no such action in the catalog: nosuch:Action" in notes
    assert "the effect is not known" in notes
    unknown = described(allow("s3:*"), deny("${var.more}"))
    assert unknown.counted[0].matrix is None
    assert "may deny everything" in unknown.counted[0].notes[0][1]


def test_full_access_is_shown_in_a_sentence_and_not_in_twenty_thousand_names() -> None:
    policy = described(allow("*"))
    assert (policy.full, policy.abilities, policy.ways) == (True, (), ())
    (counted,) = policy.counted
    assert counted.matrix
    assert counted.matrix.rows == ()
    assert counted.matrix.number == counted.matrix.whole_number == len(bundled().all_actions())
    assert len(page(json.dumps({"Version": "2012-10-17", "Statement": allow("*")}))) < 80_000


def test_a_control_policy_is_shown_by_what_it_denies() -> None:
    scp = described(allow("*"), deny("s3:*", "ec2:RunInstances"), type=PolicyType.SCP)
    (counted,) = scp.counted
    assert (counted.title, counted.matrix and counted.matrix.number) == (
        "What it denies",
        len(levels_of("s3")) + 1,
    )
    assert [row.effect for row in scp.rows] == ["Allow", "Deny"]
    rcp = described({**deny("*"), "Principal": "*"}, type=PolicyType.RCP)
    services = (SERVICES.parent / "rcp_services.tsv").read_text(encoding="utf-8").splitlines()
    assert rcp.counted[0].matrix
    assert rcp.counted[0].matrix.services == len(
        [line for line in services if line[:1] not in ("#", "")]
    )


def test_a_resource_policy_is_shown_by_who_may_do_what() -> None:
    org = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    policy = described(
        {**allow("s3:GetObject"), "Principal": "*"},
        {**allow("s3:GetObject", Condition=org), "Principal": "*"},
        {
            **allow("s3:Put*"),
            "Principal": {"AWS": "arn:aws:iam::123456789012:root", "Service": "ec2.amazonaws.com"},
        },
        {**deny("s3:*"), "NotPrincipal": {"AWS": "123456789012"}},
    )
    assert [(row.who, row.is_open) for row in policy.rows] == [
        (("*",), False),  # the last statement denies it to most
        (("*",), False),
        (("AWS arn:aws:iam::123456789012:root", "Service ec2.amazonaws.com"), False),
        (("all but AWS 123456789012",), False),
    ]
    assert policy.rows[1].conditions == ("StringEquals aws:PrincipalOrgID: o-1",)
    alone = described({**allow("s3:GetObject"), "Principal": {"AWS": "*"}})
    assert (alone.rows[0].open_to, alone.rows[0].is_open) == (
        "everyone, and nothing restricts who",
        True,
    )


def test_the_paths_lead_to_the_lines_of_their_steps() -> None:
    policy = described(
        allow("iam:PassRole"), allow("lambda:CreateFunction", "lambda:InvokeFunction")
    )
    (way,) = policy.ways
    assert (way.id, way.url) == ("lambda-001", "https://pathfinding.cloud/paths/lambda-001")
    assert [(step.action, step.line) for step in way.steps] == [
        ("iam:PassRole", 7),
        ("lambda:CreateFunction", 14),
        ("lambda:InvokeFunction", 15),
    ]
    assert [ability.title for ability in policy.abilities] == ["Passes roles to services"]
    assert policy.abilities[0].why == "any role to any service"


@pytest.mark.exhaustive
def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.html"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "multitool_lint",
                "fixtures",
                "--format",
                "html",
                "--output",
                path,
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0].startswith(b"<!doctype html>")


def statement(**members: str) -> str:
    return json.dumps({"Statement": members}, ensure_ascii=False)


EDGES = {
    "empty": '{"Statement": []}',
    "broken": '{"Statement": [{"Effect": "Allow"',
    "byte order mark": "\ufeff{\r\n" + json.dumps({"Statement": allow("s3:*", "s3:Get*")})[1:],
    "controls": statement(Effect="Allow", Action="\u009b\u202e\x7f", Resource="*"),
    "markup": statement(Sid="]]>--><!--<script>", Effect="<b", Action="&amp;&lt;&nosuch;"),
    "long line": json.dumps({"Statement": [allow(*["s3:*", "s3:Get*"] * 400)] * 3}),
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name, marks=[pytest.mark.slow] * (name == "long line"))
        for name, text in EDGES.items()
    ],
)
@pytest.mark.parametrize("suppress", [False, True])
def test_the_page_is_html_without_a_mistake(text: str, *, suppress: bool) -> None:
    tree = parsed(page(text, 'odd "name" <&>.json', suppress=suppress))
    headings = [
        int(element.tag[1]) for element in tree.iter() if re.fullmatch("h[1-6]", str(element.tag))
    ]
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert tree.get("lang") == "en"


def test_the_fixture_of_markdown_is_html_without_a_mistake_and_shows_its_policy() -> None:
    text = (ROOT / "fixtures/multitool.md").read_text(encoding="utf-8")
    tree = parsed(page(text, "multitool.md"))
    lines = {}
    for listed in tree.iter("ol"):
        if listed.get("class") == "s":
            for number, line in enumerate(listed.findall("li"), int(listed.get("start", "1"))):
                own = "".join(
                    [
                        line.text or "",
                        *("".join(m.itertext()) + (m.tail or "") for m in line.findall("mark")),
                    ]
                )
                lines[number] = own.rstrip("\n")
    assert [lines[number] for number in sorted(lines)] == text.splitlines()


def test_a_fix_is_shown_as_the_lines_that_it_changes() -> None:
    document = {"Version": "2012-10-17", "Statement": allow("s3:*", "s3:Get*")}
    text = json.dumps(document, indent=1)
    tree = parsed(page(text))
    [manual] = (element for element in tree.iter("details") if element.get("class") == "fix")
    assert [element.text for element in manual.iter("del")] == ['-    "s3:*",', '-    "s3:Get*"']
    assert [element.text for element in manual.iter("ins")] == ['+    "s3:*"']


def test_a_huge_file_makes_no_huge_page() -> None:
    # Longer than any policy, and mostly without findings.
    filler = "\n" * 50_000
    text = (
        '{"Version": "2012-10-17",'
        + filler
        + '"Statement": '
        + json.dumps(allow("s3:*", "s3:Get*"))
        + "}"
    )
    result = page(text)
    assert len(result) < 200_000
    assert "without findings are left out" in result
