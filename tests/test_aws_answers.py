"""Our findings are those of AWS for its managed policies, but for what is named."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.benchmark import benchmark

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT.parent / "shared" / "access-analyzer" / "real-answers.jsonl.gz"
MEASURED = re.compile(r"(?<=<!-- measured: begin -->\n).*?(?=<!-- measured: end -->)", re.DOTALL)


@pytest.fixture(scope="module")
def aws_answers() -> ModuleType:
    return benchmark("aws_answers")


@pytest.fixture(scope="module")
def answers(aws_answers: ModuleType) -> list[Any]:
    if not ANSWERS.exists():
        pytest.skip("AWS's answers are not here")
    return [aws_answers.compare(entry) for entry in aws_answers.read(ANSWERS)]


def test_the_page_shows_what_is_measured(
    aws_answers: ModuleType,
    answers: list[Any],
    update: bool,  # noqa: FBT001 - a fixture
) -> None:
    page = aws_answers.PAGE.read_text(encoding="utf-8")
    not_validated, _ = aws_answers.named()
    lines = "\n".join(aws_answers.report(answers, not_validated))
    shown = MEASURED.sub(lambda _: f"\n{lines}\n\n", page)
    if update:
        aws_answers.PAGE.write_text(shown, encoding="utf-8")
    assert shown == aws_answers.PAGE.read_text(encoding="utf-8")


def test_there_is_no_difference_without_a_name(aws_answers: ModuleType, answers: list[Any]) -> None:
    not_validated, reasons = aws_answers.named()
    differences = [
        difference
        for difference in aws_answers.differences(answers)
        if difference.policy not in not_validated
    ]
    found = {(found.policy, found.code, found.whose) for found in differences}
    assert found == set(reasons)
    assert not list(aws_answers.other_places(answers))


def test_what_was_not_validated_has_no_findings(
    aws_answers: ModuleType, answers: list[Any]
) -> None:
    not_validated, _ = aws_answers.named()
    assert not [answer for answer in answers if answer.aws and answer.name in not_validated]
    assert not_validated.keys() & {answer.name for answer in answers}


def test_recall_precision_and_places(aws_answers: ModuleType, answers: list[Any]) -> None:
    not_validated, _ = aws_answers.named()
    validated = [answer for answer in answers if answer.name not in not_validated]
    *_, total = aws_answers.table(validated)
    shares = [float(share) for share in re.findall(r"([\d.]+)%", total)]
    assert [share >= least for share, least in zip(shares, (96, 95, 90), strict=True)] == [True] * 3


def test_a_difference_has_its_places(
    aws_answers: ModuleType, run_format: Callable[[str], list[Any]]
) -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
        '"Action": ["s3:GetObjekt", "s3:PutObject", "s3:PutObject"], "Resource": "*"}]}'
    )
    found = run_format(text)
    assert [finding["issueCode"] for finding in found] == ["INVALID_ACTION", "REDUNDANT_ACTION"]
    invalid, _ = found
    entry = {"name": "mine", "date": "2026-01-01", "policy_text": text}
    moved = {**invalid, "locations": invalid["locations"] * 2}
    for theirs, differences, places in (
        (found, [], 0),
        ([invalid], [("REDUNDANT_ACTION", "only ours")], 0),
        ([*found, {**invalid, "issueCode": "X"}], [("X", "only AWS")], 0),
        ([moved, found[1]], [], 2),
    ):
        answer = aws_answers.compare({**entry, "findings": theirs})
        listed = [
            (difference.code, difference.whose) for difference in aws_answers.differences([answer])
        ]
        assert listed == differences
        assert len(list(aws_answers.other_places([answer]))) == places


@pytest.fixture
def run_format(tmp_path: Path, run: Callable[..., Any]) -> Callable[[str], list[Any]]:
    """The answer of `--format access-analyzer` for a policy."""

    def findings(text: str) -> list[Any]:
        path = tmp_path / "policy.json"
        path.write_text(text, encoding="utf-8")
        result = run(str(path), "--no-config", "--format=access-analyzer")
        answered: list[Any] = json.loads(result.stdout)["findings"]
        return answered

    return findings
