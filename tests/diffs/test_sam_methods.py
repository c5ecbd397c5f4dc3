"""Who may call the methods that are events of functions of SAM is compared."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

SHARED = "Globals: {Api: {Auth: {DefaultAuthorizer: AWS_IAM}}}\n"
CORS = "Globals: {Api: {Cors: \"'*'\"}}\n"
IAM = "Auth: {Authorizer: AWS_IAM}"
NONE = "Auth: {Authorizer: NONE}"
OWN = "Auth: {Authorizer: Mine, AuthorizationScopes: [read]}"


def service(given: str, shared: str = "", event: str = "Api", name: str = "E") -> str:
    return f"""Transform: AWS::Serverless-2016-10-31
{shared}Resources:
  Closed: {{Type: AWS::Serverless::Api, Properties: {{Auth: {{DefaultAuthorizer: AWS_IAM}}}}}}
  Open: {{Type: AWS::Serverless::Api, Properties: {{StageName: a}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Events:
        {name}: {{Type: {event}, Properties: {{Path: /a, Method: get, {given}}}}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (service(IAM), service(NONE)),
        (service(IAM), service("")),
        (service(IAM), service(OWN)),
        (service(OWN), service("Auth: {Authorizer: Mine, AuthorizationScopes: [read, write]}")),
        (service(OWN, event="HttpApi"), service("", event="HttpApi")),
        (service("", SHARED), service("")),
        (service("", SHARED), service(NONE, SHARED)),
        (service("RestApiId: !Ref Closed"), service(f"RestApiId: !Ref Closed, {NONE}")),
        (service("RestApiId: !Ref Closed"), service("RestApiId: !Ref Open")),
    ],
)
def test_whom_a_method_lets_call_it_besides_stops(old: str, new: str) -> None:
    assert stops("template.yaml", old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (service(""), service(IAM)),
        (service(""), service(NONE)),
        (service(OWN), service(IAM)),
        (service(IAM), service(IAM, name="Other")),
        (service("", SHARED), service(IAM, SHARED)),
        (service(""), service("", CORS)),
        (service("RestApiId: !Ref Open"), service(f"RestApiId: !Ref Open, {NONE}")),
        (service("RestApiId: !Ref Open"), service("RestApiId: !Ref Closed")),
    ],
)
def test_the_same_callers_or_less_pass(old: str, new: str) -> None:
    assert not stops("template.yaml", old, new)
