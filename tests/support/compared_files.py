"""Two versions of a file, and what `diff` makes of them."""

from __future__ import annotations

from pathlib import Path

from multitool_lint.cli import main

NEW_ACCESS = "--fail-on-new-access"


def code(name: str, old: str, new: str, *arguments: str) -> int:
    """The exit code of `diff` for two versions, which are written in the current folder."""
    Path("old").mkdir(exist_ok=True)
    Path("new").mkdir(exist_ok=True)
    Path("old", name).write_text(old, encoding="utf-8")
    Path("new", name).write_text(new, encoding="utf-8")
    return main(["diff", f"old/{name}", f"new/{name}", *(arguments or (NEW_ACCESS,))])


def resource(policy: str, name: str = "a", type_: str = "aws_iam_policy", more: str = "") -> str:
    """A resource of Terraform with a policy."""
    return f'resource "{type_}" "{name}" {{\n  policy = {policy}\n{more}\n}}\n'


def encoded(*statements: str) -> str:
    return f'jsonencode({{Version = "2012-10-17", Statement = [{", ".join(statements)}]}})'


READ = '{Effect = "Allow", Action = "s3:GetObject", Resource = "*"}'
GOOD = resource(encoded(READ))
STATEMENT = '{"Effect": "Allow", "Action": "ACTION", "Resource": "*"}'
DATED = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
ALLOW = "{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::b/*'}"


def template(statement: str, *, before: str = "", properties: str = "", role: str = "R") -> str:
    return f"""{before}
Resources:
  {role}:
    Type: AWS::IAM::Role
    Properties:
      {properties}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: ec2.amazonaws.com}}, Action: sts:AssumeRole}}
      Policies:
        - PolicyName: a
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {statement}
"""
