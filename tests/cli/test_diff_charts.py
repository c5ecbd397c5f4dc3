"""`diff --staged` where another file of a chart of Helm decides what a template says."""

from __future__ import annotations

import pytest
from support.staged_files import Files, code, stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")

POLICY = """\
apiVersion: iam.aws.crossplane.io/v1beta1
kind: Policy
spec:
  forProvider:
    document: |
      {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"}
      ]}
"""
VALUES = "image: {tag: '1'}\nactions: ['s3:GetObject']\n"
OF_VALUES = "{{ .Values.actions | toJson }}"
HELPERS = '{{- define "x.actions" -}}\n["s3:GetObject"]\n{{- end -}}\n{{ define "y" }}1{{ end }}\n'
OF_HELPERS = '{{ include "x.actions" . }}'


def chart(actions: str, files: Files, folder: str = "chart") -> Files:
    """A chart with a policy whose actions are in other files."""
    own = {"Chart.yaml": "name: x\n", "templates/p.yaml": POLICY.replace("ACTIONS", actions)}
    return {**{f"{folder}/{name}": text for name, text in own.items()}, **files}


def of_dependency(values: str) -> Files:
    """A chart in another one, which has values for it."""
    outer = {"chart/Chart.yaml": "name: y\n", "chart/values.yaml": values}
    return chart(OF_VALUES, outer, "chart/charts/x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            chart(OF_VALUES, {"chart/values.yaml": VALUES}),
            {"chart/values.yaml": VALUES.replace("s3:GetObject", "*")},
        ),
        (
            chart(OF_VALUES, {"chart/values.yaml": VALUES}),
            {"chart/values-prod.yaml": "actions: ['*']"},
        ),
        (
            chart('{{ index .Values "actions" | toJson }}', {"chart/values.yaml": VALUES}),
            {"chart/values.yaml": VALUES.replace("s3:GetObject", "*")},
        ),
        (
            chart(OF_HELPERS, {"chart/templates/_helpers.tpl": HELPERS}),
            {"chart/templates/_helpers.tpl": HELPERS.replace("s3:GetObject", "*")},
        ),
        (
            chart(
                OF_HELPERS,
                {
                    "chart/templates/_helpers.tpl": HELPERS.replace('["s3:GetObject"]', OF_VALUES),
                    "chart/values.yaml": VALUES,
                },
            ),
            {"chart/values.yaml": VALUES.replace("s3:GetObject", "*")},
        ),
        (
            chart('{{ .Files.Get "actions.json" }}', {"chart/actions.json": '["s3:GetObject"]'}),
            {"chart/actions.json": '["*"]'},
        ),
        (
            of_dependency("x: {actions: ['s3:GetObject']}"),
            {"chart/values.yaml": "x: {actions: ['*']}"},
        ),
    ],
    ids=["value", "new-file", "index", "named-template", "value-of-named", "file", "dependency"],
)
def test_what_a_template_takes_is_part_of_it(old: Files, new: Files) -> None:
    assert code(old, new) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            chart(OF_VALUES, {"chart/values.yaml": VALUES}),
            {"chart/values.yaml": "# a comment\n" + VALUES.replace("'1'", "'2'")},
        ),
        (
            chart(OF_HELPERS, {"chart/templates/_helpers.tpl": HELPERS}),
            {"chart/templates/_helpers.tpl": HELPERS.replace("1", "2")},
        ),
        (
            of_dependency("x: {actions: ['s3:GetObject']}"),
            {"chart/values.yaml": "x: {actions: ['s3:GetObject']}\nactions: ['*']"},
        ),
    ],
    ids=["value", "named-template", "dependency"],
)
def test_what_it_does_not_take_is_not(old: Files, new: Files) -> None:
    assert code(old, new) == 0


def test_a_chart_is_committed_first(capsys: pytest.CaptureFixture[str]) -> None:
    stage(chart(OF_VALUES, {"chart/values.yaml": VALUES}))
    assert main(["diff", "--staged", "--fail-on-new-access"]) == 0
    assert "there is no commit yet" in capsys.readouterr().err
