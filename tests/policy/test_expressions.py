"""Expressions of templates that mean the same have the same text, and no others."""

import pytest

from multitool_lint.policy.compare.expressions import canonical


@pytest.mark.parametrize(
    "same",
    [
        ["!Ref X", "{Ref: X}", '{ "Ref":  "X" }', '!Sub "${X}"', '!Join ["", [!Ref X]]'],
        ["!GetAtt A.Arn", "!GetAtt [A, Arn]", '{"Fn::GetAtt": ["A", "Arn"]}', '!Sub "${A.Arn}"'],
        ['!Sub "${X}/*"', '!Join ["", [!Ref X, "/*"]]', '{"Fn::Join": ["",[{"Ref": "X"},"/*"]]}'],
        ["!Select [0, !Ref X]", '{"Fn::Select": [0, {"Ref": "X"}]}'],
        ["!ImportValue foo", '{"Fn::ImportValue": "foo"}'],
        ['format("%s/*",var.a)', 'format( "%s/*",\n  var.a )', 'format("%s/*", var.a)'],
        ["var.a", '"${var.a}"', '"${ var.a }"'],
        ['"${var.a}/*"', '"${ var.a }/*"'],
        ["[var.a,var.b]", "[\n  var.a,\n  var.b,\n]"],
        ['var.x?"a":"b"', 'var.x ? "a" : "b"'],
    ],
)
def test_the_same(same: list[str]) -> None:
    assert len(set(map(canonical, same))) == 1


@pytest.mark.parametrize(
    "different",
    [
        ["!Ref X", "!Ref Y", "!GetAtt X.Arn", '!Sub "${!X}"', '!Sub "X"', "!Ref AWS::Region"],
        ['!Sub "${X}/*"', '!Sub "${X}*"', '!Join ["/", [!Ref X, "*"]]', '!Sub "${!X}/*"'],
        ['!Join ["", ["${X}", "/*"]]', '!Join ["", [!Ref X, "/*"]]'],
        ["!Select [0, !Ref X]", "!Select [1, !Ref X]", '!Select ["0", !Ref X]'],
        ['"${var.a}/*"', '"${var.a} /*"', '" ${var.a}/*"', '"$${var.a}/*"', '"${var.a}/* "'],
        ['lookup(var.m, "a b")', 'lookup(var.m, "a  b")', 'lookup(var.m, "ab")'],
        ['"${lookup(m, "a b")}"', '"${lookup(m, "a  b")}"'],
        ["a - b", "a-b", "a.b", "a[b]"],
        ["<<A\n  ${a}\nA", "<<A\n${a}\nA", "<<-A\n  ${a}\nA"],
        ["{{ .Values.a }}", "{{ .Values.b }}", "{ .Values.a }"],
    ],
)
def test_different(different: list[str]) -> None:
    assert len(set(map(canonical, different))) == len(different)
