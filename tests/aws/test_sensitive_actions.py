"""The tables of sensitive actions agree with the catalog, and with parliament where it is right."""

import importlib.util
import re
from pathlib import Path

from support.dangerous_policies import CATALOG

from multitool_lint.aws import escalation_paths as escalation
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.sensitive_actions import credentials, permissions


def parliaments(auditor: str) -> set[str]:
    spec = importlib.util.find_spec("parliament")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "community_auditors" / f"{auditor}.py"
    return set(re.findall(r'"([a-z0-9-]+:[a-z0-9]+)"', source.read_text(encoding="utf-8")))


def test_all_credential_actions_of_parliament_that_exist_are_known() -> None:
    known = {row[-1].lower() for row in read_rows(BUNDLED, "credential-actions.tsv")}
    gone = {name for name in parliaments("credentials_exposure") if not CATALOG.action(name)}
    of_the_caller = {"ecr:getauthorizationtoken", "sts:getsessiontoken"}
    switches_on_and_off = {"iam:updateaccesskey"}
    of_the_request = {"iam:createloginprofile"}
    of_apps = {"cognito-idp:describeuserpoolclient"}
    public = {row[0].lower() for row in read_rows(BUNDLED, "public_operations.tsv")}
    assert not known & public  # about which IAM does not decide
    unlisted = parliaments("credentials_exposure") - known - public
    assert unlisted == gone | of_the_caller | of_the_request | switches_on_and_off | of_apps
    assert gone == {
        "connect:getfederationtokens",
        "iot:assumerolewithcertificate",
        "sso:getrolecredentials",
    }


def test_most_permission_actions_of_parliament_are_known() -> None:
    missing = {
        name
        for name in parliaments("permissions_management")
        if (action := CATALOG.action(name)) is not None
        and not permissions(CATALOG, action.prefix) & CATALOG.match(name).bits(action.prefix)
        and not credentials(CATALOG, action.prefix) & CATALOG.match(name).bits(action.prefix)
    }
    assert {"iam:passrole", "iam:createservicelinkedrole", "waf:getchangetoken"} <= missing
    assert len(missing) < 40


def test_the_tables_name_actions_as_the_catalog_does() -> None:
    named = {row[-1] for table in TABLES for row in read_rows(BUNDLED, table)}
    named |= {action for path in escalation.paths(CATALOG) for action in path.actions}
    for name in sorted(named):
        action = CATALOG.action(name)
        assert action is not None, name
        assert action.name == name
        assert action.retired is None, name


TABLES = (
    "credential-actions.tsv",
    "data-actions.tsv",
    "loss-actions.tsv",
    "permission-actions.tsv",
)


def test_the_corrections_of_access_levels_are_still_corrections() -> None:
    for sign, name in read_rows(BUNDLED, "permission-actions.tsv"):
        action = CATALOG.action(name)
        assert action is not None
        assert ("Permissions management" in action.access_levels) == (sign == "-"), name
