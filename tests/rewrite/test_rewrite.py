import json
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.aws.catalog.catalog import AccessLevel, bundled
from multitool_lint.diagnostics.finding import Finding, Fix, Safety
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.engines import policy_sentry as policy_sentry_
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.report import Report
from multitool_lint.policy.compare import Answer, covers, equivalent
from multitool_lint.rewrite import tighten as tightening
from multitool_lint.rewrite.draft import Remark, Rewrite
from multitool_lint.rewrite.expand import Expansion, expand
from multitool_lint.rewrite.fix import Fixed, choose, fix
from multitool_lint.syntax.source import Edit, Source, Span

FIXTURES = Path(__file__).parents[2] / "fixtures"
CATALOG = bundled()
Change = Callable[[Source], Rewrite]
READING: tuple[AccessLevel, ...] = ("List", "Read")
KEPT = [
    "apigateway:GetPortal",
    "apigateway:GetPortalProduct",
    "apigateway:GetPortalProductSharingPolicy",
    "apigateway:GetProductPage",
    "apigateway:GetProductRestEndpointPage",
    "apigateway:GetRoutingRule",
    "apigateway:ListPortalProducts",
    "apigateway:ListPortals",
    "apigateway:ListProductPages",
    "apigateway:ListProductRestEndpointPages",
    "apigateway:ListRoutingRules",
]


def fixture(name: str) -> Source:
    return Source(name, (FIXTURES / name).read_bytes().decode())


def policy(*statements: dict[str, Any]) -> Source:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Source("policy.json", json.dumps(document, indent=2) + "\n")


def allow(*actions: str) -> Source:
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def actions_in(text: str) -> list[str]:
    (statement,) = json.loads(text)["Statement"]
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


def tighten(
    source: Source,
    levels: Collection[AccessLevel] = READING,
    strict: bool = False,  # noqa: FBT001, FBT002
) -> Rewrite:
    return tightening.tighten(source, tightening.Tightening(levels=levels, strict=strict))


def messages(remarks: tuple[Remark, ...]) -> list[str]:
    return [remark.message for remark in remarks]


def test_expand_the_multitool_policy() -> None:
    source = fixture("multitool.json")
    result = expand(source)
    before, after = actions_in(source.text), actions_in(result.text)
    gateway = [name for name in after if name.startswith("apigateway:")]
    assert len(gateway) == 44
    assert set(gateway) == set(CATALOG.names(CATALOG.match("apigateway:*")))
    assert after == [*(name for name in gateway if name not in before), *before[1:]]
    levels = "5 List, 7 Read, 22 Write, 10 Permissions management"
    assert messages(result.applied) == [
        f'"apigateway:*": 44 actions ({levels}); 13 of them stood there already'
    ]
    assert expand(Source(source.path, result.text)).text == result.text


def test_tighten_the_multitool_policy() -> None:
    source = fixture("multitool.json")
    result = tighten(source, READING)
    assert actions_in(result.text) == [*KEPT, *actions_in(source.text)[1:]]
    dropped = "dropped 32 actions (22 Write, 10 Permissions management)"
    assert messages(result.applied) == [
        f'"apigateway:*": kept 12 actions (5 List, 7 Read), {dropped}'
    ]
    named = "51 actions (37 Write, 2 Tagging, 12 Permissions management) listed by name"
    assert messages(result.notes) == [f"{named} stay; --strict removes them"]
    assert not result.problems


def test_tighten_the_multitool_policy_strictly() -> None:
    result = tighten(fixture("multitool.json"), READING, strict=True)
    kept = actions_in(result.text)
    assert kept[: len(KEPT) + 1] == [*KEPT, "apigateway:GET"]
    assert all(tighten(allow(name), READING, strict=True).text == allow(name).text for name in kept)
    assert '"iam:PassRole": dropped (Write)' in messages(result.applied)
    assert not result.notes


@pytest.mark.parametrize("change", [expand, tighten], ids=["expand", "tighten"])
def test_the_markdown_page_changes_at_the_wildcard_and_nowhere_else(change: Change) -> None:
    source = fixture("multitool.md")
    before, wildcard, after = source.text.partition('"apigateway:*",')
    assert wildcard
    result = change(source).text
    assert result.startswith(before)
    assert result.endswith(after)
    lines = result[len(before) : -len(after)].splitlines()
    indent = before.rpartition("\n")[2]
    assert lines[1:] == [f"{indent}{line.strip()}" for line in lines[1:]]
    plain = actions_in(change(fixture("multitool.json")).text)
    assert [json.loads(line.strip().rstrip(",")) for line in lines] == plain[: len(lines)]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["sqs:Add*"], ["sqs:AddPermission"]),
        (["sqs:AddPermissio?"], ["sqs:AddPermission"]),
        (["sqs:Add*", "SQS:addpermission"], ["SQS:addpermission"]),
        (["sqs:Add*", "sqs:*Permission"], ["sqs:AddPermission", "sqs:RemovePermission"]),
        (["*", "sqs:Add*"], ["*", "sqs:AddPermission"]),
        (["*:*"], ["*:*"]),
        (["sqs:Nothing*"], ["sqs:Nothing*"]),
        (["${which}*", "sqs:Add*"], ["${which}*", "sqs:AddPermission"]),
    ],
)
def test_expand(actions: list[str], expected: list[str]) -> None:
    assert actions_in(expand(allow(*actions)).text) == expected


def test_expand_one_pattern() -> None:
    source = allow("sqs:*Permission", "sqs:Add*", "SQS:add*")
    result = expand(source, Expansion(action="sqs:add*"))
    assert actions_in(result.text) == ["sqs:*Permission", "sqs:AddPermission"]


def test_expand_everything_where_it_is_named() -> None:
    assert len(actions_in(expand(allow("*"), Expansion(action="*")).text)) == len(
        CATALOG.all_actions()
    )


def test_tighten_everything() -> None:
    kept = actions_in(tighten(allow("*"), ["Tagging"]).text)
    assert {"iam:TagRole", "s3:PutObjectTagging"} <= set(kept)
    assert kept == list(policy_sentry_.at_levels(kept, ["Tagging"], CATALOG))


def test_expand_says_what_it_left_alone() -> None:
    result = expand(allow("*", "sqs:Nothing*"))
    assert messages(result.notes) == [
        '"*" is every action; left as it is without --action "*"',
        '"sqs:Nothing*" matches no action in the catalog; left as it is',
    ]
    assert not result.applied
    assert result.text == result.source.text


@pytest.mark.parametrize(
    ("effect", "key", "note"),
    [
        ("Allow", "Action", []),
        ("Allow", "NotAction", ["actions that AWS adds from now on are allowed by this NotAction"]),
        ("Deny", "Action", ["actions that AWS adds from now on are not denied by this Deny"]),
        ("Deny", "NotAction", []),
    ],
)
def test_expand_warns_where_a_list_grants_more_later(
    effect: str, key: str, note: list[str]
) -> None:
    result = expand(policy({"Effect": effect, key: "sqs:*Permission", "Resource": "*"}))
    assert json.loads(result.text)["Statement"][0][key] == [
        "sqs:AddPermission",
        "sqs:RemovePermission",
    ]
    assert messages(result.notes) == note


@pytest.mark.parametrize(
    ("actions", "strict", "expected"),
    [
        # A wildcard of which everything is kept stays, and covers what others match.
        (["sqs:List*"], False, ["sqs:List*"]),
        (["sqs:List*", "sqs:*Queues"], False, ["sqs:List*", "sqs:*Queues"]),
        (
            ["sqs:GetQueue*", "sqs:*QueueUrl", "sqs:*Url"],
            False,
            ["sqs:GetQueue*", "sqs:*QueueUrl", "sqs:*Url"],
        ),
        (["sqs:Get*", "sqs:*Queue?"], False, ["sqs:Get*", "sqs:*Queue?"]),
        (
            ["sqs:Get*", "sqs:*"],
            True,
            [
                "sqs:Get*",
                "sqs:ListDeadLetterSourceQueues",
                "sqs:ListMessageMoveTasks",
                "sqs:ListQueues",
                "sqs:ListQueueTags",
                "sqs:ReceiveMessage",
            ],
        ),
        (["sqs:SendMessage", "sqs:ListQueue*"], True, ["sqs:ListQueue*"]),
        (["sqs:SendMessage", "sqs:Set*"], False, ["sqs:SendMessage"]),
        (["sqs:listqueues", "sqs:*Queues"], False, ["sqs:listqueues", "sqs:*Queues"]),
    ],
)
def test_tighten(actions: list[str], strict: bool, expected: list[str]) -> None:  # noqa: FBT001
    assert actions_in(tighten(allow(*actions), READING, strict=strict).text) == expected


@pytest.mark.parametrize(
    ("statement", "strict", "problem"),
    [
        (
            {"Effect": "Allow", "Action": ["sqs:Send*", "sqs:Set*"]},
            False,
            "left as it is: none of its actions is at List or Read",
        ),
        (
            {"Effect": "Allow", "Action": "sqs:SendMessage"},
            True,
            "left as it is: none of its actions is at List or Read",
        ),
        (
            {"Effect": "Allow", "NotAction": "sqs:Set*"},
            False,
            "NotAction is left alone: excluding less would grant more",
        ),
        (
            {"Effect": "Allow", "NotAction": "sqs:Set*", "Action": "sqs:*"},
            False,
            "NotAction is left alone: excluding less would grant more",
        ),
        (
            {"Effect": "allow", "Action": "sqs:*"},
            False,
            "left as it is: the effect is unresolved",
        ),
        (
            {"Effect": "Allow", "Action": ["sqs:Nothing*"]},
            False,
            '"sqs:Nothing*" matches no action in the catalog; left as it is',
        ),
        (
            {"Effect": "Allow", "Action": ["sqs:Nothing", "sqs:ListQueues"]},
            True,
            '"sqs:Nothing" is not an action in the catalog; left as it is',
        ),
        (
            {"Effect": "Allow", "Action": ["${action}"]},
            False,
            "left as it is: the value is unresolved",
        ),
    ],
)
def test_tighten_says_what_may_still_allow_more(
    statement: dict[str, Any],
    strict: bool,  # noqa: FBT001
    problem: str,
) -> None:
    source = policy({**statement, "Resource": "*"})
    result = tighten(source, READING, strict=strict)
    assert messages(result.problems) == [problem]
    assert result.text == source.text
    assert not result.applied


def test_tighten_leaves_a_deny_alone() -> None:
    source = policy(
        {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"},
        {"Effect": "Deny"},
    )
    result = tighten(source, READING)
    assert result.text == source.text
    assert messages(result.notes) == ["a Deny is left alone: denying less would grant more"]
    assert not result.problems


def test_tighten_changes_the_other_statements_where_one_would_be_empty() -> None:
    source = policy(
        {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:*Permission", "Resource": "*"},
        {"Effect": "Allow", "Action": ["sqs:S*", "sqs:ListQueues"], "Resource": "*"},
    )
    result = tighten(source, READING)
    statements = json.loads(result.text)["Statement"]
    assert [statement["Action"] for statement in statements] == [
        "sqs:Send*",
        "sqs:*Permission",
        ["sqs:ListQueues"],
    ]
    assert len(result.problems) == 2


@pytest.mark.parametrize("change", [expand, tighten])
def test_what_is_no_policy_is_said(change: Change) -> None:
    assert change(Source("a.json", "[]")).no_policy
    broken = change(Source("a.json", '{"Statement": [}'))
    assert len(broken.unread) == 1
    assert broken.no_policy is None
    assert broken.text == broken.source.text
    assert change(Source("a.md", "# Nothing")).no_policy


def test_every_block_of_a_page_is_rewritten() -> None:
    block = f"> ```json\n> {json.dumps(json.loads(allow('sqs:Add*').text))}\n> ```\n"
    page = f'# A\n\n{block}\n```json\n{{"Statement": {{"Effect": 1}}\n```\n\n{block}'
    result = expand(Source("page.md", page))
    assert result.text == page.replace("sqs:Add*", "sqs:AddPermission")
    assert len(result.applied) == 2
    assert len(result.unread) == 1


NAMES = [
    "${x}",
    "none:*",
    "s3:Get*Acl",
    "s?s:Get*",
    "sqs:*",
    "sqs:*Queue*",
    "SQS:list*",
    "sqs:GetQueue???",
    "sqs:listqueues",
    "sqs:ListQueues",
    "sqs:Nope",
    "sqs:SendMessage",
]
LEVELS: list[AccessLevel] = ["List", "Read", "Write"]


@st.composite
def policies(draw: st.DrawFn, *, everything: bool) -> Source:
    """A policy with wildcards and without, in any formatting."""
    names = st.sampled_from([*NAMES, "*"] if everything else NAMES)
    keys = st.sampled_from(["Action", "NotAction"])
    actions = st.one_of(names, st.lists(names, min_size=1, max_size=5))
    effects = st.sampled_from(["Allow", "Deny"])
    statement = st.builds(
        lambda effect, key, action: {"Effect": effect, key: action, "Resource": "*"},
        effects,
        keys,
        actions,
    )
    statements = draw(st.one_of(statement, st.lists(statement, min_size=1, max_size=3)))
    indent = draw(st.sampled_from([None, 0, 2, 4, "\t"]))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    return Source("policy.json", text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))))


def statements_of(source: Source, text: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    before, after = json.loads(source.text)["Statement"], json.loads(text)["Statement"]
    if isinstance(before, dict):
        before, after = [before], [after]
    yield from zip(before, after, strict=True)


def matched(actions: str | list[str]) -> set[str]:
    """What actions stand for: names that nothing is known of stand for themselves."""
    names = set()
    for pattern in [actions] if isinstance(actions, str) else actions:
        names |= set(CATALOG.names(CATALOG.match(pattern))) or {pattern}
    return names


@settings(deadline=None)
@given(policies(everything=True))
def test_expanding_changes_no_access(source: Source) -> None:
    result = expand(source)
    for before, after in statements_of(source, result.text):
        assert list(before) == list(after)
        key = "Action" if "Action" in before else "NotAction"
        assert matched(before[key]) == matched(after[key])
        if source.text != result.text:
            assert after[key]
        assert {**before, key: 0} == {**after, key: 0}
    assert expand(Source(source.path, result.text)).text == result.text


@settings(deadline=None)
@given(policies(everything=False), st.sets(st.sampled_from(LEVELS), min_size=1), st.booleans())
def test_tightening_never_grants_more(
    source: Source,
    levels: set[AccessLevel],
    strict: bool,  # noqa: FBT001
) -> None:
    result = tighten(source, levels, strict=strict)
    for before, after in statements_of(source, result.text):
        if before["Effect"] == "Deny" or "NotAction" in before:
            assert before == after
        else:
            assert after["Action"]
            assert matched(after["Action"]) <= matched(before["Action"])
            assert {**before, "Action": 0} == {**after, "Action": 0}
    again = tighten(Source(source.path, result.text), levels, strict=strict)
    assert again.text == result.text
    assert len(again.problems) == len(result.problems)


class Rules:
    """A linter whose rules replace words, in the place of the real one."""

    def __init__(self, *words: tuple[str, str, str, Safety]) -> None:
        self.words = words
        self.runs = 0

    def lint(self, source: Source) -> Report:
        self.runs += 1
        loaded = read_source(source)
        broken = tuple(
            Finding("json-syntax-error", Severity.ERROR, source, each.span, "", each.message)
            for each in loaded.problems
        )
        found = [
            Finding(rule, Severity.WARNING, source, Span(*place.span()), "", word, fixes=(fix,))
            for rule, word, new, safety in self.words
            for place in re.finditer(re.escape(word), source.text)
            for fix in [Fix(rule, (), safety, (Edit(Span(*place.span()), new),))]
        ]
        return Report(source, loaded.policies, loaded.skipped, broken + tuple(found), 1)


def fixed(rules: Rules, *sids: str, unsafe: bool = False) -> tuple[list[str], Fixed]:
    """Fix a policy with those Sids, which change nothing of what it grants."""
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    source = policy(*({"Sid": sid, **deny} for sid in sids))
    result = fix(source, lint=rules.lint, unsafe=unsafe)
    return [statement["Sid"] for statement in json.loads(result.text)["Statement"]], result


def test_fix_goes_on_until_nothing_is_left() -> None:
    rules = Rules(("b", "two", "three", Safety.SAFE), ("a", "one", "two", Safety.SAFE))
    sids, result = fixed(rules, "one", "two", "one")
    assert sids == ["three"] * 3
    assert [each.finding.rule for each in result.applied] == ["b", "a", "a", "b", "b"]
    assert not result.remaining.findings
    assert result.remaining.source.text == result.text


def test_fix_applies_the_fixes_of_one_rule_at_a_time() -> None:
    rules = Rules(("a", '"s3:x",', "", Safety.SAFE), ("b", ',\n        "s3:x"', "", Safety.SAFE))
    result = fix(allow("s3:*", "s3:x", "s3:z", "s3:x"), lint=rules.lint)
    assert {each.finding.rule for each in result.applied} == {"a", "b"}
    assert rules.runs == 3


@pytest.mark.parametrize(("unsafe", "expected"), [(False, "one"), (True, "two")])
def test_unsafe_fixes_are_asked_for(
    unsafe: bool,  # noqa: FBT001
    expected: str,
) -> None:
    rules = Rules(("a", "one", "two", Safety.UNSAFE))
    sids, result = fixed(rules, "one", unsafe=unsafe)
    assert sids == [expected]
    assert len(result.remaining.findings) == (0 if unsafe else 1)


def test_a_safe_fix_goes_before_an_unsafe_one() -> None:
    rules = Rules(("a", "one", "unsafe", Safety.UNSAFE), ("b", "one", "safe", Safety.SAFE))
    sids, _ = fixed(rules, "one", unsafe=True)
    assert sids == ["safe"]


def test_fixes_that_undo_each_other_end() -> None:
    rules = Rules(("a", "one", "two", Safety.SAFE), ("b", "two", "one", Safety.SAFE))
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert len(result.applied) == 1


def test_fixes_that_never_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(("a", "one", "one-one", Safety.SAFE))
    monkeypatch.setattr("multitool_lint.rewrite.fix.MAX_FIX_ROUNDS", 5)
    _, result = fixed(rules, "one")
    assert len(result.applied) == 1 + 2 + 4 + 8 + 16


def test_a_fix_that_breaks_the_policy_is_not_applied() -> None:
    rules = Rules(
        ("a", '"Version": "2012-10-17",\n  "Statement"', '"Other"', Safety.SAFE),
        ("b", "[", "[[", Safety.SAFE),
        ("c", "one", "two", Safety.SAFE),
    )
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert [each.finding.rule for each in result.applied] == ["c"]


def test_a_safe_fix_without_proof_is_refused() -> None:
    rules = Rules(
        ("a", "s3:GetObject", "s3:GetBucketAcl", Safety.SAFE), ("b", "one", "two", Safety.SAFE)
    )
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert "GetBucketAcl" not in result.text
    [refused] = result.refused
    assert refused.finding.rule == "a"
    assert refused.reason == "it would not grant the same as before: s3:GetObject on *"


@pytest.mark.parametrize(
    ("edits", "applied"),
    [
        ([[(0, 5)], [(5, 8)]], [0, 1]),
        ([[(0, 5)], [(4, 8)]], [0]),
        ([[(4, 8)], [(0, 5)]], [0]),
        ([[(0, 9)], [(3, 4)]], [0]),
        ([[(3, 4)], [(0, 9)]], [0]),
        ([[(5, 5)], [(5, 8)]], [0]),
        ([[(5, 8)], [(5, 5)]], [0]),
        ([[(5, 5)], [(5, 5)]], [0]),
        ([[(0, 1), (7, 8)], [(3, 4)], [(7, 8)], [(8, 9)]], [0, 1, 3]),
        ([[], [(0, 1)]], [1]),
    ],
)
def test_overlapping_fixes_wait(edits: list[list[tuple[int, int]]], applied: list[int]) -> None:
    source = Source("a.json", "0123456789")
    findings = [
        Finding("rule", Severity.WARNING, source, Span(0, 1), "", str(number), fixes=(fix,))
        for number, spans in enumerate(edits)
        for fix in [Fix("", (), Safety.SAFE, tuple(Edit(Span(*span), "x") for span in spans))]
    ]
    chosen = choose(findings, set(), unsafe=False)
    assert [int(each.finding.title) for each in chosen] == applied


@pytest.mark.parametrize("name", ["multitool.json", "multitool.md"])
def test_fix_the_multitool_policy(name: str) -> None:
    source = fixture(name)
    only = {"redundant-action": rules()["redundant-action"]}
    lint = partial(lint_source, enabled=only)
    before, wildcard, after = source.text.partition('"apigateway:*",')
    untouched = fix(source, lint=lint)
    assert untouched.text == source.text
    assert len(untouched.remaining.findings) == 1
    tightened = fix(source, lint=lint, unsafe=True)
    assert tightened.text.split() == (before + after).split()
    kept = fix(source, lint=lint, keep_wildcards=True)
    assert kept.text.startswith(before + wildcard)
    rest = after[after.index('"cloudwatch:') :]
    assert kept.text[len(before + wildcard) :].strip() == rest.strip()
    for result in (tightened, kept):
        assert not result.remaining.findings
        assert [applied.finding.rule for applied in result.applied] == ["redundant-action"]


BUCKET = "arn:aws:s3:::b"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
ORG = {"StringLike": {"aws:PrincipalOrgID": ["o-a*", "o-abc"]}}
IPS = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.1.0.0/16"]}}
HIDING = [
    # a wildcard that grants more than what it makes redundant: nothing is safe
    ("redundant-action", [{**READ, "Action": ["s3:Get*", "s3:GetObject"]}], ["s3:Get*"]),
    ("redundant-resource", [{**READ, "Resource": [f"{BUCKET}/*", f"{BUCKET}/x"]}], [f"{BUCKET}/*"]),
    ("redundant-resource", [{**READ, "Resource": ["*", f"{BUCKET}/x"]}], ["*"]),
    ("redundant-condition-value", [{**READ, "Condition": ORG}], ["o-a*"]),
    ("redundant-condition-value", [{**READ, "Condition": IPS}], ["10.0.0.0/8"]),
    ("redundant-statement", [{**READ, "Action": "*", "Resource": "*"}, READ], ["*"]),
    ("redundant-statement", [{**READ, "Action": "s3:*"}, READ], ["s3:*"]),
    ("redundant-statement", [{**READ, "Resource": "*"}, READ], ["*"]),
    ("redundant-statement", [{**READ, "Sid": "Open"}, {**READ, "Condition": ORG}], ["Open"]),
    ("redundant-statement", [{**READ, "NotAction": "iam:*"} | {"Action": None}, READ], ["iam:*"]),
]


@pytest.mark.parametrize(("rule", "statements", "wide"), HIDING)
def test_what_hides_a_wildcard_is_not_fixed_unasked(
    rule: str, statements: list[dict[str, Any]], wide: list[str]
) -> None:
    plain = [{key: value for key, value in each.items() if value} for each in statements]
    source = Source("p.json", json.dumps({"Version": "2012-10-17", "Statement": plain}))
    lint = partial(lint_source, enabled={rule: rules()[rule]})
    assert fix(source, lint=lint).text == source.text
    tightened = fix(source, lint=lint, unsafe=True)
    assert json.dumps(wide[0]) not in tightened.text
    kept = fix(source, lint=lint, keep_wildcards=True)
    assert json.dumps(wide[0]) in kept.text
    catalog = bundled()
    before, after = ([*lint(Source("p.json", text)).policies] for text in (source.text, kept.text))
    assert equivalent(before, after, catalog).answer is Answer.YES
    after = [*lint(Source("p.json", tightened.text)).policies]
    assert covers(before, after, catalog).answer is Answer.YES
    assert equivalent(before, after, catalog).answer is not Answer.YES
    for result in (tightened, kept):
        assert len(result.text) < len(source.text)
        assert not result.remaining.findings


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("redundant-action", [{**READ, "Action": ["s3:GetObject", "s3:getobject"]}]),
        ("redundant-action", [{**READ, "Effect": "Deny", "Action": ["s3:*", "s3:GetObject"]}]),
        ("redundant-resource", [{**READ, "Resource": [f"{BUCKET}/x", f"{BUCKET}/x"]}]),
        (
            "redundant-resource",
            [{**READ, "Effect": "Deny", "Resource": [f"{BUCKET}/*", f"{BUCKET}/x"]}],
        ),
        ("redundant-condition-value", [{**READ, "Effect": "Deny", "Condition": ORG}]),
        (
            "redundant-condition-value",
            [{**READ, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a", "o-a"]}}}],
        ),
        ("redundant-statement", [READ, {**READ, "Sid": "Again"}]),
        ("redundant-statement", [{**READ, "Action": ["s3:GetObject", "s3:PutObject"]}, READ]),
        (
            "redundant-statement",
            [{**READ, "Effect": "Deny", "Action": "*"}, {**READ, "Effect": "Deny"}],
        ),
    ],
)
def test_what_hides_no_wildcard_is_fixed(rule: str, statements: list[dict[str, Any]]) -> None:
    source = Source("p.json", json.dumps({"Version": "2012-10-17", "Statement": statements}))
    lint = partial(lint_source, enabled={rule: rules()[rule]})
    result = fix(source, lint=lint)
    assert len(result.applied) == 1
    assert not result.remaining.findings
