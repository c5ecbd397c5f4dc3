"""Whether the resource of a request is among those of a statement, and what values come to.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.policy_variables import OPENER, is_part, replaced, variables
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.request import LITERAL, Request, any_of, has_resource, opposite
from multitool_lint.policy.compare.scope import Resources, is_arn, may_overlap, resources_cover
from multitool_lint.policy.compare.unknown_texts import shown
from multitool_lint.policy.evaluation.asked_request import (
    ANY,
    AskedRequest,
    Missing,
    MissingPart,
    RequestContext,
)
from multitool_lint.policy.undocumented_resources import acts_on_undocumented


def is_among(resources: Resources, asked: AskedRequest) -> bool | None:
    """Whether the resource that is asked about, or all that it matches, is among some."""
    texts, is_incomplete = filled(resources.patterns, asked.context)
    found = any_of(_is_resource(text, asked) for text in texts)
    if found is None and asked.is_about_several and _cover(texts, asked.resource):
        found = True
    answer = opposite(found) if resources.negated else found
    # AWS does not say what a variable without a value means in what is left out.
    return None if answer and is_incomplete and resources.negated else answer


def _is_resource(text: str, asked: AskedRequest) -> bool | None:
    if matches_all(text):
        return True
    if asked.acts_on_nothing and asked.resource == ANY:
        if acts_on_undocumented(asked.action, asked.formats, text, asked.catalog):
            return True if text.endswith("*") else None
        return False
    if asked.is_about_several:
        return _has_all(text, asked)
    concrete = Request(asked.action, asked.resource, None, asked.context)
    return has_resource(Resources((text,)), concrete)


def _has_all(text: str, asked: AskedRequest) -> bool | None:
    """Whether a text matches all of the resources that are asked about; None if some."""
    # What a text means that is not a whole ARN is not documented for all policies.
    is_any = asked.resource == ANY and asked.formats.documented and is_arn(text)
    if is_any and not may_act_on(asked.formats, text):
        return False
    if _cover((text,), asked.resource):
        return True
    return None if may_overlap(text, asked.resource) else False


def _cover(texts: Iterable[str], resource: str) -> bool:
    known = tuple(text for text in texts if OPENER not in text and UNKNOWN_MARK not in text)
    return bool(known) and resources_cover(Resources(known), Resources((resource,)))


def filled(texts: Iterable[str], context: RequestContext) -> tuple[tuple[str, ...], bool]:
    """Texts with the values of variables, and whether some were left out that have none.

    AWS: a text with a variable without a value matches nothing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    """
    found = [_with_values(text, context) for text in texts]
    return tuple(text for text in found if text is not None), None in found


def _with_values(text: str, context: RequestContext) -> str | None:
    if UNKNOWN_MARK in text or OPENER not in text:
        return text
    values: dict[int, str] = {}
    for variable in variables(text):
        key = variable.key.lower()
        if not variable.names_key or is_part(variable.key) or key not in context:
            continue
        given = context[key]
        if given is None and variable.default is None:
            return None
        if given is None or len(given) == 1:
            value = given[0] if given else (variable.default or "")[1:-1]
            values[variable.start] = value.translate(LITERAL)
    return replaced(text, lambda found: values.get(found.start, text[found.start : found.end]))


def unknown_values(texts: Collection[str], context: RequestContext) -> list[Missing]:
    """What is not known of some texts: condition keys, or parts that are filled in elsewhere."""
    keys = sorted(
        variable.key
        for text in texts
        for variable in variables(text)
        if variable.names_key and not is_part(variable.key) and variable.key.lower() not in context
    )
    unknown = [text for text in sorted(texts) if UNKNOWN_MARK in text or OPENER in text]
    values = [Missing(MissingPart.VALUE, shown(text)) for text in unknown or sorted(texts)]
    return [Missing(MissingPart.KEY, key) for key in keys] or values
