"""What was used, as AWS and other tools record it."""

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.usage import Tally, Usage, UsageError, read_file, read_stream
from multitool_lint.rewrite.usage.stream import Lines, StreamError, values
from multitool_lint.rewrite.usage.tally import action_names, authorising

CATALOG = bundled()


def record(source: str, name: str, **more: object) -> dict[str, object]:
    return {
        "eventType": "AwsApiCall",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventTime": "2026-03-01T12:00:00Z",
        **more,
    }


RECORDS = [
    record("lambda", "UpdateFunctionCode20150331v2"),
    record("cloudfront", "CreateDistribution2020_05_31"),
    record("monitoring", "GetMetricData"),
    record("email", "SendEmail"),
    record("apigateway", "GetRestApis"),
    record("s3", "CopyObject"),
    record("signin", "ConsoleLogin", eventType="AwsConsoleSignIn"),
    record("kms", "RotateKey", eventType="AwsServiceEvent"),
]
ACTIONS = {
    "apigateway:GET",
    "cloudfront:CreateDistribution",
    "cloudwatch:GetMetricData",
    "lambda:UpdateFunctionCode",
    "s3:GetObject",
    "s3:PutObject",
    "ses:SendEmail",
}


def read(data: str | bytes, **options: Any) -> Usage:  # noqa: ANN401 - those of Tally
    tally = Tally(**options)
    content = data if isinstance(data, bytes) else data.encode()
    read_stream("used", io.BytesIO(content), tally)
    return tally.usage(CATALOG)


def names(usage: Usage) -> set[str]:
    return set(CATALOG.names(usage.actions))


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"Records": RECORDS}),
        json.dumps({"Records": RECORDS}, indent=2),
        "\ufeff\n  " + json.dumps({"Records": RECORDS}),
        gzip.compress(json.dumps({"Records": RECORDS}).encode(), mtime=0),
        "".join(f"{json.dumps(record)}\n" for record in RECORDS),
        "".join(json.dumps({"Records": [record]}) for record in RECORDS),
        json.dumps(RECORDS),
        json.dumps({"Events": [{"CloudTrailEvent": json.dumps(record)} for record in RECORDS]}),
        json.dumps({"Other": 1, "Records": RECORDS}),
    ],
    ids=["one line", "lines", "mark", "gzip", "NDJSON", "concatenated", "list", "lookup", "other"],
)
def test_the_records_of_cloudtrail_in_every_form(data: str | bytes) -> None:
    usage = read(data)
    assert names(usage) == ACTIONS
    assert usage.from_events
    assert not usage.notes


def test_events_with_an_error_are_left_out_unless_they_are_asked_for() -> None:
    data = json.dumps({"Records": [record("sqs", "SendMessage", errorCode="AccessDenied")]})
    assert names(read(data)) == set()
    assert read(data).notes == ("1 event with an error left out",)
    assert names(read(data, include_errors=True)) == {"sqs:SendMessage"}


def test_what_is_not_recognised_is_reported_and_may_be_kept() -> None:
    odd = [record("madeup", f"Get{letter}20260101") for letter in "ABCDEFG"]
    usage = read(json.dumps({"Records": [*RECORDS, *odd, *odd]}))
    first = "madeup:GetA, madeup:GetB, madeup:GetC, madeup:GetD, madeup:GetE"
    assert usage.notes == (f"7 kinds of event were not recognised: {first} and 2 more",)
    assert "madeup:geta" in usage.names


def test_an_event_of_the_console_that_no_action_authorises_is_ignored() -> None:
    events_ = [
        record("billingconsole", "GetAccountPreferences", eventType="AwsConsoleAction"),
        record("sqs", "ListQueues", eventType="AwsConsoleAction"),
    ]
    usage = read(json.dumps({"Records": events_}))
    assert names(usage) == {"sqs:ListQueues"}
    assert not usage.notes


def test_every_action_is_known_by_its_own_event() -> None:
    for prefix in ("lambda", "s3", "iam", "dynamodb", "logs", "execute-api"):
        service = CATALOG.known(prefix)
        for action in service.actions[: service.current]:
            bare = action.name.partition(":")[2]
            for name in action_names(f"{prefix}.amazonaws.com.cn", f"{bare}20150331v2"):
                found = authorising(name, CATALOG)
            assert found == (action.name,)


def test_a_part_of_the_events_is_reported() -> None:
    text = json.dumps({"Events": [], "NextToken": "more"})
    assert read(text).notes == ("used contains only some of the events: it has a NextToken",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3:GetObject  # to read\n\n# all\nSQS:send*\n", {"s3:GetObject", "sqs:SendMessage"}),
        ('["s3:GetObject", "sqs:SendMessage"]', {"s3:GetObject", "sqs:SendMessage"}),
        ("s3:ListBuckets", {"s3:ListAllMyBuckets"}),
        ('"sqs:SendMessage"', {"sqs:SendMessage"}),
        (
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "*"},
                        {"Effect": "Allow", "Action": ["sqs:ListQueues"], "Resource": "*"},
                        {"Effect": "Deny", "Action": ["sqs:ListQueues"], "Resource": "*"},
                    ],
                },
                indent=4,
            ),
            {"sqs:SendMessage"},
        ),
    ],
)
def test_actions_in_lists_and_policies(text: str, expected: set[str]) -> None:
    usage = read(text)
    assert names(usage) == expected
    assert not usage.from_events
    assert not usage.notes


def test_an_action_that_there_is_not_is_reported() -> None:
    usage = read("s3:GetObjct\n")
    assert usage.notes == (
        's3:GetObjct is not an action in the catalog; did you mean "s3:GetObject"?',
    )
    assert usage.names == {"s3:getobjct"}


def test_what_iam_says_of_services_and_of_their_actions() -> None:
    moment = "2026-03-01T12:00:00+00:00"
    tracked = [
        {"ActionName": "SendMessage", "LastAccessedTime": moment},
        {"ActionName": "DeleteQueue"},
        {"ActionName": "CreateQueue", "LastAccessedTime": "2025-03-01T12:00:00+00:00"},
    ]
    services: list[dict[str, Any]] = [
        {"ServiceNamespace": "sqs", "LastAuthenticated": moment},
        {"ServiceNamespace": "sns", "LastAuthenticated": moment},
        {"ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0},
    ]
    services[0]["TrackedActionsLastAccessed"] = tracked
    text = json.dumps({"JobStatus": "COMPLETED", "ServicesLastAccessed": services})
    used = names(read(text, since="2026-01-01"))
    everything = set(CATALOG.names(CATALOG.match("sqs:*") | CATALOG.match("sns:*")))
    assert used == everything - {"sqs:DeleteQueue", "sqs:CreateQueue"}
    assert names(read(text)) == everything - {"sqs:DeleteQueue"}
    assert names(read(text, since="2026-03-02")) == set()


def test_events_before_a_date_do_not_count() -> None:
    text = json.dumps({"Records": RECORDS})
    assert names(read(text, since="2026-03-01")) == ACTIONS
    assert names(read(text, since="2026-03-02")) == set()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "used: empty"),
        (" \n", "used: empty"),
        (
            "s3:GetObject\nread it all\n",
            'used:2: "read it all" is not an action; expected a list of',
        ),
        ('{"Records": [\n{"eventName": }', "used:2: not readable as JSON: "),
        ('{"Records": [{}', "used:1: not readable as JSON: "),
        ('{"Records": []', "used:1: not readable as JSON: "),
        ('{"Records": [{"a": 1}]}', "used:1: not a list of actions, CloudTrail records"),
        ("[" * 100_000, "used:1: not readable: nested too deep"),
        (f"[{2**63}]", "used:1: not readable as JSON: parse error: integer overflow"),
        (f"[{'1' * 5000}]", "used:1: not readable as JSON: parse error: integer overflow"),
        ("[1]", "used:1: not a list of actions, CloudTrail records"),
        ('{"JobStatus": "IN_PROGRESS"}', "used:1: the job is not done: IN_PROGRESS"),
        ('{"IsTruncated": true, "ServicesLastAccessed": []}', "used:1: cut off (IsTruncated)"),
        ('{"Events": [{"CloudTrailEvent": "{"}]}', "used:1: CloudTrailEvent is not JSON"),
        ('{"Events": [{"CloudTrailEvent": "1"}]}', "used:1: CloudTrailEvent is not a record"),
        (b"s3:\xff", "used: not UTF-8: byte 0xff"),
        (b"\xff\xfes", "used: encoded in UTF-16; save it as UTF-8"),
        (b"\x1f\x8b\x08nonsense", "used: broken gzip"),
        (gzip.compress(b'{"Records": []}', mtime=0)[:-9], "used: broken gzip"),
    ],
)
def test_what_cannot_be_understood_is_reported_with_its_place(
    data: str | bytes, message: str
) -> None:
    with pytest.raises(UsageError) as error:
        read(data)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("start", "message"),
    [("", "used: empty"), ("[", "used:1: a value that is too large to be read")],
)
def test_a_file_of_blanks_is_not_read_to_its_end(start: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(start.encode() + b" " * 2**26)


def test_a_folder_is_read_with_all_that_is_in_it(tmp_path: Path) -> None:
    day = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail" / "us-east-1" / "2026"
    day.mkdir(parents=True)
    for at, record in enumerate(RECORDS):
        packed = gzip.compress(json.dumps({"Records": [record]}).encode())
        (day / f"{at}.json.gz").write_bytes(packed)
    (day / "digest.json").write_text('{"digestS3Object": "x", "logFiles": []}')
    (day / "README.md").write_text("nothing")
    (tmp_path / "more.txt").write_text("sqs:SendMessage")
    tally = Tally()
    read_file(str(tmp_path), tally)
    assert names(tally.usage(CATALOG)) == {*ACTIONS, "sqs:SendMessage"}
    (day / "broken.json").write_text("{")
    with pytest.raises(UsageError, match=r"broken\.json:1: not readable as JSON"):
        read_file(str(tmp_path), Tally())


def test_paths_that_are_not_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing: no such file or directory"):
        read_file(str(tmp_path / "missing"), Tally())
    with pytest.raises(UsageError, match=r"no file in it that ends in \.json,"):
        read_file(str(tmp_path), Tally())
    with pytest.raises(UsageError, match="not a regular file"):
        read_file("/dev/null", Tally())


class Drops:
    """A text that comes a few bytes at a time."""

    def __init__(self, text: str, at_once: int) -> None:
        self.text, self.at_once = text.encode(), at_once

    def read1(self, size: int, /) -> bytes:
        size = min(size, self.at_once)
        drop, self.text = self.text[:size], self.text[size:]
        return drop


TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | TEXT | FINITE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.integers(1, 9))
def test_values_are_those_of_the_standard_library(
    items: list[object], indent: int | None, at_once: int
) -> None:
    text = json.dumps({"Records": items, "NextToken": "x"}, indent=indent)
    found = [value for _, value in values(Lines(Drops(text, at_once)))]
    assert found == [*items, {"Records": [], "NextToken": "x"}]
    whole = json.dumps(items, indent=indent) + '\n{"a": 1} "b"'
    assert [value for _, value in values(Lines(Drops(whole, at_once)))] == [*items, {"a": 1}, "b"]


@given(st.lists(JSON, max_size=3), st.integers(0, 100), st.sampled_from(',]}{[":x\\'))
def test_a_broken_text_is_reported_with_its_place(items: list[object], at: int, odd: str) -> None:
    text = json.dumps({"Records": items}, indent=1)
    broken = text[: at % len(text)] + odd + text[at % len(text) :]
    mistake = mistake_in(broken)
    if mistake:
        lines = broken.split("\n")
        assert 1 <= mistake.line <= len(lines)
        with pytest.raises(ValueError, match=r".*"):
            json.loads(broken)


def mistake_in(text: str) -> StreamError | None:
    try:
        list(values(Lines(Drops(text, 7))))
    except StreamError as mistake:
        return mistake
    return None


@pytest.mark.slow
def test_one_line_of_megabytes_takes_little_memory() -> None:
    one = json.dumps(record("sqs", "SendMessage", requestParameters={"a": "b" * 1000}))

    class Endless(io.RawIOBase):
        left = 20_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
            if not self.left:
                return 0
            self.left -= 1
            first, last = self.left == 19_999, self.left == 0
            chunk = f"{'[' if first else ','}{one}{']' if last else ''}".encode()
            buffer[: len(chunk)] = chunk
            return len(chunk)

    tracemalloc.start()
    tally = Tally()
    read_stream("used", io.BufferedReader(Endless()), tally)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert names(tally.usage(CATALOG)) == {"sqs:SendMessage"}
    assert peak < 12_000_000
