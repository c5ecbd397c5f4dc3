"""Lists of Terraform's language of which it is unknown how many items they have, or if any."""

import re
from pathlib import Path
from typing import Any

import pytest
from support.plain_values import plain

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ARN = "arn:aws:s3:::b"
BUCKET = "aws_s3_bucket.b"


def data_source(inner: str) -> str:
    """A data source with a statement that has more in it."""
    return f"""data "aws_iam_policy_document" "d" {{
  statement {{
    actions   = ["s3:*"]
    {inner}
  }}
}}
"""


def dynamic(collection: str, block: str = "condition") -> str:
    content = {
        "condition": 'test = "StringEquals"\nvariable = "aws:SourceVpc"\nvalues = ["vpc-1"]',
        "principals": f'type = "AWS"\nidentifiers = [{block}.value]',
        "statement": f'actions = ["s3:GetObject"]\nresources = [{block}.value]',
    }[block]
    return f'dynamic "{block}" {{\nfor_each = {collection}\ncontent {{\n{content}\n}}\n}}\n'


def of_cases(text: str) -> list[tuple[dict[str, bool], list[Any]]]:
    """The statements of each case with the conditions of it."""
    return [
        (dict(*entry.cases), plain(entry.policy.root)["Statement"])
        for entry in read_source(Source("main.tf", text)).cases
    ]


@pytest.mark.parametrize("collection", ["concat(var.l, [])", "concat([], var.l)",
    "flatten([var.l, []])", "concat([for x in var.l : x], [])", "toset(concat(var.l, []))",
])  # fmt: skip
def test_a_block_of_each_item_of_an_unknown_list_is_not_certain(collection: str) -> None:
    text = f'data "aws_iam_policy_document" "d" {{\n{dynamic(collection, "statement")}}}\n'
    ((conditions, _),) = of_cases(text)
    assert list(conditions.values()) == [True]


def test_a_statement_of_each_item_of_an_unknown_list_is_not_certain() -> None:
    made = f'{{ Effect = "Allow", Action = a, Resource = "{ARN}" }}'
    loop = f'[for a in concat(var.l, ["s3:*"]) : {made}]'
    text = f'locals {{\n p = jsonencode({{ Version = "2012-10-17", Statement = {loop} }})\n}}\n'
    assert [len(statements) for _, statements in of_cases(text)] == [1, 2]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (f'[element(concat(["{ARN}"], ["*"]), 1)]', ["*"]),
        (f'[element(concat(var.l, ["{ARN}"]), 1)]', ["?"]),
        (f'[concat(var.l, ["{ARN}"])[0]]', ["?"]),
        (f'flatten([[["{ARN}"]], [[["*"]]]])', [ARN, "*"]),
        (f'flatten(["{ARN}", "*"])', [ARN, "*"]),
        (f'compact(["", "{ARN}", null])', [ARN]),
        (f'[for i, a in concat(var.l, ["{ARN}"]) : "{ARN}-${{i}}"]', ["?", "?"]),
        (f'[for i, a in concat(["{ARN}"], var.l) : "{ARN}-${{i}}"]', [f"{ARN}-0", "?"]),
        ("[local.all[0]]", [ARN]),
        ("[local.all[2]]", ["?"]),
        (f'[element(concat(["{ARN}"], var.l), 0)]', [ARN]),
        (f'[element(compact(["", "{ARN}"]), 0)]', [ARN]),
        (f'[element(distinct(["{ARN}", "{ARN}", "*"]), 1)]', ["*"]),
        (f'[element(sort(["{ARN}", "*"]), 0)]', ["*"]),
        (f'[element(reverse(["{ARN}", "*"]), 0)]', ["*"]),
        (f'[one(["{ARN}"])]', [ARN]),
        ('["${local.all}", "?"]', [ARN, "?", "*", "?"]),
        (f'["${{flatten([[for x in var.l : x], ["{ARN}"]])}}"]', ["?", ARN]),
        (f'setunion(["{ARN}"], toset([for x in var.l : x]))', [ARN, "?"]),
        (f'flatten([[for x in var.l : "{ARN}/${{x}}"], ["{ARN}"]])', ["?", ARN]),
        (f'distinct(flatten([[for x in var.l : [x]], "{ARN}", ["{ARN}"]]))', ["?", ARN]),
    ],
)
def test_items_are_known_if_those_before_them_are(resources: str, expected: list[str]) -> None:
    more = f'locals {{\n all = concat(["{ARN}"], var.l, ["*"])\n}}\n'
    ((_, (statement,)),) = of_cases(more + data_source(f"resources = {resources}"))
    found = [value if isinstance(value, str) else "?" for value in statement["Resource"]]
    assert ["?" if "${" in value else value for value in found] == expected


@pytest.mark.parametrize("collection", ["var.x ? [1] : []", "var.x ? { a = 1 } : {}",
    "!var.x ? [] : [var.y]", "concat(var.x ? [1] : [], [])", "toset(var.x ? [var.y] : [])",
])  # fmt: skip
def test_a_condition_that_is_there_in_some_cases_is_read_in_each(collection: str) -> None:
    text = data_source(f'resources = ["{ARN}"]\n{dynamic(collection)}')
    found = [(conditions, "Condition" in statement) for conditions, (statement,) in of_cases(text)]
    assert found == [({"var.x": True}, True), ({"var.x": False}, False)]


def test_a_principal_that_is_there_in_some_cases_is_read_in_each() -> None:
    blocks = dynamic('var.x ? ["*"] : ["arn:aws:iam::123456789012:root"]', "principals")
    text = data_source(f'resources = ["{ARN}"]\n{blocks}')
    findings = lint_source(Source("main.tf", text)).findings
    assert [f.rule for f in findings if f.rule == "public-access"] == ["public-access"]


def test_what_a_value_of_a_loop_decides_is_a_case_if_the_value_is_known() -> None:
    inner = dynamic("s.value.c == null ? [] : [s.value.c]")
    head = 'dynamic "statement" {\nfor_each = COLLECTION\niterator = s\ncontent {\n'
    text = f'data "aws_iam_policy_document" "d" {{\n{head}{inner}}}\n}}\n}}\n'
    ((_, (statement,)),) = of_cases(text.replace("COLLECTION", "var.statements"))
    assert not isinstance(statement["Condition"], dict)
    found = of_cases(text.replace("COLLECTION", "[{ c = var.c }]"))
    assert [(conditions, "Condition" in statement) for conditions, (statement,) in found] == [
        ({"var.c == null": True}, False),
        ({"var.c == null": False}, True),
    ]


@pytest.mark.parametrize(
    ("resources", "others"),
    [
        (f'[try({BUCKET}[0].arn, "*")]', ["*"]),
        (f'[try({BUCKET}["a"].arn, "*")]', ["*"]),
        (f'try([{BUCKET}[0].arn], ["*"])', ["*"]),
        (f'[coalesce(one({BUCKET}[*].arn), "*")]', ["*"]),
        (f'[coalesce(join("", {BUCKET}.*.arn), "*")]', ["*"]),
        (f'coalescelist({BUCKET}[*].arn, ["*"])', ["*"]),
        (f'[try({BUCKET}.arn, "*")]', None),
        (f'[coalesce({BUCKET}[0].arn, "*")]', None),
        (f'[try(one({BUCKET}[*].arn), "*")]', None),
        (f"[try({BUCKET}[0].arn)]", None),
    ],
)
def test_what_is_used_if_a_resource_is_not_there_is_a_case(
    resources: str, others: list[str] | None
) -> None:
    found = of_cases(data_source(f"resources = {resources}"))
    assert all("${" in str(statements[0]["Resource"]) for _, statements in found[:1])
    assert [statements[0]["Resource"] for _, statements in found[1:]] == (
        [others] if others else []
    )


@pytest.mark.parametrize(
    ("argument", "fails"),
    [
        ("module.a.arn", False),
        ("data.aws_kms_alias.a.name", False),
        ("module.a[0].arn", True),
        ("module.a.arns.b", True),
        ("each.value.arn", True),
        ("var.a.b", True),
    ],
)
def test_what_is_there_is_used_whatever_follows_it(argument: str, fails: bool) -> None:  # noqa: FBT001
    text = data_source(f'resources = ["${{try({argument}, "*")}}:*"]')
    assert len(list(of_cases(text))) == (2 if fails else 1)
    findings = lint_source(Source("main.tf", text)).findings
    assert any(finding.rule == "invalid-arn" for finding in findings) == fails


ALL = f"{BUCKET}[*].arn"
OF_ALL = "arn:?:s3:::?"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (ALL, [OF_ALL]),
        (f"[element(concat({ALL}, [{BUCKET}.arn, var.x]), 1)]", ["?"]),
        (f'[concat({ALL}, ["*"])[0]]', ["?"]),
        ("[local.all[0]]", ["?"]),
        ("[local.buckets[0]]", [OF_ALL]),
        ("[element(local.buckets, 0), one(local.buckets)]", [OF_ALL, OF_ALL]),
        ("[local.buckets[1]]", ["?"]),
        (f'[element(concat({ALL}, [""]), 0)]', [OF_ALL]),
        (f'[join("", {ALL})]', [OF_ALL]),
        (f'[join("", concat({ALL}, ["*"]))]', ["?"]),
        (f'[for arn in {ALL} : "${{arn}}/*"]', [f"{OF_ALL}/*"]),
        (f'flatten([for arn in {ALL} : [arn, "${{arn}}/*"]])', [OF_ALL, f"{OF_ALL}/*"]),
        (f'formatlist("%s/*", concat({ALL}, ["{ARN}"]))', [f"{OF_ALL}/*", f"{ARN}/*"]),
        (f'[[for arn in {ALL} : "${{arn}}/*"][0]]', ["?"]),
    ],
)
def test_an_attribute_of_all_of_some_resources_is_any_number_of_values(
    resources: str, expected: list[str]
) -> None:
    more = f'locals {{\n buckets = {ALL}\n all = concat({ALL}, ["*"])\n}}\n'
    ((_, (statement,)),) = of_cases(more + data_source(f"resources = {resources}"))
    found = [value if isinstance(value, str) else "?" for value in statement["Resource"]]
    assert [re.sub(r"\$\{[^}]*\}", "?", value) for value in found] == expected


@pytest.mark.parametrize("file", ["main.tf", "other.tf"])
def test_the_default_of_a_list_without_items_is_a_case(tmp_path: Path, file: str) -> None:
    local = f'locals {{\n all = concat({ALL}, ["*"])\n}}\n'
    more = data_source("resources = [element(local.all, 0)]")
    path = tmp_path / "main.tf"
    path.write_text("")
    (tmp_path / file).write_text(local)
    text = local + more if file == "main.tf" else more
    found = [
        plain(entry.policy.root)["Statement"][0]["Resource"]
        for entry in read_source(Source(str(path), text)).cases
    ]
    assert ["?" if "${" in resource else resource for (resource,) in found] == ["?", "*"]


@pytest.mark.parametrize("values", ["local.all", "concat(var.l, [])", "compact([var.x])"])
def test_the_other_list_is_used_if_the_first_one_has_no_items(values: str) -> None:
    local = f"locals {{\n all = {ALL}\n}}\n"
    found = of_cases(local + data_source(f'resources = coalescelist({values}, ["*"])'))
    assert [statements[0]["Resource"] for _, statements in found[1:]] == [["*"]]


def test_a_block_of_each_of_some_resources_has_its_values_and_is_not_certain() -> None:
    block = dynamic(ALL, "statement")
    ((conditions, (statement,)),) = of_cases(f'data "aws_iam_policy_document" "d" {{\n{block}}}\n')
    assert conditions == {ALL: True}
    assert statement["Resource"][0].startswith("arn:")


def test_the_principals_of_a_statement_are_all_of_some_resources() -> None:
    block = dynamic("aws_iam_role.r[*].arn", "principals")
    ((conditions, (statement,)),) = of_cases(data_source(f'resources = ["{ARN}"]\n{block}'))
    assert conditions == {}
    assert list(statement["Principal"]) == ["AWS"]


def test_lists_in_the_list_of_a_module_are_one_list() -> None:
    resources = f'[[for x in var.l : "{ARN}/${{x}}"], ["{ARN}"]]'
    actions = '["s3:ListBucket", "s3:GetObject"]'
    statement = f'{{ effect = "Allow", actions = {actions}, resources = {resources} }}'
    text = f'module "m" {{\n source = "./m"\n statements = [{statement}]\n}}\n'
    assert lint_source(Source("main.tf", text)).findings == ()


@pytest.mark.parametrize(
    ("of_document", "of_users", "cases"),
    [
        ("var.create ? 1 : 0", ["var.create  ?  1 : 0"], 1),
        (None, ["var.create ? 1 : 0"], 1),
        (None, ["var.create ? 1 : 0", "var.other ? 1 : 0"], 2),
        (None, [None], 2),
        (None, [], 2),
        ("var.other ? 1 : 0", [], 2),
    ],
)
def test_a_resource_that_is_there_as_often_as_the_policy_is_there(
    of_document: str | None, of_users: list[str | None], cases: int
) -> None:
    def counted(count: str | None) -> str:
        return f"count = {count}\n" if count else ""

    document = data_source(f'resources = [try({BUCKET}[0].arn, "default")]')
    users = "".join(
        f'resource "aws_iam_policy" "p{at}" {{\n{counted(count)}'
        "policy = data.aws_iam_policy_document.d.json\n}\n"
        for at, count in enumerate(of_users)
    )
    text = (
        f'resource "aws_s3_bucket" "b" {{\n{counted("var.create ? 1 : 0")}}}\n'
        + document.replace("statement", f"{counted(of_document)}statement", 1)
        + users
    )
    assert len(of_cases(text)) == cases


@pytest.mark.parametrize(
    ("of_policy", "condition", "cases"),
    [
        ("count = var.create ? 1 : 0", "var.create", [True]),
        ("count = local.create ? 1 : 0", "var.create", [True]),
        ("count = var.create ? 0 : 1", "var.create", [False]),
        ("count = var.create && var.other ? 2 : 0", "var.create", [True]),
        ("count = !var.create ? 1 : 0", "var.create", [False]),
        ("count = var.create || var.other ? 1 : 0", "var.create", [True, False]),
        ("count = var.create ? 1 : 2", "var.create", [True, False]),
        ("count = var.other ? 1 : 0", "var.create", [True, False]),
        ('for_each = var.create ? toset(["a"]) : []', "var.create", [True]),
        ('for_each = toset(var.create ? ["a"] : [])', "var.create", [True]),
        ("for_each = var.create ? {} : { a = 1 }", "var.create", [False]),
        ("for_each = var.create ? { a = 1 } : { b = 1 }", "var.create", [True, False]),
        ("", "var.create", [True, False]),
    ],
)
@pytest.mark.parametrize("of_user", [False, True])
def test_a_condition_of_the_count_holds_wherever_the_policy_is_there(
    of_policy: str, condition: str, cases: list[bool], *, of_user: bool
) -> None:
    count = f"{of_policy}\n"
    resources = f'resources = ["{ARN}-${{{condition} ? "x" : ""}}"]'
    document = data_source(resources)
    user = "policy = data.aws_iam_policy_document.d.json"
    if not of_user:
        document = document.replace("statement", f"{count}statement", 1)
    text = (
        f"locals {{\n  create = {condition}\n}}\n{document}"
        f'resource "aws_iam_policy" "p" {{\n{count if of_user else ""}{user}\n}}\n'
    )
    policies = read_source(Source("main.tf", text)).policies
    found = [policy.cases[0] for policy in policies if policy.cases]
    assert [case[condition] for case in found] == cases


@pytest.mark.parametrize(("resources", "negated", "elements"), [
    ('["*"]', "concat([], var.l)", ["Resource"]),
    ("flatten([var.l])", f'["{ARN}/*"]', ["NotResource"]),
    ("[for x in var.l : x]", 'flatten([lookup(var.o, "r", [])])', ["NotResource", "Resource"]),
    (f'concat(["{ARN}"], var.l)', f'["{ARN}/*"]', ["NotResource", "Resource"]),
])  # fmt: skip
def test_of_an_element_and_its_negation_one_may_have_no_items(
    resources: str, negated: str, elements: list[str]
) -> None:
    text = data_source(f"resources = {resources}\nnot_resources = {negated}")
    source = Source("main.tf", text)
    (policy,) = read_source(source).policies
    (statement,) = plain(policy.policy.root)["Statement"]
    assert sorted(key for key in statement if key.endswith("Resource")) == elements
    findings = [f for f in lint_source(source).findings if f.rule == "conflicting-elements"]
    assert bool(findings) is resources.startswith("concat")


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ('[for i in range(2) : "arn:aws:s3:::b${i}"]', ["arn:aws:s3:::b0", "arn:aws:s3:::b1"]),
        ('[for i in range(3, 1) : "arn:aws:s3:::b${i}"]', ["arn:aws:s3:::b3", "arn:aws:s3:::b2"]),
        ('chunklist(["arn:aws:s3:::a", "arn:aws:s3:::b"], 1)[1]', ["arn:aws:s3:::b"]),
        ('[base64decode("YXJuOmF3czpzMzo6OmE=")]', ["arn:aws:s3:::a"]),
        ('[base64decode("no base64")]', ["?"]),
        ('[for i in range(9999) : "arn:aws:s3:::b${i}"]', ["?"]),
    ],
)
def test_lists_of_numbers_and_parts_of_lists(resources: str, expected: list[str]) -> None:
    ((_, (statement,)),) = of_cases(data_source(f"resources = {resources}"))
    found = [value if isinstance(value, str) else "?" for value in statement["Resource"]]
    assert ["?" if "${" in value else value for value in found] == expected
