"""The cases of text templates: every part keeps its place, and no impossible case is made."""

import pytest

from multitool_lint.syntax.template_tags import TaggedTemplate


def cases(text: str) -> list[str]:
    found = [case.text for case in TaggedTemplate(text).cases()]
    assert all(len(case) == len(text) for case in found)
    return sorted(" ".join(case.split()) for case in found)


@pytest.mark.parametrize(
    "text",
    [
        "a %{ if x ~} b %{ else ~} c %{ endif ~} d",
        "a {% if x %} b {%- else -%} c {% endif %} d",
        "a <% if x %> b <%- else -%> c <% end %> d",
        "a <% unless x %> c <% else %> b <% end %> d",
        "a {{ if x }} b {{- else }} c {{ end }} d",
        "a {{#if x}} b {{else}} c {{/if}} d",
        "a {{#x}} b {{/x}} {{^x}} c {{/x}} d",
        'a %{ if x == "}" }b %{ endif }%{ if x != "}" } c %{ endif } d',
        "a {{ if eq .x 1 }} b {{ end }}{{ if ne .x 1 }} c {{ end }} d",
        "{# {% if #} a {% set y = 1 %} {% if not x %} c {% endif %}{% if x %} b {% endif %} d",
        "a {{/* if */}} {{ $y := 1 }} {{ if not .x }} c {{ else }} b {{ end }} d",
    ],
)
def test_each_branch_is_a_case(text: str) -> None:
    assert cases(text) == ["a b d", "a c d"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% if x %} a {% elif y %} b {% else %} c {% endif %}", ["a", "b", "c"]),
        ("<% if x %> a <% elsif y %> b <% end %>", ["", "a", "b"]),
        ("{{ if x }} a {{ else if y }} b {{ end }}", ["", "a", "b"]),
        ("%{ if x }a %{ if y }b%{ endif }%{ endif }", ["", "a", "a b"]),
        ('%{ if x == "a" }a%{ endif } %{ if x == "b" }b%{ endif }', ["", "a", "b"]),
        ("%{ for x in y ~} a %{ endfor ~}", ["a"]),
        ("<% y.each do |x| %> a <% end %>", ["a"]),
        ("{{ range .y }} a {{ end }}", ["a"]),
        ("[%{ for x in y ~}%{ if not_last },%{ endif } 1 %{ endfor ~}]", ["[ 1 ]"]),
        ("[{% for x in y %} 1 {% if not loop.last %} , {% endif %}{% endfor %} ]", ["[ 1 ]"]),
        ("[ 0 {% for x in y %}{% if true %},{% endif %} 1 {% endfor %} ]", ["[ 0 , 1 ]"]),
        # What is repeated is there once, also if a condition decides of which items.
        ("{% for x in y %}{% if x %} a {% endif %}{% endfor %}", ["a"]),
        ("{{#each y}} {{#if x}} {{^z}} a {{/z}} {{/if}} {{/each}}", ["a"]),
        ("{% for x in y %} b {% if x %} a {% endif %}{% endfor %}", ["b", "b a"]),
        ("{% for x in y %}{% if x %} a {% else %} b {% endif %}{% endfor %}", ["a", "b"]),
        (
            "{% for x in y %}{% if z %} a {% endif %}{% endfor %}{% if z %} b {% endif %}",
            ["", "a b"],
        ),
        ('%{ if x }"${f("a")}"%{ endif }', ["", "\"${f('a')}\""]),
    ],
)
def test_cases(text: str, expected: list[str]) -> None:
    assert cases(text) == expected


def test_a_text_without_tags_has_no_case() -> None:
    assert not list(TaggedTemplate('{"a": "${b} {{ c }} <%= d %>"}').cases())


@pytest.mark.parametrize(
    "text",
    [
        '"arn:{% if x %}a{% else %}b{% endif %}:c"',
        '"%{ if x }a%{ endif }"',
        'a: b{% if x == "c" %} d{% endif %}',
        "a: {% if x %}d {% endif %}b",
        "a: b/{% if x %}d{% endif %}",
        "a: b:{% if x %}d{% endif %}",
    ],
)
def test_a_tag_within_a_value_stays_in_it(text: str) -> None:
    (case,) = cases("{% set x = 1 %}" + text)
    assert case == text.replace('x == "c"', "x == 'c'")


@pytest.mark.parametrize(
    "text",
    [
        "{% if x",
        '"a{% if x %}\n{% endif %}"',
        "%{ if x",
        "{% if x %} a",
        "{% endif %}",
        "{% raw %} a {% endraw %}",
        "{% for x in y %} a {% else %} b {% endfor %}",
        "<% x.y(1) %>",
        "{% if x %}{% endif %}" * 300,
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tag|substring|open|loop"):
        TaggedTemplate(text)
