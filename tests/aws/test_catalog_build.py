"""The build of the catalog."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import build_catalog
import catalog_botocore
import catalog_sources as sources
import pytest

from multitool_lint.aws.catalog import records as facts
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.listed_names import listed, names_in, number_in
from multitool_lint.aws.catalog.tables import read_text, services_in
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.merge import CatalogSource, ServiceFacts, merge, of_catalog
from multitool_lint.aws.catalog.update.reference import read_service
from multitool_lint.aws.catalog.update.update import merge_operations

if TYPE_CHECKING:
    from pathlib import Path


# Two actions, a resource type and two condition keys of AWS's own document on Amazon S3.
S3: dict[str, Any] = {
    "Name": "s3",
    "Actions": [
        {
            "Name": "AbortMultipartUpload",
            "ActionConditionKeys": ["s3:TlsVersion", "s3:authType"],
            "Annotations": {
                "Properties": {
                    "IsList": False,
                    "IsPermissionManagement": False,
                    "IsTaggingOnly": False,
                    "IsWrite": True,
                }
            },
            "Resources": [{"Name": "object"}],
        },
        {
            "Name": "GetBucketAcl",
            "Annotations": {
                "Properties": {
                    "IsList": False,
                    "IsPermissionManagement": False,
                    "IsTaggingOnly": False,
                    "IsWrite": False,
                }
            },
        },
    ],
    "ConditionKeys": [
        {"Name": "s3:TlsVersion", "Types": ["Numeric"]},
        {"Name": "s3:authType", "Types": ["String"]},
    ],
    "Resources": [
        {
            "Name": "object",
            "ARNFormats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"],
            "ConditionKeys": ["s3:BucketTag/${TagKey}"],
        }
    ],
    "Version": "v1.3",
}


def source(
    date: str, *actions: facts.Action, complete: bool = True, detailed: bool = True
) -> CatalogSource:
    services: dict[str, ServiceFacts] = {}
    for action in actions:
        service = services.setdefault(action.prefix, ServiceFacts(action.prefix.upper()))
        service.actions[action.name.partition(":")[2].lower()] = action
    return CatalogSource(facts.Provenance(f"source of {date}", date), services, complete, detailed)


def action(name: str, **stated: Any) -> facts.Action:  # noqa: ANN401
    return facts.Action(name, name.partition(":")[0], frozenset({"Write"}), **stated)


def test_every_file_is_written_as_it_is_read() -> None:
    catalog = bundled()
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        assert service is not None
        head = [prefix, service.name, *service.provenance]
        current, gone = service.actions[: service.current], service.actions[service.current :]
        lines = [
            "\t".join([*head, service.retired] if service.retired else head),
            facts.ACTIONS.rstrip(),
            *map(facts.write_action, current),
            facts.RETIRED.rstrip(),
            *map(facts.write_action, gone),
            facts.RESOURCES.rstrip(),
            *map(facts.write_resource_type, service.resource_types.values()),
            facts.KEYS.rstrip(),
            *map(facts.write_condition_key, service.condition_keys),
        ]
        assert catalog.text_of(prefix).splitlines() == lines


def test_a_document_of_the_service_reference(tmp_path: Path) -> None:
    (tmp_path / "s3.json").write_text(json.dumps(S3), encoding="utf-8")
    documents = sources.read_documents(tmp_path)
    read = sources.service_reference(documents, "2026-10-01").services["s3"]
    assert read.actions["abortmultipartupload"] == facts.Action(
        "s3:AbortMultipartUpload",
        "s3",
        frozenset({"Write"}),
        (facts.ActionResource("object", required=False),),
        ("s3:TlsVersion", "s3:authType"),
    )
    assert read.actions["getbucketacl"].access_levels == {"Read"}
    assert read.resource_types["object"].condition_keys == ("s3:BucketTag/${TagKey}",)
    assert read.condition_keys["s3:tlsversion"].types == ("Numeric",)


def test_the_newest_source_wins() -> None:
    new = action("s3:GetObject", condition_keys=("s3:new",))
    old = action("s3:getobject", condition_keys=("s3:old",), dependent_actions=("kms:Decrypt",))
    [service] = merge([source("2026-02-02", new), source("2026-01-01", old)])
    assert service.current == [new._replace(dependent_actions=("kms:Decrypt",))]
    assert service.provenance.date == "2026-02-02"
    assert service.gone == []


def test_what_only_older_sources_have_is_retired() -> None:
    newest = source("2026-03-03", action("s3:A"))
    older = source("2026-02-02", action("s3:A"), action("s3:B"))
    oldest = source("2026-01-01", action("s3:B"), action("s3:C"), action("gone:D"))
    gone, s3 = merge([newest, older, oldest])
    assert [action.name for action in s3.current] == ["s3:A"]
    assert [(action.name, action.retired) for action in s3.gone] == [
        ("s3:B", "source of 2026-02-02"),
        ("s3:C", "source of 2026-01-01"),
    ]
    assert gone.retired
    assert gone.current == []


def test_a_source_of_some_services_retires_no_others() -> None:
    newest = source("2026-03-03", action("s3:A"), complete=False)
    complete = source("2026-02-02", action("sqs:B"), action("s3:A"))
    s3, sqs = merge([newest, complete])
    assert not s3.retired
    assert not sqs.retired


def test_the_service_reference_is_completed_from_other_sources() -> None:
    object_ = facts.ActionResource("object", required=True, condition_keys=("s3:a", "s3:gone"))
    old = action("s3:A", resource_types=(object_,), condition_keys=("s3:b",))
    bare = (facts.ActionResource("object", required=False),)
    new = action("s3:A", resource_types=bare, condition_keys=("s3:a", "s3:b", "s3:c"))
    [service] = merge([source("2026-02-02", new, detailed=False), source("2026-01-01", old)])
    [merged] = service.current
    assert merged.resource_types == (facts.ActionResource("object", True, ("s3:a",)),)  # noqa: FBT003
    assert merged.condition_keys == ("s3:b", "s3:c")


def test_a_service_of_the_catalog_is_in_one_file(pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "multitool_lint" / "aws" / "catalog" / "data" / "services"
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert sorted(prefix for text in texts for prefix in services_in(text)) == [*bundled().prefixes]


def test_names_may_be_in_one_file_too() -> None:
    catalog = bundled()
    rows = [line.split("\t") for line in read_text(catalog.directory, "names.tsv").splitlines()]
    assert [row[0] for row in rows[1:]] == list(catalog.prefixes)
    for prefix, *names in rows[1:]:
        service = catalog.service(prefix)
        assert service is not None
        current = [action.name for action in service.actions if not action.retired]
        assert [f"{prefix}:{name}" for name in names_in("".join(names))] == current


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["GetObject", "GetObjectAcl", "ListBucket"], "Get:Object,ObjectAcl List:Bucket"),
        (["*", "Ping", "get", "list2"], ":* Ping: :get,list2"),
        (["GetA", "PutA", "GetB"], "Get:A Put:A Get:B"),
        ([], ""),
    ],
)
def test_names_have_a_short_form(names: list[str], text: str) -> None:
    assert listed(names) == text
    assert names_in(text) == names
    assert number_in(text) == len(names)


def test_an_action_that_is_retired_already_stays_so() -> None:
    old = action("s3:B", retired="source of 2020-01-01")
    [s3] = merge([source("2026-02-02", action("s3:A")), source("2026-01-01", old)])
    assert [action.retired for action in s3.gone] == ["source of 2020-01-01"]
    [s3] = merge([source("2026-01-01", old)])
    assert s3.current == []
    [s3] = merge([source("2026-02-02", action("s3:B")), source("2026-01-01", old)])
    assert [action.retired for action in s3.current] == [None]


def test_operations_of_a_table_and_of_the_service_reference() -> None:
    services = merge([source("2026-01-01", action("s3:A"), action("s3:B"))])
    known = [["s3:Copy", "s3:A s3:Gone"], ["s3:b"], ["s3:Bare"]]
    authorised = {
        "s3:copy": ("s3:B",),
        "s3:A": ("s3:A",),
        "s3:bare": ("s3:b", "kms:C"),
        "s3:New": (),
    }
    assert merge_operations(known, authorised, services) == {
        "s3:Copy": ("s3:A",),
        "s3:Bare": ("s3:B",),
        "s3:New": (),
    }


def test_what_a_document_says_of_one_thing_in_several_places() -> None:
    value = {
        **S3,
        "Actions": [
            {**S3["Actions"][0], "Resources": [{"Name": "object"}, {"Name": "object"}]},
            {**S3["Actions"][0], "ActionConditionKeys": ["s3:<key>"]},
        ],
        "Resources": [
            *S3["Resources"],
            {**S3["Resources"][0], "Name": "Object", "ARNFormats": ["arn:a:s3:::b", "odd"]},
        ],
        "ConditionKeys": [{"Name": "s3:authType", "Types": ["ArrayOfString", "Odd"]}],
    }
    read = read_service("s3", value).facts
    [aborts] = read.actions.values()
    assert aborts.resource_types == (facts.ActionResource("object", required=False),)
    assert aborts.condition_keys == ("s3:${key}", "s3:TlsVersion", "s3:authType")
    assert read.resource_types["object"].arn_formats == (
        "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        "arn:a:s3:::b",
    )
    assert read.condition_keys["s3:authtype"].types == ("ArrayOfString",)
    assert read.condition_keys["s3:${key}"].types == ()


def test_a_retired_action_keeps_the_facts_that_it_needs() -> None:
    old = source("2026-01-01", action("s3:B", resource_types=(facts.ActionResource("old", True),)))  # noqa: FBT003
    old.services["s3"].add_resource_type(facts.ResourceType("old", ("arn:a:s3:::b",)))
    old.services["s3"].add_resource_type(facts.ResourceType("unused", ("arn:a:s3:::c",)))
    [s3] = merge([source("2026-02-02", action("s3:A")), old])
    assert [resource_type.name for resource_type in s3.resource_types] == ["old"]
    assert s3.names() == {"a"}


def test_services_that_begin_alike_have_one_file(tmp_path: Path) -> None:
    actions = [action("s3:A"), action("s3tables:B"), action("sqs:C")]
    merged = merge([source("2026-01-01", *actions)])
    writing.write_services(tmp_path, merged, [["test", "now"]])
    text = (tmp_path / "services" / "s3.tsv").read_text(encoding="utf-8")
    assert services_in(text) == {one.prefix: one.text() for one in merged[:2]}


def test_what_no_service_has_any_more_is_deleted(tmp_path: Path) -> None:
    for actions in ([action("s3:A"), action("gone:B")], [action("s3:A")]):
        writing.write_services(tmp_path, merge([source("2026-01-01", *actions)]), [["test", "now"]])
    assert [path.name for path in (tmp_path / "services").iterdir()] == ["s3.tsv"]


def test_a_service_keeps_its_source_and_date_where_nothing_else_has_changed() -> None:
    previous = bundled()
    old = of_catalog(previous)
    services = {prefix: replace(old.services[prefix]) for prefix in ("s3", "sqs", "deepracer")}
    newer = facts.Provenance("newer", "2027-01-01")
    for service in services.values():
        service.provenance = None
    services["sqs"].actions = {**services["sqs"].actions, "new": action("sqs:New")}
    services["new"] = ServiceFacts("New", {"a": action("new:A")})
    merged = merge([CatalogSource(newer, services)])
    deepracer, new, s3, sqs = build_catalog.as_before(merged, previous)
    assert deepracer.provenance.source == "parliament 1.6.4"
    assert s3.provenance == previous.known("s3").provenance
    assert sqs.provenance == newer
    assert new.provenance == newer
    rows = [("newer", "2027-01-01", "4"), (previous.sources[0].source, "2027-01-01", "5")]
    kept = build_catalog.with_earlier_sources(rows, [deepracer, new, s3, sqs], previous)
    assert [row[0] for row in kept] == ["newer", previous.sources[0].source, "parliament 1.6.4"]
    assert kept[1][2] == "5"


def test_a_key_that_a_resource_type_has_for_all_actions_is_its_own() -> None:
    queue = (facts.ActionResource("queue", required=False),)
    taken = ("aws:ResourceTag/${TagKey}", "sqs:Other")
    new = source(
        "2026-02-02",
        action("sqs:Old", resource_types=queue, condition_keys=taken),
        action("sqs:New", resource_types=queue, condition_keys=taken),
        action("sqs:Odd", resource_types=queue, condition_keys=taken),
        detailed=False,
    )
    formats = ("arn:aws:sqs:::queue",)
    new.services["sqs"].add_resource_type(facts.ResourceType("queue", formats, taken[:1]))
    required = (facts.ActionResource("queue", required=True),)
    old = source(
        "2026-01-01",
        action("sqs:Old", resource_types=required),
        action("sqs:Odd", condition_keys=taken),
    )
    [sqs] = merge([new, old])
    by_name = {action.name: action for action in sqs.current}
    assert by_name["sqs:Old"].resource_types == required
    assert by_name["sqs:Old"].condition_keys == ("sqs:Other",)
    assert by_name["sqs:New"].condition_keys == ("sqs:Other",)
    assert by_name["sqs:Odd"].condition_keys == taken


def api(name: str, signing_name: str, **operations: bool) -> catalog_botocore.Api:
    """An API, with its operations and whether they are deprecated."""
    return catalog_botocore.Api(
        name.upper(),
        (name, signing_name),
        signing_name,
        {
            operation: catalog_botocore.Operation("POST", deprecated)
            for operation, deprecated in operations.items()
        },
    )


def test_operations_are_looked_up_by_the_name_that_an_api_signs_for() -> None:
    actions = {"connect": frozenset({"startcontact"}), "old": frozenset({"new"})}
    apis = [
        api("connectscheduling", "connect", CreateTimeOff=False, StartContact=False),
        api("portal", "portal", CreatePortal=False),
        api("old", "old", New=False, Former=True, Shared=True),
        api("old-runtime", "old", Shared=False),
        api("gone", "gone", Do=True),
    ]
    assert catalog_botocore.operations(apis, actions) == {
        "connect:CreateTimeOff": set(),
        "portal:CreatePortal": set(),
        "old:Shared": set(),
    }
    provenance = facts.Provenance("botocore 1", "2026-01-01")
    services = catalog_botocore.retired(apis, actions, {"gone:Other"}, provenance).services
    assert {prefix: list(service.actions) for prefix, service in services.items()} == {
        "old": ["former"],
        "gone": ["do"],
    }
    assert not catalog_botocore.retired(
        apis, actions, {"old:Former", "gone:Do"}, provenance
    ).services


def test_actions_of_the_newest_versions_of_managed_policies(tmp_path: Path) -> None:
    old = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:Old"}}
    new = {"Version": "2012-10-17", "Statement": [{"Action": ["a:B", "a:C"]}, {"NotAction": "a:D"}]}
    versions = {"v1": {"document": old}, "v2": {"document": new}}
    policy = {"latestVersionId": "v2", "versions": versions}
    path = tmp_path / "managedPolicies.json"
    path.write_text(json.dumps({"Second": policy, "First": policy}), encoding="utf-8")
    used = sources.managed_actions(path)
    assert used == {"a:B": "First", "a:C": "First", "a:D": "First"}
