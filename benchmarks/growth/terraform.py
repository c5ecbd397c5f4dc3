"""Families of Terraform's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .family import Family, filled, quoted, word

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = Callable[[int], str]

ANY = '"*"'
POLICY = (
    'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Version = "2012-10-17", '
    "Statement = [%s] })\n}\n"
)
STATEMENT = '{ Effect = "Allow", Action = "s3:GetObject", Resource = %s }'
DATA = 'data "aws_iam_policy_document" "p" {\n%s}\n'
BLOCK = '  statement {\n    actions = ["s3:GetObject"]\n    resources = [%s]\n  }\n'


def _further(text: Text) -> Text:
    """A text after a policy."""
    return lambda size: (POLICY % (STATEMENT % ANY)).replace('"p"', '"first"') + text(size)


def _encoded(value: Callable[[int], str], before: str = "") -> Text:
    return lambda size: before + POLICY % filled(size, lambda n: STATEMENT % value(n), ",\n")


def _blocks(value: Callable[[int], str], before: str = "") -> Text:
    return lambda size: before + DATA % filled(size, lambda n: BLOCK % value(n), "")


def _nest(before: str, inner: str, after: str, locals_: str = "") -> Text:
    unit = len(before) + len(after)
    return lambda size: (
        locals_ + POLICY % (STATEMENT % f"{before * (size // unit)}{inner}{after * (size // unit)}")
    )


def _locals(line: Callable[[int], str], last: str = "${local.a%d}") -> Text:
    """Local values that refer to each other, and a policy that refers to the last of them."""

    def text(size: int) -> str:
        lines = filled(size, line, "\n")
        number = lines.count("\n")
        used = STATEMENT % ('"' + (last % number if "%" in last else last) + '"')
        return f"locals {{\n{lines}\n}}\n{POLICY % used}"

    return text


def _chain(value: str) -> Text:
    """Each local is made of the one before."""
    return _locals(
        lambda n: (
            f'  a{n} = "zq"' if n == 0 else f"  a{n} = {value.replace('@', f'local.a{n - 1}')}"
        )
    )


def _many_locals(value: Callable[[int], str], used: Callable[[int], str]) -> Text:
    def text(size: int) -> str:
        lines = filled(size // 2, lambda n: f"  a{n} = {value(n)}", "\n")
        statements = filled(size // 2, lambda n: STATEMENT % used(n), ",\n")
        return f"locals {{\n{lines}\n}}\n{POLICY % statements}"

    return text


def _dynamic(levels: int, *, static: bool) -> Text:
    """Blocks that are repeated, in blocks that are repeated."""

    def text(size: int) -> str:
        items = filled(size // (2 * levels), quoted)
        condition = (
            '      condition {\n        test = "StringLike"\n        variable = "s3:prefix"\n'
            '        values = ["a"]\n      }\n'
        )
        inner = condition * (size // (2 * len(condition)) if static else 1)
        if levels > 1:
            inner = (
                f'      dynamic "condition" {{\n        for_each = [{items}]\n        content {{\n'
                '          test = "StringLike"\n          variable = "s3:prefix"\n'
                "          values = [condition.value]\n        }\n      }\n"
            )
        return DATA % (
            f'  dynamic "statement" {{\n    for_each = [{items}]\n    content {{\n'
            f'      actions = ["s3:GetObject"]\n      resources = ["*"]\n{inner}    }}\n  }}\n'
        )

    return text


def _empty_blocks(size: int) -> str:
    """Blocks that take no value, in a block that is repeated."""
    items = filled(size // 2, quoted)
    blocks = "      condition {}\n" * (size // 38)
    head = f'  dynamic "statement" {{\n    for_each = [{items}]\n'
    return DATA % f"{head}    content {{\n{blocks}    }}\n  }}\n"


def _within_statement(block: str, *lines: str) -> Text:
    """Blocks in one statement, with a word in the place of each @."""
    written = "\n      ".join([f"    {block} {{", *lines]) + "\n    }\n"
    head = '  statement {\n    actions = ["s3:*"]\n    resources = ["*"]\n'
    return lambda size: (
        DATA % f"{head}{filled(size, lambda n: written.replace('@', word(n)), '')}  }}\n"
    )


def _large_local(used: Callable[[int], str]) -> Text:
    return lambda size: _encoded(used, f"locals {{\n  a = [{filled(size // 2, quoted)}]\n}}\n")(
        size // 2
    )


TEXTS: dict[str, Text] = {
    "static blocks in dynamic": _dynamic(1, static=True),
    "empty blocks in dynamic": _empty_blocks,
    "dynamic in dynamic": _dynamic(2, static=False),
    "dynamic": _dynamic(1, static=False),
    "static values in dynamic": lambda size: (
        DATA
        % (
            f'  dynamic "statement" {{\n    for_each = [{filled(size // 2, lambda n: f"{n}")}]\n'
            f"    content {{\n      actions = [{filled(size // 2, quoted)}]\n"
            '      resources = ["*"]\n    }\n  }\n'
        )
    ),
    "chain of locals": _chain('"${@}x"'),
    "doubling locals": _chain('"${@}${@}"'),
    "doubling lists": _chain("[@, @]"),
    "doubling concat": _chain("concat(@, @)"),
    "doubling format": _chain('format("%s%s", @, @)'),
    "doubling join": _chain('join(",", [@, @])'),
    "replace": _chain('replace(@, "x", "xx")'),
    "jsonencode of jsonencode": _chain("jsonencode([@, @])"),
    "index chain": _chain("[@, @][0]"),
    "index chain of maps": _chain('{ a = @, b = @ }["a"]'),
    "attribute chain": _chain("{ a = @ }.a"),
    "locals that index each other": _many_locals(
        lambda n: f'{{ k = local.a{n + 1}["k"] }}', lambda n: f'local.a{n}["k"]'
    ),
    "locals that refer to one": _many_locals(quoted, lambda n: f"local.a{n // 2}"),
    "one large local": _large_local(lambda _: "local.a"),
    "items of one large local": _large_local("local.a[{}]".format),
    "slices of one large local": _large_local("slice(local.a, 0, {})".format),
    "members of one large local": lambda size: _encoded(
        lambda n: f"local.a.{word(n)}",
        "locals {\n  a = {\n"
        + filled(size // 2, lambda n: f"    {word(n)} = 1\n", "")
        + "  }\n}\n",
    )(size // 2),
    "circular locals": _locals(lambda n: f"  a{n} = local.a{n + 1}", "${local.a0}"),
    "nested conditionals": _nest('var.a ? "x" : (', '"y"', ")"),
    "nests of conditionals": _encoded(lambda n: 'var.a ? "x" : (' * 12 + quoted(n) + ")" * 12),
    "conditionals": _encoded(lambda n: f'var.{word(n)} ? "a" : "b"'),
    "conditional statements": lambda size: (
        POLICY
        % filled(size, lambda n: f"var.a ? {STATEMENT % quoted(n)} : {STATEMENT % ANY}", ",\n")
    ),
    "nested interpolation": _nest('"${', '"a"', '}"'),
    "interpolations": _encoded(lambda n: f'"arn:aws:s3:::${{var.{word(n)}}}/*"'),
    "a string of interpolations": lambda size: (
        POLICY % (STATEMENT % f'"{filled(size, lambda n: f"${{var.{word(n)}}}", "")}"')
    ),
    "nested functions": _nest("concat([", '"a"', "])"),
    "nests of functions": _encoded(lambda n: "concat(" * 12 + f'["{word(n)}"]' + ")" * 12),
    "nested merge": lambda size: (
        POLICY % ("merge({}, " * (size // 11) + STATEMENT % ANY + ")" * (size // 11))
    ),
    "nested jsonencode": _nest("jsonencode([", '"a"', "])"),
    "for": _encoded(lambda n: f'[for x in ["{word(n)}"] : "arn:aws:s3:::${{x}}"]'),
    "nested for": _nest("[for x in ", '["a"]', " : x]"),
    "for of a large list": lambda size: (
        POLICY % (STATEMENT % f'[for x in [{filled(size, quoted)}] : "arn:aws:s3:::${{x}}"]')
    ),
    "for in for": lambda size: (
        POLICY
        % (
            STATEMENT
            % "[for x in [@] : [for y in [@] : x]]".replace("@", filled(size // 2, quoted))
        )
    ),
    "splat": _encoded(lambda n: f"aws_s3_bucket.{word(n)}[*].arn"),
    "nested parentheses": _nest("(", '"a"', ")"),
    "nested lists": _nest("[", '"a"', "]"),
    "nested blocks": lambda size: "a {\n" * (size // 6) + "}\n" * (size // 6),
    "negations": _nest("!", "true", ""),
    "operators": _nest('"a" == ', '"b"', ""),
    "heredocs": _encoded(lambda n: f"<<EOT\n{word(n)}\nEOT\n"),
    "data sources": lambda size: filled(
        size, lambda n: (DATA % (BLOCK % quoted(n))).replace('"p"', quoted(n)), ""
    ),
    "data sources of each other": lambda size: filled(
        size,
        lambda n: (
            f'data "aws_iam_policy_document" "a{n}" {{\n'
            f"  source_policy_documents = [data.aws_iam_policy_document.a{n + 1}.json]\n"
            f"{BLOCK % ANY}}}\n"
        ),
        "",
    ),
    "policies of data sources": lambda size: (
        (DATA % (BLOCK % ANY))
        + filled(
            size,
            lambda n: (
                f'resource "aws_iam_policy" "{word(n)}" {{\n'
                "  policy = data.aws_iam_policy_document.p.json\n}\n"
            ),
            "",
        )
    ),
    "policies": lambda size: filled(
        size, lambda n: (POLICY % (STATEMENT % quoted(n))).replace('"p"', quoted(n)), ""
    ),
    "for_each": lambda size: (POLICY % (STATEMENT % "each.value")).replace(
        '"p" {', f'"p" {{\n  for_each = toset([{filled(size, quoted)}])'
    ),
    "variables": lambda size: (
        filled(size // 2, lambda n: f'variable "{word(n)}" {{\n  default = "a"\n}}\n', "")
        + POLICY % filled(size // 2, lambda n: STATEMENT % f"var.{word(n)}", ",\n")
    ),
    "comments": _blocks(lambda n: f'"{word(n)}" # {word(n)}\n'),
    "ignore comments": _blocks(
        lambda n: f'"{word(n)}" # multitool-lint: ignore[missing-sid] {word(n)}\n'
    ),
    "only comments": lambda size: DATA % filled(size, lambda n: f"  # {word(n)}\n", ""),
    "closed comments": lambda size: "/* a */ " * (size // 8),
    "open comments": lambda size: "/* a\n" * (size // 5),
    "comments of blank lines": lambda size: DATA % ("  # a\n" + "\n" * size),
    "blank lines before overrides": lambda size: (
        "\n" * size + DATA % "  override_policy_documents = [local.a]\n"
    ),
    "a word of types": lambda size: f"# {'aws_iam_' * (size // 8)}\n",
    "types in a string": lambda size: f'locals {{\n  a = "{"aws_iam_" * (size // 8)}"\n}}\n',
    "a word of files": lambda size: f'locals {{\n  a = "{"file" * (size // 4)}"\n}}\n',
    "open braces": lambda size: "a {" * (size // 3),
    "open strings": lambda size: 'a = "' + "${" * (size // 2),
    "not Terraform": lambda size: "= " * (size // 2),
    "conditions": _within_statement(
        "condition", 'test = "StringLike"', 'variable = "aws:PrincipalTag/@"', 'values = ["@*"]'
    ),
    "equal conditions": _within_statement(
        "condition", 'test = "StringLike"', 'variable = "s3:prefix"', 'values = ["@*"]'
    ),
    "principals": _within_statement(
        "principals", 'type = "AWS"', 'identifiers = ["arn:aws:iam::111122223333:role/@"]'
    ),
}

FAMILIES = {f"TF text: {name}": Family("main.tf", _further(text)) for name, text in TEXTS.items()}
