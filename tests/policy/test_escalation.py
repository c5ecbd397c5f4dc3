"""Every known path of privilege escalation: what opens it, and what closes it.

https://pathfinding.cloud/paths/
"""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.escalation_paths import COLLECTION, paths
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.escalation import open_paths
from multitool_lint.syntax.source import Source

DATA = json.loads((Path(__file__).parents[1] / "data" / "escalation.json").read_text("utf-8"))
PUBLISHED = Path(__file__).parents[3] / "shared" / "escalation" / "paths.json"


def known_paths() -> list[dict[str, Any]]:
    """The paths of the collection: as they are published, or else as the table has them."""
    if PUBLISHED.exists():
        return json.loads(PUBLISHED.read_text("utf-8"))["paths"]  # type: ignore[no-any-return]
    return [
        {
            "id": path.id,
            "category": "existing-passrole" if path.kind == "target" else "",
            "required": list(path.actions),
            "trusts": list(path.services),
            "url": path.url,
        }
        for path in paths(bundled())
        if path.url.startswith(COLLECTION)
    ]


PATHS = known_paths()
PASSING = [path for path in PATHS if "iam:PassRole" in path["required"]]
NEEDING_A_TARGET = {"existing-passrole"}
ALSO_NEEDING_ONE = {"sts-001", "cloudformation-005"}
RULES = {"privilege-escalation", "target-dependent-escalation"}

Statement = dict[str, Any]
every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path["id"])
every_passing_path = pytest.mark.parametrize("path", PASSING, ids=lambda path: path["id"])


def allow(*actions: str, resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(action: str, **more: object) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


def source(*statements: Statement) -> Source:
    return Source("policy.json", json.dumps({"Version": "2012-10-17", "Statement": statements}))


def ids(*statements: Statement) -> set[str]:
    """The paths that a policy opens."""
    policy = read_source(source(*statements)).json_policies[0]
    return {open_path.path.id for open_path in open_paths(policy, bundled())}


def findings(*statements: Statement) -> list[Finding]:
    found = lint_source(source(*statements)).findings
    return [finding for finding in found if finding.rule in RULES]


def reported_ids(found: list[Finding]) -> set[str]:
    """The paths without need of a target that messages name."""
    reported = [text_of(finding) for finding in found if finding.rule == "privilege-escalation"]
    return {path["id"] for path in PATHS if any(path["id"] in text for text in reported)}


def text_of(finding: Finding) -> str:
    """All that a finding says, with its notes."""
    return "\n".join([finding.title, *finding.notes])


def limited_to(service: str) -> Statement:
    condition = {"StringEquals": {"iam:PassedToService": service}}
    return allow("iam:PassRole", Condition=condition)


def others(path: dict[str, Any]) -> list[str]:
    return [action for action in path["required"] if action != "iam:PassRole"]


def test_all_of_them_are_known_with_their_links() -> None:
    ours = {path.id: (path.needed, path.url) for path in paths(bundled())}
    theirs = {path["id"]: (frozenset(path["required"]), path["url"]) for path in PATHS}
    assert len(theirs) == 87
    assert {id_: ours.get(id_) for id_ in theirs} == theirs


@every_path
def test_a_path_alone_is_reported_with_its_id_and_link(path: dict[str, Any]) -> None:
    found = findings(allow(*path["required"]))
    reported = [finding for finding in found if path["id"] in text_of(finding)]
    assert len(reported) == 1
    assert path["url"] in reported[0].title or COLLECTION in text_of(reported[0])
    of_target = path["category"] in NEEDING_A_TARGET or path["id"] in ALSO_NEEDING_ONE
    assert reported[0].rule == (
        "target-dependent-escalation" if of_target else "privilege-escalation"
    )


@every_path
def test_it_is_found_over_several_statements_and_in_any_case(path: dict[str, Any]) -> None:
    assert path["id"] in ids(*(allow(action.upper()) for action in path["required"]))
    placed = findings(*(allow(action) for action in path["required"]))
    reported = next(finding for finding in placed if path["id"] in text_of(finding))
    steps = {reported.pointer, *(related.pointer for related in reported.related)}
    assert len(steps) == len(path["required"]), "each action has its place"
    shorter = [other for other in PATHS if set(other["required"]) < set(path["required"])]
    if not shorter and "iam:PassRole" in path["required"]:
        at = path["required"].index("iam:PassRole")
        assert reported.pointer.startswith(f"/Statement/{at}/"), "where the role is passed"
    # What only adds to a shorter path is reported with that one.
    added = reported_ids(placed) & {other["id"] for other in shorter}
    assert not added or any(id_ in text_of(reported) for id_ in added)


@every_path
def test_without_any_one_action_it_is_not_open(path: dict[str, Any]) -> None:
    for missing in path["required"]:
        rest = [action for action in path["required"] if action != missing]
        assert path["id"] not in (ids(allow(*rest)) if rest else set())


@every_path
def test_a_deny_closes_it_unless_that_has_a_condition(path: dict[str, Any]) -> None:
    granted = allow(*path["required"])
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    for action in path["required"]:
        service = action.partition(":")[0]
        assert path["id"] not in ids(granted, deny(action))
        assert path["id"] not in ids(deny(f"{service}:*"), granted)
        assert path["id"] in ids(granted, deny(action, Condition=condition))


@every_passing_path
def test_roles_passed_to_another_service_do_not_open_it(path: dict[str, Any]) -> None:
    services = next(known.services for known in paths(bundled()) if known.id == path["id"])
    assert set(path["trusts"]) <= set(services)
    granted = allow(*others(path))
    for service in services:
        assert path["id"] in ids(limited_to(service), granted)
        assert any(
            path["id"] in text_of(finding) for finding in findings(limited_to(service), granted)
        )
    assert path["id"] not in ids(limited_to("backup.amazonaws.com"), granted)
    but_not = {"StringNotEquals": {"iam:PassedToService": services}}
    assert path["id"] not in ids(allow("iam:PassRole", Condition=but_not), granted)


@every_passing_path
def test_it_takes_all_roles_not_one(path: dict[str, Any]) -> None:
    granted = allow(*others(path))
    one = allow("iam:PassRole", resource="arn:aws:iam::111122223333:role/app-runtime")
    all_of_an_account = allow("iam:PassRole", resource="arn:aws:iam::111122223333:role/*")
    assert path["id"] not in ids(one, granted)
    assert path["id"] in ids(all_of_an_account, granted)


@pytest.mark.parametrize("roles", ["arn:aws:iam::*", "arn:aws:iam:*", "arn:aws:iam::*:role/*"])
def test_a_star_that_ends_a_short_arn_is_all_roles(roles: str) -> None:
    assert "ec2-001" in ids(allow("iam:PassRole", resource=roles), allow("ec2:RunInstances"))


@every_path
def test_full_access_says_it_all(path: dict[str, Any]) -> None:
    assert findings(allow("*"), allow(*path["required"])) == []


@pytest.mark.parametrize("case", DATA["vulnerable"], ids=lambda case: case["name"])
def test_policies_that_were_made_vulnerable(case: dict[str, Any]) -> None:
    found = lint_source(Source("policy.json", json.dumps(case["policy"]))).findings
    if case["opens"] == "full-admin-access":
        assert [finding.rule for finding in found] == ["full-admin-access"]
    else:
        assert case["opens"] in ids(*case["policy"]["Statement"])
        assert RULES & {finding.rule for finding in found}


OTHER_TOOLS = json.loads(
    (Path(__file__).parents[1] / "data" / "escalation_tools.json").read_text("utf-8")
)
NOT_NAMED = {
    # An API operation in the place of an action, a service that is gone, and parts of paths.
    ("emr:RunJobFlow", "iam:PassRole"),
    ("codestar:AssociateTeamMember", "codestar:CreateProject"),
    ("codestar:CreateProjectFromTemplate",),
    ("datapipeline:CreatePipeline", "iam:PassRole"),
    ("autoscaling:CreateAutoScalingGroup",),
}


def test_what_other_tools_call_escalation_is_reported() -> None:
    unnamed = set()
    for listed in OTHER_TOOLS["sets"]:
        policy = source(allow(*listed["actions"]))
        rules = {finding.rule for finding in lint_source(policy).findings}
        if not rules & {*RULES, "pass-role-to-service"}:
            unnamed.add(tuple(listed["actions"]))
    assert unnamed == NOT_NAMED


def test_a_path_of_ours_does_not_replace_one_of_the_collection() -> None:
    stack = findings(allow("iam:PassRole"), allow("cloudformation:UpdateStack"))
    named = "\n".join(map(text_of, stack))
    assert "cloudformation-update-stack-with-role" in named
    assert "cloudformation-002" in named
    build = findings(allow("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"))
    assert [finding.rule for finding in build] == ["privilege-escalation"]
