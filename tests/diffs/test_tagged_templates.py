"""Templates that other programs fill in by tags are compared in each case of their conditions."""

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.formats.policies import NoPolicyError, policies_of
from multitool_lint.syntax.source import Source

GROUP = "  Group:\n    Type: AWS::AutoScaling::AutoScalingGroup\n    Properties:\n"
ROLE = "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n"
IF, END = "{{- if .a }}\n", "{{- end }}\n"
SIZES = f"{GROUP}{IF}      MinSize: %d\n{END}"


def inline(name: str, action: str, effect: str = "Allow") -> str:
    statement = f"{{Effect: {effect}, Action: '{action}', Resource: '*'}}"
    return f"      - PolicyName: {name}\n        PolicyDocument: {{Statement: [{statement}]}}\n"


def stops(old: str, new: str) -> bool:
    sides = [Source("stack.yaml", f"Resources:\n{text}") for text in (old, new)]
    found = changes_of_sources(sides, bundled())
    return any(changes.gained or changes.unknown for _, changes in found)


GET, PUT = inline("p", "s3:GetObject"), inline("q", "s3:PutObject")
DENY = inline("d", "s3:*", "Deny")
LOOP = "{{ with $v := .V }}\n{{ range $v }}\n        - '{{ . }}'\n{{ end }}\n{{ end }}\n"
OCEAN = "  Ocean:\n    Type: Custom::ocean\n    Properties:\n      Size: %d\n      A:\n" + LOOP
NESTED = f"  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n{IF}      A: b\n{END}"
OTHER_STACK = (
    "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: https://a.b/c}\n"
)
TABLE = "  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      Size: %s\n"
SIX = (f"{IF.replace('a', f'a{n}')}{inline(f'p{n}', f's3:Get{n}')}{END}" for n in range(6))
MANY = "".join(SIX)
BOX = (
    f"  Box:\n    Type: AWS::EC2::Instance\n    Metadata:\n{IF}      A: b\n{END}"
    "    Properties:\n      IamInstanceProfile: a\n      UserData: |\n        %s\n"
)
MANAGED = (
    "  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: '{{ .a }}'\n{{ if .c }}\n"
    "      DelaySeconds: 1\n{{ end }}\n%s  R:\n    Type: AWS::IAM::Role\n    Properties:\n"
    "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/%sAccess']\n%s"
)
LISTED = (
    "  R:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns:\n"
    "%s      - 'arn:aws:iam::aws:policy/PowerUserAccess'\n%s"
    "      - 'arn:aws:iam::aws:policy/ReadOnlyAccess'\n"
)
PUBLIC = (
    "  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: %s\n"
    "      BucketName: 'a%s-{{ .c }}'\n"
)
TRUST = (
    "{%% set size = '%s' %%}\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n"
    "      AssumeRolePolicyDocument:\n        Statement:\n        - Effect: Allow\n"
    "          Action: sts:AssumeRole\n          Principal:\n            AWS:\n"
    "            {%% for x in %s %%}\n            - 'arn:aws:iam::{{ x }}:root'\n"
    "            {%% endfor %%}\n"
)
UNKNOWN = "{{ .Values.more }}\n"
BOTH = ROLE + GET + PUT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(NESTED + TABLE % 1, NESTED + TABLE % 2, id="a table next to a stack"),
        pytest.param(SIZES % 1 + BOTH, SIZES % 2 + BOTH, id="a size"),
        pytest.param(
            SIZES.replace(IF, "{%% if a %%}\n").replace(END, "{%% endif %%}\n") % 1 + BOTH,
            SIZES.replace(IF, "{%% if a %%}\n").replace(END, "{%% endif %%}\n") % 2 + BOTH,
            id="tags of Jinja",
        ),
        pytest.param(
            f"{SIZES % 1}{ROLE}{GET}{IF}{PUT}{END}",
            f"{SIZES % 2}{ROLE}{GET}{IF}{PUT}{END}",
            id="a policy in one case",
        ),
        pytest.param(
            f"{SIZES % 1}{ROLE}{GET}{IF}{PUT}{END}", SIZES % 1 + ROLE + GET, id="one that is gone"
        ),
        pytest.param(
            BOTH + SIZES % 1, f"{ROLE}{GET}{IF}{PUT}{END}{SIZES % 1}", id="in fewer cases"
        ),
        pytest.param(
            SIZES % 1 + BOTH,
            f"{SIZES % 1}{GROUP.replace('G', 'H')}{IF}{END}{BOTH}",
            id="a resource",
        ),
        pytest.param(
            SIZES % 1 + BOTH, SIZES.replace(".a", ".b") % 1 + BOTH, id="another condition"
        ),
        pytest.param(OCEAN % 1 + BOTH, OCEAN % 2 + BOTH, id="what is not read"),
        pytest.param(SIZES % 1 + ROLE + MANY, SIZES % 2 + ROLE + MANY, id="in many cases"),
        pytest.param(
            SIZES % 1 + ROLE + MANY, f"{IF}{SIZES % 2}{END}{ROLE}{MANY}", id="a resource in a case"
        ),
        pytest.param(
            f"{ROLE}{MANY}Outputs:\n  A:\n    Value: 1\n",
            f"{ROLE}{MANY}Outputs:\n{IF}  B:\n    Value: 2\n{END}",
            id="an output",
        ),
        pytest.param(f"{SIZES % 1}{ROLE}{GET}{PUT}", f"{SIZES % 1}{ROLE}{PUT}{GET}", id="order"),
        pytest.param(BOX % "sleep 1" + BOTH, BOX % "sleep 2" + BOTH, id="what runs"),
        pytest.param(
            BOX % "sleep 1" + NESTED, BOX % "sleep 2" + NESTED, id="what runs next to a stack"
        ),
        pytest.param(
            f"{NESTED}Description: a\nParameters:\n  A:\n    Type: String\n    Description: a\n",
            f"{NESTED}Description: b\nParameters:\n  A:\n    Type: String\n    Description: b\n",
            id="descriptions",
        ),
        pytest.param(TRUST % ("a", "a"), TRUST % ("a", "a") + SIZES % 1, id="a loop that stays"),
        pytest.param(TRUST % ("a", "a"), TRUST % ("b", "a"), id="what is not written"),
        pytest.param(
            MANAGED % (IF, "ReadOnly", END),
            (MANAGED % (IF, "ReadOnly", END)).replace("  R:", "  Role:"),
            id="the id of a role",
        ),
        pytest.param(LISTED % ("", ""), LISTED % (IF, END), id="an item in some cases"),
        pytest.param(LISTED % (IF, END), f"{LISTED % (IF, END)}{SIZES % 1}", id="the same item"),
        pytest.param(
            MANAGED % ("", "ReadOnly", ""), MANAGED % (IF, "ReadOnly", END), id="of AWS, less"
        ),
        pytest.param(
            BOX % "a" + PUBLIC % ("Private", ""), BOX % "a" + PUBLIC % ("Private", "b"), id="a name"
        ),
    ],
)
def test_harmless_changes_pass(old: str, new: str) -> None:
    assert not stops(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(SIZES % 1 + BOTH, SIZES % 1 + BOTH.replace("Get", "Delete"), id="an action"),
        pytest.param(
            SIZES % 1 + BOTH, f"{SIZES % 1}{BOTH}{IF}{inline('r', 'iam:*')}{END}", id="in one case"
        ),
        pytest.param(f"{SIZES % 1}{ROLE}{GET}{IF}{PUT}{END}", SIZES % 1 + BOTH, id="in more cases"),
        pytest.param(
            f"{ROLE}{GET}{IF}{PUT}{END}",
            f"{ROLE}{GET}{IF.replace('if', 'if not')}{PUT}{END}",
            id="in the other case",
        ),
        pytest.param(
            f"{ROLE}{GET}{PUT}{DENY}{SIZES % 1}",
            f"{ROLE}{GET}{PUT}{IF}{DENY}{END}{SIZES % 1}",
            id="denied in fewer cases",
        ),
        pytest.param(
            f"{ROLE}{IF}{PUT}{END.replace('end', 'else')}{DENY}{END}",
            f"{ROLE}{IF}{PUT}{END}{SIZES % 1}",
            id="not denied in the other case",
        ),
        pytest.param(OCEAN % 1 + BOTH, OCEAN % 1 + ROLE + MANY, id="next to what is not read"),
        pytest.param(ROLE + MANY, ROLE + MANY.replace("Get5", "Put*"), id="in one of many cases"),
        pytest.param(
            SIZES % 1 + ROLE + MANY, SIZES % 1 + UNKNOWN + ROLE + MANY, id="more resources"
        ),
        pytest.param(
            f"{SIZES % 1}{ROLE}{MANY}",
            f"{SIZES % 1}  N:\n    Type: AWS::New::Thing\n    Properties:\n"
            f"      Policy: '{{{{ .p }}}}'\n{IF}{END}{ROLE}{MANY}",
            id="a policy that is filled in",
        ),
        pytest.param(
            f"{SIZES % 1}{ROLE}{MANY}",
            f"{SIZES % 1}{OTHER_STACK}{IF}{END}{ROLE}{MANY}",
            id="a nested stack",
        ),
        pytest.param(
            f"{OCEAN % 1}{{{{ if .b }}}}\n{ROLE}{MANY}{END}",
            f"{OCEAN % 1}{ROLE}{MANY}",
            id="always",
        ),
        pytest.param(
            NESTED + TABLE % 1,
            NESTED.replace("A: b", "A: c") + TABLE % 1,
            id="a stack that is not read",
        ),
        pytest.param(
            BOX % "sleep 1" + NESTED,
            (BOX % "sleep 1").replace(": a", ": b") + NESTED,
            id="the profile of an instance",
        ),
        pytest.param(TRUST % ("a", "a"), TRUST % ("a", "b"), id="items of a loop"),
        pytest.param(
            MANAGED % (IF, "ReadOnly", END), MANAGED % (IF, "Administrator", END), id="of AWS"
        ),
        pytest.param(MANAGED % (IF, "ReadOnly", END), MANAGED % ("", "ReadOnly", ""), id="always"),
        pytest.param(
            MANAGED % (IF, "ReadOnly", END),
            MANAGED % (IF.replace(".a", ".b"), "ReadOnly", END),
            id="in another case",
        ),
        pytest.param(
            BOX % "a" + PUBLIC % ("Private", ""),
            BOX % "a" + PUBLIC % ("PublicRead", ""),
            id="public",
        ),
        pytest.param(LISTED % (IF, END), LISTED % ("", ""), id="an item in all cases"),
        pytest.param(
            LISTED % (IF, END), LISTED % (IF.replace("if", "if not"), END), id="in other cases"
        ),
        pytest.param(
            "{% set a = ['1'] %}\n" + TRUST % ("b", "a"),
            "{% set a = ['2'] %}\n" + TRUST % ("b", "a"),
            id="what is assigned",
        ),
        pytest.param(
            NESTED + TABLE % 1,
            NESTED + TABLE % "1\n      ResourcePolicy: {PolicyDocument: !Ref D}",
            id="the policy of a table",
        ),
    ],
)
def test_new_access_stops(old: str, new: str) -> None:
    assert stops(old, new)


def test_what_is_not_read_has_no_policy_by_its_type() -> None:
    with pytest.raises(NoPolicyError):
        policies_of(Source("stack.yaml", f"Resources:\n{OCEAN % 1}"))
    document = OCEAN.replace("Custom::ocean", "AWS::IAM::Policy") % 1
    with pytest.raises(NoPolicyError):
        policies_of(Source("stack.yaml", f"Resources:\n{document}"))
    document = document.replace(" A:", " PolicyDocument:")
    assert policies_of(Source("stack.yaml", f"Resources:\n{document}")).unknown
