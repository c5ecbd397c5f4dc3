"""The identities that files of other programs than CloudFormation and Terraform define."""

from collections.abc import Iterator
from pathlib import Path

from multitool_lint.formats import read_source
from multitool_lint.formats.identities import all_identities
from multitool_lint.limits import MAX_POLICIES_OF_GROUP
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.identities import Identity
from multitool_lint.syntax.source import Source

EC2 = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
PASSING = '{Statement: [{Effect: Allow, Action: "iam:PassRole", Resource: "*"}]}'


def read(text: str, path: str = "x.yaml") -> dict[str, Identity]:
    source = Source(path, text)
    found = (identity.read() for identity in all_identities(source, read_source(source)))
    return {identity.address: identity for identity, _ in found}


def shown(identity: Identity) -> str:
    """Its policies: `inline`, the names of those of AWS, `?` for one that is not known."""
    return " ".join(_shown(identity))


def _shown(identity: Identity) -> Iterator[str]:
    for applied in identity.policies:
        if applied.reference:
            yield applied.reference.short_name
        elif applied.policy:
            yield "inline" if applied.inline else "written"
        else:
            yield "?"
    yield from ("limited" for _ in identity.boundaries)


def combined(text: str) -> list[str]:
    findings = lint_source(Source("x.yaml", text)).findings
    return [f.title.split('"')[1] for f in findings if f.rule == "combined-escalation"]


CLUSTER = f"""
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
iam:
  serviceAccounts:
    - metadata: {{name: builder, namespace: ci}}
      attachPolicyARNs: [{EC2}]
      attachPolicy: {PASSING}
    - metadata: {{name: scaler}}
      roleName: scaling
      wellKnownPolicies: {{autoScaler: true, certManager: false}}
      permissionsBoundary: arn:aws:iam::111122223333:policy/limit
    - metadata: {{name: made}}
      attachRoleARN: arn:aws:iam::111122223333:role/elsewhere
      attachPolicyARNs: [{EC2}]
  podIdentityAssociations:
    - {{namespace: ci, serviceAccountName: run, permissionPolicyARNs: [{EC2}, other]}}
addons:
  - {{name: vpc-cni, attachPolicyARNs: [{EC2}]}}
managedNodeGroups:
  - {{name: plain, iam: {{withAddonPolicies: {{ebs: true}}}}}}
  - name: own
    iam: {{attachPolicyARNs: [{EC2}], attachPolicy: {PASSING}}}
  - {{name: none}}
"""


def test_eksctl_makes_a_role_for_each_that_it_gives_policies() -> None:
    assert {address: shown(identity) for address, identity in read(CLUSTER).items()} == {
        "iam/serviceAccounts/ci/builder": "inline AmazonEC2FullAccess",
        "iam/serviceAccounts/scaler": "? limited",
        "iam/podIdentityAssociations/ci/run": "AmazonEC2FullAccess ?",
        "addons/vpc-cni": "AmazonEC2FullAccess",
        "managedNodeGroups/plain": "? ?",
        "managedNodeGroups/own": "inline AmazonEC2FullAccess",
    }
    assert read(CLUSTER)["iam/serviceAccounts/scaler"].name == "scaling"
    assert combined(CLUSTER) == ["iam/serviceAccounts/ci/builder", "managedNodeGroups/own"]


def test_the_boundary_of_all_roles_of_a_cluster_may_limit_each() -> None:
    text = CLUSTER.replace("iam:\n", "iam:\n  serviceRolePermissionsBoundary: arn:aws:iam::x\n", 1)
    assert combined(text) == []


CROSSPLANE = f"""
apiVersion: iam.aws.upbound.io/v1beta1
kind: Role
metadata: {{name: runner, labels: {{app: run}}}}
spec:
  forProvider:
    inlinePolicy:
      - name: own
        policy: |
          {{"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: RolePolicyAttachment
metadata: {{name: a}}
spec: {{forProvider: {{policyArn: {EC2}, roleSelector: {{matchLabels: {{app: run}}}}}}}}
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: RolePolicyAttachment
metadata: {{name: b}}
spec: {{forProvider: {{policyArnRef: {{name: passing}}, roleRef: {{name: runner}}}}}}
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: RolePolicyAttachment
metadata: {{name: c}}
spec: {{forProvider: {{policyArnRef: {{name: elsewhere}}, role: runner}}}}
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: RolePolicyAttachment
metadata: {{name: d}}
spec: {{forProvider: {{policyArn: {EC2}, roleSelector: {{matchLabels: {{app: other}}}}}}}}
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: Policy
metadata: {{name: passing}}
spec:
  forProvider:
    policy: |
      {{"Statement": [{{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}]}}
"""


def test_the_objects_of_crossplane_name_and_select_each_other() -> None:
    ((address, identity),) = read(CROSSPLANE).items()
    assert (address, shown(identity)) == ("runner", "inline AmazonEC2FullAccess written ?")
    assert combined(CROSSPLANE) == ["runner"]


COMPOSITION = f"""
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
spec:
  resources:
    - name: role
      base: {{apiVersion: iam.aws.crossplane.io/v1beta1, kind: Role}}
    - name: limited
      base:
        apiVersion: iam.aws.crossplane.io/v1beta1
        kind: Role
        metadata: {{labels: {{role: limited}}}}
      patches: [{{fromFieldPath: spec.limit, toFieldPath: spec.forProvider.permissionsBoundary}}]
    - name: attachment
      base:
        apiVersion: iam.aws.crossplane.io/v1beta1
        kind: RolePolicyAttachment
        spec:
          forProvider:
            policyArn: {EC2}
            roleNameSelector: {{matchControllerRef: true, matchLabels: {{role: limited}}}}
    - name: patched
      base:
        apiVersion: iam.aws.crossplane.io/v1beta1
        kind: RolePolicyAttachment
        spec:
          forProvider:
            policyArn: {EC2}
            roleNameSelector: {{matchControllerRef: true, matchLabels: {{role: limited}}}}
      patches: [{{fromFieldPath: spec.arn, toFieldPath: spec.forProvider.policyArn}}]
"""


def test_what_a_composition_patches_is_not_known() -> None:
    found = {address: shown(identity) for address, identity in read(COMPOSITION).items()}
    assert found == {"role": "", "limited": "AmazonEC2FullAccess ? limited"}


ACK = f"""
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {{name: r}}
spec:
  name: builder
  policies: [{EC2}]
  policyRefs: [{{from: {{name: passing}}}}, {{from: {{name: elsewhere}}}}]
  inlinePolicies:
    own: |
      {{"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {{name: passing}}
spec:
  name: p
  policyDocument: |
    {{"Statement": [{{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}]}}
"""


def test_the_objects_of_ack_refer_to_each_other() -> None:
    assert shown(read(ACK)["r"]) == "inline AmazonEC2FullAccess written ?"
    assert combined(ACK) == ["r"]
    limited = ACK.replace("  name: builder", "  permissionsBoundaryRef: {from: {name: passing}}")
    assert combined(limited) == []


ACCELERATOR = """
policySets:
  - policies:
      - {name: passing, policy: policies/passing.json}
      - {name: twice, policy: policies/passing.json}
  - policies: [{name: twice, policy: missing.json}]
groupSets:
  - groups: [{name: devs, policies: {awsManaged: [AmazonEC2FullAccess]}}]
roleSets:
  - path: /team/
    roles:
      - name: builder
        policies:
          awsManaged: [AmazonEC2FullAccess]
          customerManaged: [passing, twice]
      - {name: limited, boundaryPolicy: passing, policies: {customerManaged: [elsewhere]}}
userSets:
  - users: [{username: ada, group: devs, boundaryPolicy: elsewhere}]
identityCenter:
  identityCenterPermissionSets:
    - name: Build
      policies:
        awsManaged: [arn:aws:iam::aws:policy/AmazonEC2FullAccess]
        acceleratorManaged: [passing]
        inlinePolicy: policies/passing.json
        permissionsBoundary: {awsManagedPolicyName: ReadOnlyAccess}
"""


def test_the_landing_zone_accelerator_names_policies_of_files(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    statement = '{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}'
    (tmp_path / "policies/passing.json").write_text(f'{{"Statement": [{statement}]}}')
    path = str(tmp_path / "iam-config.yaml")
    assert {name: shown(identity) for name, identity in read(ACCELERATOR, path).items()} == {
        "groupSets/0/devs": "AmazonEC2FullAccess",
        "roleSets/0/builder": "AmazonEC2FullAccess written ?",
        "roleSets/0/limited": "? limited",
        "userSets/0/ada": "AmazonEC2FullAccess limited",
        "identityCenter/Build": "AmazonEC2FullAccess written inline limited",
    }
    report = lint_source(Source(path, ACCELERATOR))
    (finding,) = (f for f in report.findings if f.rule == "combined-escalation")
    assert 'role "builder"' in finding.title
    assert ACCELERATOR[slice(*finding.span)] == "policies/passing.json"
    assert [ACCELERATOR[slice(*place.span)] for place in finding.related] == ["AmazonEC2FullAccess"]


def test_the_landing_zone_accelerator_names_policies_of_aws_as_their_arns_do() -> None:
    text = ACCELERATOR.replace("AmazonEC2FullAccess]", "AWSBackupServiceRolePolicyForBackup]", 1)
    found = lint_source(Source("iam-config.yaml", text)).findings
    assert {f.title for f in found if f.rule == "unknown-managed-policy"} == {
        '"AWSBackupServiceRolePolicyForBackup" is not the path of an AWS managed policy'
    }


MEMBERSHIP = f"""
apiVersion: iam.aws.crossplane.io/v1beta1
kind: User
metadata: {{name: ada}}
---
apiVersion: iam.aws.crossplane.io/v1beta1
kind: Group
metadata: {{name: devs}}
---
apiVersion: iam.aws.crossplane.io/v1beta1
kind: GroupUserMembership
metadata: {{name: m}}
spec: {{forProvider: {{groupNameRef: {{name: devs}}, userName: ada}}}}
---
apiVersion: iam.aws.crossplane.io/v1beta1
kind: GroupPolicyAttachment
metadata: {{name: a}}
spec: {{forProvider: {{policyArn: {EC2}, groupName: devs}}}}
"""


def test_users_have_the_policies_of_the_groups_that_crossplane_puts_them_into() -> None:
    found = read(MEMBERSHIP)
    assert {address: shown(identity) for address, identity in found.items()} == {
        "ada": "AmazonEC2FullAccess",
        "devs": "AmazonEC2FullAccess",
    }
    assert found["ada"].groups == ("devs",)


def test_users_have_of_a_group_what_aws_may_attach_to_it() -> None:
    names = ", ".join("a" for _ in range(40))
    text = (
        f"groupSets: [{{groups: [{{name: g, policies: {{customerManaged: [{names}]}}}}]}}]\n"
        "userSets: [{users: [{username: u, group: g}]}]\n"
    )
    found = read(text)
    assert len(found["groupSets/0/g"].policies) == 40
    assert len(found["userSets/0/u"].policies) == MAX_POLICIES_OF_GROUP + 1
