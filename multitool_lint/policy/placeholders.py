"""Placeholders: what the reader of a sample is to replace, such as `<ACCOUNT_ID>` or `YOUR_ROLE`.

A placeholder is an unknown part of a value; the rest of the value is checked. Some are marked as
such and are placeholders in every file. Bare words like `REGION` are placeholders in prose only: in
a file that is deployed, AWS would reject them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from multitool_lint.aws.arn import FIELDS, cut
from multitool_lint.syntax.placeholders import of_sample

_PARTITION, _SERVICE, _REGION, _ACCOUNT = 1, 2, 3, 4

_LETTER = r"[^\W\d_]"
# A brace after `$`, `&`, `#` or another brace belongs to a variable or a template.
_MARKED = (
    r"<{1,2}[^<>\"\\]++>{1,2}|&lt;[^&\"\\]++&gt;"
    r"|[\u00ab\u2039][^\u00ab\u00bb\u2039\u203a\"\\]++[\u00bb\u203a]"  # angle quotation marks
    r"|(?<![$&#%{@])\{\s*\w[^{}\"\\,*]*\}(?!\})|(?<![$\\])\{\}"
    rf"|[#@%]\{{{_LETTER}[\w.-]*\}}|\{{{{2,3}}\s*[\w.][^{{}}\"\\]*\}}{{2,3}}"
    rf"|\[{{1,2}}{_LETTER}[\w .-]*\]{{1,2}}|\({{2}}{_LETTER}[\w .-]*\){{2}}"
    r"|%\([a-z_]\w*\)s|%(?:[0-9]\$)?[dsv](?![0-9A-Za-z])"
    rf"|(?<![\w$])(?P<edge>__?|\$\$?|[%#@]{{1,2}}|[~!]){_LETTER}[\w-]{{0,60}}?(?P=edge)(?!\w)"
    # `$LATEST` is a version of a Lambda function, `$default` a stage of an API.
    r"|\$(?!LATEST\b|default\b)[A-Za-z]\w*|\$\([A-Za-z_]\w*\)|\$[0-9]\b"
)
_HINT = re.compile(r"[<{%[_@$#~!\u00ab\u2039&]|\(\(|[Yy]our|YOUR|XXX|xxx")
_EMPHASIS = rf"(\*{{1,3}}){_LETTER}[^*]*\1"
_REPEATED = r"([A-Za-z])\1{2,}|[0-9-]"
_XS = r"(?:[a-z]+-)*[0-9-]*(?:X{3,}|x{3,})[0-9Xx-]*|#{3,}"
_X_REGION = r"(?=.*(?:xx|-[XxNn#]\Z))(?!.*--)[a-z]{2}(?:-[a-z]+){1,2}-[0-9XxNn#]"
_TYPED = (
    r"([0-9])(?!\1{11}\Z)\1{3,}|1234(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?|0123456789|\w*(?i:example)\w*"
)
"""What is typed for an account without a thought, and names of examples."""
_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_CAPITALS = r"[A-Z][A-Z0-9]*(?:[_ -][A-Z0-9]+)*"
DOTS = r"\.{3,}|\u2026"
"""What is left out."""
_DATE_LETTERS = r"(?:Y+|y+)[-:./YMDHSTZymdhs]+"
_ADDRESS_LETTERS = (
    r"([A-Za-z])(?:\.[A-Za-z]){3}(?:/(?:[0-9]+|[A-Za-z]{1,2}))?"
    r"|(?=[0-9./]*[XxNnYy])(?:[0-9]+|[XxNnYy]+)(?:\.(?:[0-9]+|[XxNnYy]+)){3}(?:/[0-9XxNnYy]+)?"
)
_NOUNS = frozenset(
    {"account", "acct", "address", "arn", "bucket", "cidr", "date", "domain", "endpoint", "host"}
    | {"id", "ip", "issuer", "key", "name", "number", "oidc", "org", "organization", "ou"}
    | {"partition", "prefix", "provider", "queue", "range", "region", "role", "service", "table"}
    | {"topic", "url", "user", "vpc", "vpce"}
)
_FIELD_NOUNS = {
    _PARTITION: frozenset({"partition"}),
    _SERVICE: frozenset({"service"}),
    _REGION: frozenset({"location"}),
    _ACCOUNT: frozenset({"acct", "compte", "conta", "cuenta", "id", "konto", "owner"}),
}
_STEMS = {_REGION: "regi", _ACCOUNT: "account"}
"""What is in words that name a field, `regi` in many languages."""
_TO_DO = (
    r"(?i)(?<![a-z])(?:(?:change|enter|fill|insert|put|replace)[_ -]?(?:here|in|me|this|with)"
    r"|fixme|todo)(?![a-z])|(?<![a-z])insert[_ -]|[_ -]here(?![a-z])"
)
_ACTION_NAME = (
    r"(?:Some|Any|My|The)?Action(?:Name)?s?[0-9]*|(?:[A-Z]+[_-])*(?:ACTION|OPERATION|API)(?:_NAME)?"
)
_SERVICE_WORDS = frozenset({"aws", "name", "namespace", "prefix", "service", "some", "the"})
_SID_WORDS = frozenset({"a", "id", "my", "name", "optional", "sid", "statement", "the", "unique"})
_SERVICE_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
_CHOICE = r"effect|(?:allow|deny)\s*(?:[|/,]|or)\s*(?:allow|deny)"
_YOUR = ("your", "dein", "ihre", "votre", "vuestr")


@lru_cache(maxsize=2048)
def in_resource(text: str, prose: bool) -> str:  # noqa: FBT001 - a reader like the others
    """A value of `Resource` with its placeholders as unknown parts.

    Those in the name of the resource stay: they are a name like any other, which has no slash.
    """
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=False)
    if _is_bare(text, prose=prose) or (prose and " " in text.strip()):
        return of_sample(text)
    start, slash, rest = text.partition("/")
    if slash and _is_bare(start, prose=prose):
        return f"{of_sample(start)}/{rest}"
    first = re.match(_MARKED, text)
    return of_sample(first[0]) + text[first.end() :] if first else text


@lru_cache(maxsize=2048)
def in_principal(text: str, prose: bool) -> str:  # noqa: FBT001
    """A principal with its placeholders as unknown parts."""
    is_account = ":" not in text and _is_field(text, _ACCOUNT, prose=prose)
    is_phrase = prose and " " in text.strip()
    return of_sample(text) if is_account or is_phrase else _in_value(text, prose=prose)


def _in_value(text: str, *, prose: bool) -> str:
    if not _may_have(text, prose=prose):
        return text
    if text.startswith("arn:"):
        return _in_arn(text, prose=prose, name=True)
    return of_sample(text) if _is_bare(text, prose=prose) else _in_name(text, prose=prose)


def in_condition(text: str, prose: bool) -> str:  # noqa: FBT001
    """A value of a condition, which is unknown if a part of it is."""
    is_sample = _in_value(text, prose=prose) != text or (prose and _is_sample_value(text))
    return of_sample(text) if is_sample else text


def in_key(text: str, prose: bool) -> str:  # noqa: FBT001
    """A condition key with its placeholders as unknown parts; a tag key may have any name."""
    prefix, colon, name = text.rpartition(":")
    if prefix.lower() in ("", "aws") or not _may_have(text, prose=prose):
        return text
    known = _in_value(prefix, prose=prose)
    return text if known == prefix else f"{known}{colon}{name}"


def in_action(text: str, prose: bool) -> str:  # noqa: FBT001
    """An action, which is unknown if a part of it is."""
    service, _, name = text.partition(":")
    is_sample = marked(text) != text or (
        prose
        and (
            _SERVICE_WORDS >= _words(service) >= {"service"}
            or _is_any(name, _ACTION_NAME, DOTS)
            or _is_yours(_words(text))
        )
    )
    return of_sample(text) if is_sample else text


def in_sid(text: str, prose: bool) -> str:  # noqa: FBT001
    """A Sid, which is unknown if it says that it is one."""
    words = _words(text)
    is_sample = marked(text) != text or (
        prose and words <= _SID_WORDS and not words.isdisjoint({"sid", "statement"})
    )
    return of_sample(text) if is_sample else text


def in_effect(text: str, prose: bool) -> str:  # noqa: FBT001
    """An effect, which is unknown if the reader of a sample is to choose it."""
    is_sample = marked(text) != text or (prose and re.fullmatch(_CHOICE, text, re.IGNORECASE))
    return of_sample(text) if is_sample else text


def in_capitals(text: str) -> str:
    """A resource or a principal with names of fields in capitals as unknown parts: `REGION`.

    In a file that is deployed, they are either for a script to replace, or a mistake.
    """
    if text.startswith("arn:"):
        *fields, name = cut(text, text)
        return ":".join([*map(_of_capitals, fields), name])
    return ".".join(map(_of_capitals, text.split(".")))


def _of_capitals(text: str) -> str:
    return of_sample(text) if _is_capitals(text) else text


def as_it_is(text: str, prose: bool) -> str:  # noqa: ARG001, FBT001
    """A text that is not read for placeholders."""
    return text


def marked(text: str, prose: bool = False) -> str:  # noqa: ARG001, FBT001, FBT002
    """A text with the placeholders that are marked as such as unknown parts."""
    return re.sub(_MARKED, lambda match: of_sample(match[0]), text) if _may_have(text) else text


def ends_in_placeholder(text: str) -> bool:
    """Whether the end of a text is a placeholder that is marked as such."""
    return re.search(rf"(?:{_MARKED})\Z", text) is not None


def _may_have(text: str, *, prose: bool = False) -> bool:
    return prose or _HINT.search(text) is not None


def _in_arn(text: str, *, prose: bool, name: bool) -> str:
    """An ARN with the placeholders of its fields, and with `name` of the resource, as unknown."""
    hidden = re.sub(_MARKED, lambda match: "_" * len(match[0]), text)
    fields = []
    for at, written in enumerate(cut(text, hidden)):
        if at == FIELDS - 1:
            fields.append(_in_name(written, prose=prose) if name else written)
        elif at and _is_field(written, at, prose=prose):
            fields.append(of_sample(written))
        else:
            fields.append(marked(written))
    return ":".join(fields)


def _in_name(text: str, *, prose: bool) -> str:
    """A name of several parts, of which some may be placeholders."""
    text = marked(text)
    if not prose or "${" in text:
        return text
    labels = re.split(r"([./:])", text)
    of_service = text.endswith(_SERVICE_DOMAINS)
    return "".join(
        of_sample(label) if _is_label(label, of_service=of_service) else label for label in labels
    )


def _is_field(text: str, at: int, *, prose: bool) -> bool:
    if not text or text.startswith("${"):
        return False
    if _is_yours(_words(text)) or _is_any(text, _MARKED, _XS):
        return True
    return prose and (_names_field(text, at) or _looks_like_sample(text, at))


def _names_field(text: str, at: int) -> bool:
    stem = _STEMS.get(at)
    return bool(_words(text) & _FIELD_NOUNS[at]) or (stem is not None and stem in text.lower())


def _looks_like_sample(text: str, at: int) -> bool:
    """Whether a field is written as what is not meant to be used, whatever it says."""
    if at == _SERVICE:
        return re.fullmatch(DOTS, text) is not None
    return (
        _is_any(text, _CAPITALS, DOTS)
        or re.search(_TO_DO, text) is not None
        or (at == _ACCOUNT and _is_typed(text))
        or (at == _REGION and re.fullmatch(_X_REGION, text) is not None)
    )


def _is_typed(text: str) -> bool:
    return _is_repeated(text) or re.fullmatch(_TYPED, text) is not None


def _is_bare(text: str, *, prose: bool) -> bool:
    """Whether a value without a colon is a placeholder as a whole."""
    if prose and _is_any(text, _DATE_LETTERS, _ADDRESS_LETTERS, _EMPHASIS):
        return True
    if ":" in text or "*" in text:
        return False
    words = _words(text)
    if _is_yours(words) or re.fullmatch(_XS, text):
        return True
    return prose and (
        "arn" in words or _is_capitals(text) or _is_repeated(text) or _is_any(text, DOTS, _TO_DO)
    )


def _is_yours(words: set[str]) -> bool:
    return any(word.startswith(_YOUR) for word in words)


def _is_capitals(text: str) -> bool:
    if not re.fullmatch(_CAPITALS, text):
        return False
    return not _words(text).isdisjoint(_NOUNS) or any(
        stem.upper() in text for stem in ("ACCOUNT", "REGION")
    )


def _is_label(text: str, *, of_service: bool) -> bool:
    """Whether a part of a name is a placeholder in prose."""
    if of_service and _is_any(text, _CAPITALS, DOTS):
        return True
    return (
        _is_capitals(text)
        or _is_any(text, _X_REGION, _EMPHASIS)
        or _words(text) in ({"region"}, {"aws", "region"}, {"code", "region"}, {"name", "region"})
    )


def _is_sample_value(text: str) -> bool:
    """Whether a value of a condition is a placeholder in prose, of those that are not a name."""
    identifier = re.fullmatch(r"[a-z]{1,6}-([^:*]+)", text)
    return (
        _is_bare(text.partition("/")[0], prose=True)
        or (identifier is not None and _is_field(identifier[1], _ACCOUNT, prose=True))
        or (":" not in text and ("region" in _words(text) or _names_field(text, _ACCOUNT)))
        or _is_typed(text)
    )


def _is_repeated(text: str) -> bool:
    """Whether a text is letters that are repeated, perhaps with digits: `AAAABBBBCCCC`."""
    return re.search("[A-Za-z]", text) is not None and not re.sub(_REPEATED, "", text)


def _is_any(text: str, *patterns: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(_WORDS, text)}
