"""The schemas of the grammar, and how their failures become findings."""

import json
from collections.abc import Iterator
from itertools import product

import pytest
from jsonschema import Draft202012Validator
from support.grammar import (
    CONDITION,
    REMOVED,
    ROLE,
    SCHEMAS,
    STATEMENTS,
    TYPES,
    Json,
    explain,
    policy_of,
    reported,
)

from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.engines.json_schema.compiled_schema import ANNOTATIONS
from multitool_lint.engines.json_schema.engine import acceptor, schema
from multitool_lint.limits import MAX_GRAMMAR_ERRORS
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.patch.json_changes import json_edits
from multitool_lint.syntax.source import apply_edits


def codes(policy_type: str, document: Json) -> list[str | None]:
    return [finding.issue_code for finding in explain(policy_type, document)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_valid(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


def assertions(schema: Json) -> Iterator[tuple[Json, str]]:
    """Each keyword whose failure jsonschema reports by itself, with the schema that it is in."""
    for keyword, value in schema.items():
        if keyword in {"allOf", "properties", "patternProperties", "dependentSchemas"}:
            for inner in value if keyword == "allOf" else value.values():
                if inner is not True:
                    yield from assertions(inner)
        elif keyword in {"items", "propertyNames", "additionalProperties"} and value is not False:
            yield from assertions(value)
        elif keyword not in ANNOTATIONS:
            yield schema, keyword


@pytest.mark.parametrize("policy_type", TYPES)
def test_every_assertion_names_a_rule_that_answers_its_code(policy_type: str) -> None:
    for part, keyword in assertions(schema(policy_type)):
        entry = part["x-rules"][keyword]
        rule = rules()[entry if isinstance(entry, str) else entry["rule"]]
        assert policy_type in rule.types
        if isinstance(entry, dict):
            answered = rule.access_analyzer
            assert "code" not in entry or entry["code"] in answered
            assert "code" in entry or len(answered) <= 1 or "$comment" in part
        else:
            assert keyword == "type"
            assert "title" in part


@pytest.mark.parametrize("policy_type", TYPES)
def test_the_plain_policy_of_each_type_is_valid(policy_type: str) -> None:
    for changes in ({}, {"Condition": CONDITION}, {"Sid": "Read2"}):
        document = policy_of(policy_type, **changes)
        assert acceptor(policy_type)(document)
        assert explain(policy_type, document) == []
        single = {**document, "Id": "x", "Statement": document["Statement"][0]}
        assert explain(policy_type, single) == []


CASES = [
    ("identity", {"Principal": "*"}, ["UNSUPPORTED_PRINCIPAL"]),
    ("identity", {"NotPrincipal": 7}, ["UNSUPPORTED_PRINCIPAL"]),
    ("scp", {"Principal": {"User": []}}, ["SCP_SYNTAX_ERROR_PRINCIPAL"]),
    ("trust", {"Resource": []}, ["ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"]),
    ("trust", {"NotPrincipal": ROLE}, ["ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL"]),
    ("trust", {"Principal": REMOVED}, ["MISSING_PRINCIPAL"]),
    ("trust", {"Sid": "a_b"}, ["UNSUPPORTED_SID"]),
    ("scp", {"Sid": "a b"}, ["UNSUPPORTED_SID"]),
    ("identity", {"Sid": "ab\n"}, ["UNSUPPORTED_SID"]),
    ("resource", {"Sid": "a b"}, []),
    ("rcp", {"Sid": "a b"}, []),
    ("resource", {"Sid": ""}, ["EMPTY_SID_VALUE"]),
    ("resource", {"Principal": REMOVED}, ["MISSING_PRINCIPAL"]),
    ("resource", {"Principal": REMOVED, "NotPrincipal": ROLE}, []),
    ("resource", {"NotPrincipal": ROLE}, ["UNSUPPORTED_ELEMENT_COMBINATION"]),
    ("resource", {"Resource": REMOVED}, ["MISSING_RESOURCE"]),
    ("resource", {"Resource": REMOVED, "Action": ["ecr:*", "s3:*"]}, ["MISSING_RESOURCE"]),
    ("resource", {"Resource": REMOVED, "Action": ["ecr:*", "ECR:BatchGetImage"]}, []),
    ("resource", {"Resource": REMOVED, "Action": "elasticfilesystem:ClientMount"}, []),
    ("resource", {"Principal": "111122223333"}, ["INVALID_PRINCIPAL_FORMAT"]),
    ("resource", {"Principal": "*\n"}, ["INVALID_PRINCIPAL_FORMAT"]),
    ("resource", {"Principal": [ROLE]}, ["INVALID_PRINCIPAL_FORMAT"]),
    ("resource", {"Principal": {"User": "x"}}, ["INVALID_PRINCIPAL_KEY"]),
    ("resource", {"Principal": {}}, ["EMPTY_OBJECT_PRINCIPAL"]),
    ("resource", {"Principal": {"Service": []}}, ["EMPTY_ARRAY_PRINCIPAL"]),
    ("resource", {"Principal": {"AWS": 111122223333}}, ["DATA_TYPE_MISMATCH"]),
    ("rcp", {"Principal": ROLE}, ["RCP_SYNTAX_ERROR_PRINCIPAL"]),
    ("rcp", {"Principal": REMOVED, "NotPrincipal": ROLE}, ["RCP_SYNTAX_ERROR_PRINCIPAL"]),
    ("rcp", {"Principal": REMOVED}, ["MISSING_PRINCIPAL"]),
    ("rcp", {"Action": REMOVED, "NotAction": "s3:*"}, ["RCP_SYNTAX_ERROR_NOTACTION"]),
    ("rcp", {"Effect": "Allow", "Condition": CONDITION}, ["RCP_SYNTAX_ERROR_ALLOW"]),
    ("rcp", {"Effect": "Allow", "Resource": "arn:aws:s3:::a"}, ["RCP_SYNTAX_ERROR_ALLOW"]),
    ("rcp", {"Effect": "Allow"}, [None]),
    ("rcp", {"Effect": "Allow", "Action": "*"}, []),
    ("rcp", {"Effect": "allow"}, ["INVALID_EFFECT"]),
    ("identity", {"Effect": "Deny "}, ["INVALID_EFFECT"]),
    ("identity", {"Effect": 1}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"Effect": REMOVED}, ["MISSING_EFFECT"]),
    ("identity", {"Action": REMOVED}, ["MISSING_ACTION"]),
    ("identity", {"Resource": REMOVED}, ["MISSING_RESOURCE"]),
    ("identity", {"Action": []}, ["EMPTY_ARRAY_ACTION"]),
    ("identity", {"Resource": []}, ["EMPTY_ARRAY_RESOURCE"]),
    ("identity", {"Action": ["s3:*", None]}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"NotAction": "s3:*"}, ["UNSUPPORTED_ELEMENT_COMBINATION"]),
    ("identity", {"NotResource": "*"}, ["UNSUPPORTED_ELEMENT_COMBINATION"]),
    ("identity", {"Principals": "*"}, ["INVALID_POLICY_ELEMENT"]),
    ("identity", {"Condition": {}}, ["EMPTY_OBJECT_CONDITION"]),
    ("identity", {"Condition": {"Bool": {}}}, ["EMPTY_OBJECT_CONDITION"]),
    ("identity", {"Condition": []}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"Condition": {"Bool": []}}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"Condition": {"Bool": {"a:b": None}}}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"Condition": {"Bool": {"a:b": [{}]}}}, ["DATA_TYPE_MISMATCH"]),
    ("identity", {"Condition": {"Like": {"a:b": "x"}}}, ["INVALID_CONDITION_OPERATOR"]),
    ("identity", {"Condition": {"NullIfExists": {"a:b": "true"}}}, []),
    ("identity", {"Condition": {"Bool": {"a:b": []}}}, ["EMPTY_ARRAY_CONDITION"]),
    ("identity", {"Condition": {"BoolIfExists": {"a:b": []}}}, ["EMPTY_ARRAY_CONDITION_IFEXISTS"]),
    *(
        ("identity", {"Condition": {operator: {"a:b": []}}}, [f"EMPTY_ARRAY_CONDITION_{code}"])
        for operator, code in [
            ("ForAllValues:StringEquals", "FORALLVALUES"),
            ("forallvalues:stringequalsifexists", "FORALLVALUES"),
            ("ForAnyValue:StringLikeIfExists", "FORANYVALUE"),
        ]
    ),
]


@pytest.mark.parametrize(("policy_type", "changes", "expected"), CASES)
def test_a_mistake_is_one_finding_with_its_code(
    policy_type: str, changes: dict[str, Json], expected: list[str | None]
) -> None:
    assert codes(policy_type, policy_of(policy_type, **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Statement": REMOVED}, ["MISSING_STATEMENT"]),
        ({"Statement": []}, ["MISSING_STATEMENT"]),
        ({"Statement": "x"}, ["DATA_TYPE_MISMATCH"]),
        ({"Statement": ["x"]}, ["DATA_TYPE_MISMATCH"]),
        ({"Version": REMOVED}, ["MISSING_VERSION"]),
        ({"Version": "2008-10-17"}, [None]),
        ({"Version": "2012-10-16"}, ["INVALID_VERSION"]),
        ({"Version": 20121017}, ["DATA_TYPE_MISMATCH"]),
        ({"Id": None}, ["DATA_TYPE_MISMATCH"]),
        ({"Name": "x"}, ["INVALID_POLICY_ELEMENT"]),
    ],
)
def test_mistakes_of_the_policy_itself(
    changes: dict[str, Json], expected: list[str | None]
) -> None:
    document = {**policy_of("identity"), **changes}
    document = {key: value for key, value in document.items() if value is not REMOVED}
    assert codes("identity", document) == expected


def test_a_document_that_is_not_an_object() -> None:
    (finding,) = explain("identity", "[]")
    assert finding.title == "The policy must be an object, not a list"
    assert finding.span == (0, 2)


def test_a_misspelt_element_is_not_missing_as_well() -> None:
    document = policy_of("resource", Principal=REMOVED, Principle=ROLE)
    misspelt, missing = (
        ("unknown-element", "/Statement/0/Principle"),
        ("missing-element", "/Statement/0"),
    )
    assert reported("resource", document) == [misspelt]
    assert reported("resource", document, "unknown-element") == [missing]
    (finding,) = explain("resource", document)
    assert finding.source.text[slice(*finding.span)] == '"Principle"'
    assert 'did you mean "Principal"?' in finding.title


def test_statements_in_lists_within_the_list_are_wrong() -> None:
    nested = {"Version": "2012-10-17", "Statement": [[STATEMENTS["identity"]]]}
    assert reported("identity", nested) == [("wrong-json-type", "/Statement/0")]


def test_of_very_many_mistakes_the_first_are_reported() -> None:
    unknown = dict.fromkeys(map(str, range(MAX_GRAMMAR_ERRORS + 1)), "x")
    assert len(explain("identity", policy_of("identity", **unknown))) == MAX_GRAMMAR_ERRORS
    assert (
        len(explain("identity", policy_of("identity", Action=[None] * (MAX_GRAMMAR_ERRORS + 1))))
        == MAX_GRAMMAR_ERRORS
    )


def test_what_is_there_already_was_not_intended() -> None:
    (finding,) = explain("identity", policy_of("identity", Actions="s3:PutObject"))
    assert "did you mean" not in finding.title
    assert finding.fixes == ()


def test_of_two_equal_keys_the_last_one_counts() -> None:
    statement = json.dumps(STATEMENTS["identity"])
    right, wrong = '"Version": "2012-10-17"', '"Version": 7'
    assert explain("identity", f'{{{wrong}, {right}, "Statement": {statement}}}') == []
    (finding,) = explain("identity", f'{{{right}, {wrong}, "Statement": {statement}}}')
    assert finding.source.text[slice(*finding.span)] == "7"


def test_keys_with_slashes_and_escapes_are_found() -> None:
    condition: Json = {"StringEquals": {"aws:RequestTag/a~b": None, 'a"b:c': {}}}
    found = explain("identity", policy_of("identity", Condition=condition))
    keys = {finding.pointer.rpartition("/StringEquals/")[2] for finding in found}
    assert keys == {"aws:RequestTag~1a~0b", 'a"b:c'}


def test_a_long_value_is_shortened() -> None:
    (finding,) = explain("identity", policy_of("identity", Effect="x" * 1000))
    assert len(finding.title) < 120


def test_organizations_requires_a_version() -> None:
    statement = STATEMENTS["scp"]
    (missing,) = explain("scp", {"Statement": statement})
    (old,) = explain("scp", {"Version": "2008-10-17", "Statement": statement})
    assert missing.severity is old.severity is Severity.ERROR
    (missing,) = explain("identity", {"Statement": STATEMENTS["identity"]})
    assert missing.severity is Severity.SUGGESTION
    variable = {**STATEMENTS["identity"], "Resource": "arn:aws:s3:::home/${aws:username}/*"}
    assert explain("identity", {"Statement": variable})[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    "resource", ["${aws:username}", "${x}", "{{ x }}", "\\u0024{aws:username}"]
)
def test_to_add_a_version_is_safe_only_without_variables(resource: str) -> None:
    text = '{\n\t"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "%s"}\n}\n'
    (finding,) = explain("identity", text % "*")
    (fix,) = finding.fixes
    assert fix.safety is Safety.SAFE
    edits = json_edits(finding.source, parse(text % "*"), fix.changes)
    assert apply_edits(text % "*", edits).startswith('{\n\t"Version": "2012-10-17",\n\t"State')
    (finding,) = explain("identity", text % resource)
    assert [fix.safety for fix in finding.fixes] == [Safety.UNSAFE]


@pytest.mark.parametrize(
    ("sid", "fixed"),
    [("a-b", "aB"), ("Allow SSL only - v1", "AllowSSLOnlyV1"), ("-", None), ("ö", None)],
)
def test_a_sid_is_cleaned_where_its_words_are_clear(sid: str, fixed: str | None) -> None:
    (finding,) = explain("identity", policy_of("identity", Sid=sid))
    assert [change.value for fix in finding.fixes for change in fix.changes] == (
        [] if fixed is None else [fixed]
    )


def test_a_clean_sid_that_is_taken_is_not_offered() -> None:
    statements = [{**STATEMENTS["identity"], "Sid": sid} for sid in ("a-b", "aB")]
    (finding,) = explain("identity", {"Version": "2012-10-17", "Statement": statements})
    assert finding.fixes == ()


def test_the_operators_are_those_of_the_table_in_any_case() -> None:
    names = SCHEMAS["elements.json"]["$defs"]["condition"]["propertyNames"]["x-names"]
    known = {"".join(parts) for parts in product(*names)}
    accepts = acceptor("identity")

    def accepted(operator: str) -> bool:
        return accepts(policy_of("identity", Condition={operator: {"a:b": "x"}}))

    assert len(names[1]) == 27
    for operator in known:
        assert accepted(operator)
        assert accepted(operator.lower())
        assert not accepted(f"{operator}\n")
        assert not accepted(f"x{operator}")
    kinds = ["String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "Arn", "Null"]
    relations = [
        "",
        "Equals",
        "EqualsIgnoreCase",
        "Like",
        "LessThan",
        "GreaterThan",
        "LessThanEquals",
    ]
    for parts in product(["", "Not"], kinds, ["", "Not"], relations, ["", "IfExists"]):
        assert accepted("".join(parts)) == ("".join(parts) in known)
