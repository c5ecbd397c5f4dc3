"""How placeholders look: words and patterns for what the reader of a sample is to replace."""

from __future__ import annotations

import re

_PARTITION, _SERVICE, REGION, ACCOUNT = 1, 2, 3, 4

_LETTER = r"[^\W\d_]"
# A brace after `$`, `&`, `#` or another brace belongs to a variable or a template.
MARKED = (
    r"<<[^<>\"\\]++>>|<[^<>\"\\]++>|&lt;[^&\"\\]++&gt;"
    r"|[\u00ab\u2039][^\u00ab\u00bb\u2039\u203a\"\\]++[\u00bb\u203a]"  # angle quotation marks
    r"|(?<![$&#%{@])\{\s*\w[^{}\"\\,*]*\}(?!\})|(?<![$\\])\{\}"
    rf"|[#@%]\{{{_LETTER}[\w.-]*\}}|#\{{AWS::\w+\}}"  # of a plugin of the Serverless Framework
    r"|\{{3}\s*[\w.][^{}\"\\]*\}{3}|\{{2}\s*[\w.][^{}\"\\]*\}{2}"
    rf"|\[{{2}}{_LETTER}[\w .-]*\]{{2}}|\[{_LETTER}[\w .-]*\]|\({{2}}{_LETTER}[\w .-]*\){{2}}"
    r"|%\([a-z_]\w*\)s|%(?:[0-9]\$)?[dsv](?![0-9A-Za-z])"
    rf"|(?<![\w$])(?P<edge>_{{1,3}}|\${{1,3}}|[%#@]{{1,2}}|[~!]){_LETTER}[\w-]{{0,60}}?(?P=edge)(?!\w)"
    # `$LATEST` is a version of a Lambda function, `$default` a stage of an API.
    r"|\${1,3}(?!LATEST\b|default\b)[A-Za-z]\w*|\$\([A-Za-z_]\w*\)|\$[0-9]\b"
)
_EMPHASIS = rf"(\*{{1,3}}){_LETTER}[^*]*\1"
_REPEATED = r"([A-Za-z])\1{2,}|[0-9-]"
_XS = r"(?:[a-z]+-)*[0-9-]*(?:X{3,}|x{3,})[0-9Xx-]*|#{3,}|[Xx]{1,3}(?:\.[Xx]{1,3}){3}(?:/[0-9Xx]+)?"
_X_REGION = r"(?=.*(?:xx|-[XxNn#]\Z))(?!.*--)[a-z]{2}(?:-[a-z]+){1,2}-[0-9XxNn#]"
_TYPED = (
    r"([0-9])(?!\1{11}\Z)\1{3,}|[0-9]*\*{3,}[0-9]*|1234(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?|0123456789"
    r"|\w*(?i:example)\w*"
)
"""What is typed for an account without a thought or masks one, and names of examples."""
_COUNTED = ("01234567890abcdef" * 3, "0123456789abcdef" * 3)
_COUNTED_AT_LEAST = 8
"""The digits and letters of identifiers as they are typed one after the other, and how many."""
_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_VARIABLE = r"(?=.*[A-Z_])[A-Za-z]\w*"
"""How programs write names."""
_WORDS_OF_FIELD = {
    _PARTITION: r"partition",
    REGION: r"(?:[a-z]+[ -]?)??region(?:[ -]?[a-z0-9]+)*+",
    ACCOUNT: r"(?i)(?:(?:aws|my|source|target|the)[ -]?)?account"
    r"(?:[ -]?(?:id|no|number)(?:-[a-z]+)*+)?+",
}
"""The names of fields in lower case, as AWS writes the form of an ARN.

No Region has a name with "region" in it, such as the `test-region` of the tests of the CDK.
"""
_CAPITALS = r"[A-Z][A-Z0-9]*(?:[_ -][A-Z0-9]+)*"
DOTS = r"\.{3,}|\u2026"
"""What is left out."""
_DATE_LETTERS = r"(?:Y+|y+)[-:./YMDHSTZymdhs]+|(?:Y{4}|y{4})[-:./0-9YMDHSTZymdhs]+"
_ADDRESS_LETTERS = (
    r"([A-Za-z])(?:\.[A-Za-z]){3}(?:/(?:[0-9]+|[A-Za-z]{1,2}))?"
    r"|(?=[0-9./]*[XxNnYy])(?:[0-9]+|[XxNnYy]+)(?:\.(?:[0-9]+|[XxNnYy]+)){3}(?:/[0-9XxNnYy]+)?"
)
_NOUNS = frozenset(
    {"account", "acct", "address", "arn", "bucket", "cidr", "date", "domain", "endpoint", "host"}
    | {"id", "ip", "issuer", "key", "name", "number", "oidc", "org", "organization", "ou"}
    | {"partition", "prefix", "provider", "queue", "range", "region", "role", "secret", "service"}
    | {"table", "topic", "url", "user", "vpc", "vpce"}
)
_FIELD_NOUNS = {
    _PARTITION: frozenset({"partition"}),
    _SERVICE: frozenset({"service"}),
    REGION: frozenset({"location"}),
    ACCOUNT: frozenset({"acct", "compte", "conta", "cuenta", "id", "konto", "owner"}),
}
_STEMS = {REGION: "regi", ACCOUNT: "account"}
"""What is in words that name a field, `regi` in many languages."""
_TO_DO = (
    r"(?i)(?<![a-z])(?:(?:change|enter|fill|insert|put|replace)[_ -]?(?:here|in|me|this|with)"
    r"|fixme|todo)(?![a-z])|(?<![a-z])insert[_ -]|[_ -]here(?![a-z])"
)
_YOUR = ("your", "dein", "ihre", "votre", "vuestr")


def is_field(text: str, at: int, *, prose: bool) -> bool:
    """Whether a field of an ARN, by its number, is a placeholder as a whole."""
    if not text or text.startswith("${"):
        return False
    if is_any(text, MARKED, _XS):
        return True
    if re.search(MARKED, text):
        return False  # what is next to the placeholder is checked
    return is_yours(words_of(text)) or (
        prose and (names_field(text, at) or _looks_like_sample(text, at))
    )


def is_field_name(text: str, at: int) -> bool:
    """Whether a text is a name of a field of an ARN, by its number: `accountId`, `region`."""
    if at in _WORDS_OF_FIELD and re.fullmatch(_WORDS_OF_FIELD[at], text):
        return True
    is_variable = re.fullmatch(_VARIABLE, text) is not None
    return is_variable and (
        (at in _STEMS and text.isupper()) or names_field(text, at) or is_name_of_value(text)
    )


def is_name_of_value(text: str) -> bool:
    """Whether a text has several words and says what its value is to be, such as `roleArn`."""
    words = words_of(text)
    is_name = len(words) > 1 and re.fullmatch(_VARIABLE, text) is not None
    return is_name and words <= _NOUNS | {"aws", "my"}


def names_field(text: str, at: int) -> bool:
    """Whether a text has a word for a field of an ARN, in one of several languages."""
    stem = _STEMS.get(at)
    return bool(words_of(text) & _FIELD_NOUNS.get(at, frozenset())) or (
        stem is not None and stem in text.lower()
    )


def _looks_like_sample(text: str, at: int) -> bool:
    """Whether a field is written as a value to be replaced, whatever its words are."""
    if at == _SERVICE:
        return re.fullmatch(DOTS, text) is not None
    return (
        is_any(text, _CAPITALS, DOTS)
        or re.search(_TO_DO, text) is not None
        or (at == ACCOUNT and _is_typed(text))
        or (at == REGION and re.fullmatch(_X_REGION, text) is not None)
    )


def _is_typed(text: str) -> bool:
    return _is_repeated(text) or re.fullmatch(_TYPED, text) is not None


def is_bare(text: str, *, prose: bool) -> bool:
    """Whether a value without a colon is a placeholder as a whole."""
    if prose and is_any(text, _DATE_LETTERS, _ADDRESS_LETTERS, _EMPHASIS):
        return True
    if ":" in text or "*" in text:
        return False
    words = words_of(text)
    if is_yours(words) or re.fullmatch(_XS, text):
        return True
    return prose and (
        not text.strip()
        or "arn" in words
        or is_name_of_value(text)
        or is_capitals(text)
        or _is_repeated(text)
        or is_any(text, DOTS, _TO_DO)
    )


def is_yours(words: set[str]) -> bool:
    """Whether words speak to the reader: "your", in some languages."""
    return any(word.startswith(_YOUR) for word in words)


def is_capitals(text: str) -> bool:
    """Whether a text is the name of a field in capitals."""
    if not re.fullmatch(_CAPITALS, text):
        return False
    return not words_of(text).isdisjoint(_NOUNS) or any(
        stem.upper() in text for stem in ("ACCOUNT", "REGION")
    )


def is_label(text: str, *, of_service: bool) -> bool:
    """Whether a part of a name is a placeholder in prose."""
    if of_service and is_any(text, _CAPITALS, DOTS):
        return True
    return (
        is_capitals(text)
        or is_any(text, _X_REGION, _EMPHASIS)
        or words_of(text) in ({"region"}, {"aws", "region"}, {"code", "region"}, {"name", "region"})
    )


def is_sample_value(text: str) -> bool:
    """Whether a value of a condition is a placeholder in prose, of those that are not a name."""
    identifier = re.fullmatch(r"[a-z]{1,6}-([^:*]+)", text)
    return (
        is_bare(text.partition("/")[0], prose=True)
        or (
            identifier is not None
            and (is_field(identifier[1], ACCOUNT, prose=True) or _is_counted(identifier[1]))
        )
        or (":" not in text and ("region" in words_of(text) or names_field(text, ACCOUNT)))
        or _is_typed(text)
    )


def _is_counted(text: str) -> bool:
    """Whether a text is digits in their order, such as `1234567890abcdef`."""
    return len(text) >= _COUNTED_AT_LEAST and any(text.lower() in run for run in _COUNTED)


def _is_repeated(text: str) -> bool:
    """Whether a text is letters that are repeated, perhaps with digits: `AAAABBBBCCCC`."""
    return re.search("[A-Za-z]", text) is not None and not re.sub(_REPEATED, "", text)


def is_any(text: str, *patterns: str) -> bool:
    """Whether a pattern matches the whole text."""
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def words_of(text: str) -> set[str]:
    """The words of a text in any style of writing names, in lower case."""
    return {word.lower() for word in re.findall(_WORDS, text)}
