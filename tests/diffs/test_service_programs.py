"""Services of the Serverless Framework that programs export, as far as they are literals."""

from collections.abc import Mapping

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.serverless.access import ServiceDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import TreeOfTexts

Files = Mapping[str, str]
NAME = "serverless.ts"
PACKAGE = '{"devDependencies": {"@serverless/typescript": "3", "dotenv": "1"}}'
SETTINGS = """
{
  "compilerOptions": { "baseUrl": ".", "paths": { "@functions/*": ["src/functions/*"] } }, // x
}
"""
PROGRAM = """
import type { AWS } from '@serverless/typescript';
IMPORTS
const configuration: AWS = {
  service: 'a',
  provider: {
    name: 'aws',
    timeout: 10,
    memorySize: 128,
    environment: { A: 'b' },
    iam: { role: { statements: STATEMENTS } },
  },
  functions: FUNCTIONS,
};
EXPORT
"""
GET = "[{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' }]"
ALL = GET.replace("GetObject", "*")
OF_ENV = GET.replace("'*'", "process.env.A")
CHECKED = "import dotenv from 'dotenv'\nif (!process.env.A) throw new Error('x')\ndotenv.config({})"
TAKEN = "const { STAGE } = process.env;"
IMPORTED = "import { statements } from './iam';"
ALIASED = "import statements from '@functions/iam';"
CHANGING = "import { statements, add } from './iam';"


EXPORTED = "module.exports = configuration;"


def program(
    statements: str = GET,
    imports: str = "",
    functions: str = "{}",
    export: str = EXPORTED,
    *changes: tuple[str, str],
    **files: str,
) -> Files:
    text = PROGRAM.replace("STATEMENTS", statements).replace("IMPORTS", imports)
    text = text.replace("FUNCTIONS", functions).replace("EXPORT", export)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    given = {
        name.replace("__", "/").replace("_ts", ".ts").replace("_json", ".json"): text
        for name, text in files.items()
    }
    return {NAME: text, "package.json": PACKAGE, "tsconfig.json": SETTINGS, **given}


def changed(*changes: tuple[str, str]) -> Files:
    return program(GET, "", "{}", EXPORTED, *changes)


def stops(old: Files, new: Files) -> bool:
    before, after = (ServiceDeployment(TreeOfTexts(files), NAME) for files in (old, new))
    if after.reading.broken:
        return True
    found = DeploymentComparison(before, after, bundled()).changes()
    return any(change.changes.gained or change.changes.unknown for change in found)


OF_ONE = {"iam_ts": f"export const statements = {GET};"}
OF_ALIAS = {"src__functions__iam_ts": f"export default {GET};"}
BASED = "import a from 'l/a';"
A = "export default [1]"
CALLS = "export default f()"
ASKING = "import './l/a';"
SET = "process.env.A = 'a';"
NAMES = ("'b'", "'./x.json'")
READS = "const a = JSON.parse(fs.readFileSync('./x.json'));"
HANDLED = "{ f: { handler: 'a.b', events: [{ http: 'GET /' }] } }"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (program(), changed(("  service", "  // a comment\n\n  service"))),
        (program(), changed(("'aws'", '"aws"'), ("timeout: 10", "timeout: 20"))),
        (program(), changed(("128", "parseInt(process.env.MEMORY)"))),
        (program(), changed(("{ A: 'b' }", "{ A: `${process.env.A}-c`, B: 'd' }"))),
        (program(), changed(("'a'", "'a' as const"), ("};", "}"))),
        (program(), program(export="export default configuration")),
        (program(), program(imports="import * as dotenv from 'dotenv';\ndotenv.config();")),
        (program(), program(functions="{ f: { handler: 'a.b', memorySize: 1024 } }")),
        (program(functions=HANDLED), program(functions=HANDLED.replace("a.b", "c.d"))),
        (
            program(OF_ENV, "", HANDLED),
            program(OF_ENV, "", HANDLED.replace("events", "tags: { a: 'b' }, events")),
        ),
        (
            program("statements", IMPORTED, **OF_ONE),
            program("statements", IMPORTED, "{}", EXPORTED, ("128", "256"), **OF_ONE),
        ),
        (program("a", BASED, l__a_ts=A), program("a", BASED, functions="{ f: {} }", l__a_ts=A)),
        (
            program(OF_ENV, ASKING, l__a_ts=A + " // a"),
            program(OF_ENV, ASKING, "{ f: {} }", l__a_ts="export default process.env.B"),
        ),
        (program(OF_ENV, ASKING, l__a_ts=SET), program(OF_ENV, ASKING, "{ f: {} }", l__a_ts=SET)),
        (program(OF_ENV, TAKEN), program(OF_ENV, TAKEN, HANDLED.replace("events", "x"))),
        (program(), program(imports=CHECKED)),
        (
            program("a", "const a = f();", "{}", EXPORTED, NAMES, x_json="{}"),
            program("a", "const a = f();", "{}", EXPORTED, NAMES, x_json='{"a": 1}'),
        ),
        (program(ALL), program()),
    ],
)  # fmt: skip
def test_what_decides_nothing_passes(old: Files, new: Files) -> None:
    assert not stops(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (program(), program(ALL)),
        (program(OF_ENV), program(OF_ENV.replace("env.A", "env.B"))),
        (program(OF_ENV), program(OF_ENV, "process.env.A = '*';")),
        (program(OF_ENV), program(OF_ENV, "Object.assign(process.env, { A: '*' });")),
        (program(), program("[...statements]", "const statements = [];")),
        (
            program("statements", f"const statements = {GET};"),
            program("statements", f"const statements = {ALL};"),
        ),
        (
            program("statements", IMPORTED, **OF_ONE),
            program("statements", IMPORTED, iam_ts=f"export const statements = {ALL};"),
        ),
        (
            program("statements", ALIASED, **OF_ALIAS),
            program("statements", ALIASED, src__functions__iam_ts=f"export default {ALL};"),
        ),
        (
            program("statements", CHANGING, "{}", EXPORTED, **OF_ONE),
            program(
                "statements",
                CHANGING,
                "{}",
                EXPORTED,
                ("'b'", "add(statements)"),
                **OF_ONE,
            ),
        ),
        (
            program(),
            program(export="configuration.functions = f;\nmodule.exports = configuration;"),
        ),
        (program(), program(export="module.exports = changed(configuration);")),
        (program(), program(export="module.exports = configuration;\nmodule.exports.custom = c;")),
        (program(), program(export="if (a) { module.exports = configuration; }")),
        (program(), program(export="if (a)\nmodule.exports = configuration;")),
        (program(), program(export="else\nmodule.exports = configuration;")),
        (program(), program(export="a && (module.exports = configuration);")),
        (program(), changed(("name: 'aws',", "name: 'aws', ...more,"))),
        (program(), changed(("iam: {", "['iam']: {"))),
        (program(), changed(("  service", "  resources,\n  service"))),
        (program(), changed(("  service", "  get resources() { return {}; },\n  service"))),
        (program(), changed(("  service", "  <!-- a\n  service"))),
        (program(), changed(("128", "a / b / c"))),
        (program(), program(imports="import a from 'unknown-package';", functions="a")),
        (program(), program(imports="const a = fs.readFileSync(name);", functions="a")),
        (program("a", BASED, l__a_ts=CALLS), program("a", BASED, l__a_ts=f"{CALLS};")),
        (program(OF_ENV, ASKING, l__a_ts=A), program(OF_ENV, ASKING, l__a_ts=SET)),
        (
            program(OF_ENV, ASKING, l__a_ts=SET),
            program(OF_ENV, ASKING, l__a_ts=SET.replace("'a'", "'*'")),
        ),
        (program("a", READS, x_json="{}"), program("a", READS, x_json='{"a": 1}')),
        (program("f('x.json')", x_json="{}"), program("f('x.json')", x_json='{"a": 1}')),
    ],
)
def test_what_may_decide_stops(old: Files, new: Files) -> None:
    assert stops(old, new)


ROOT = program("[]", "import { f } from '@functions/index';", "{ f }")
INDEX = "export { default as f } from './f';"
TWICE = "import f from './f';\nimport %s\nexport { f };"
F = "import { path } from './path';\nexport default { handler: `${path(__dirname)}/a.b`, MORE };"
ROUTE = "events: [{ http: { path: 'a', method: 'get', authorizer: 'aws_iam' } }]"
OWN = f"iamRoleStatements: {GET}"
LOCAL = f"const f = {{ handler: 'a.b', {ROUTE} }};\n"


READ = [
    *("f(process.env[name]);", "if (process.env['A'] === 'a') f();", "process.exit(1);"),
    *("const { A } = process.env;", "const a = process.env.A || process.env.B ? 1 : 2;"),
]
SETS = [
    *("process.env.A = '*';", "process.env[name] = '*';", "process.env.A ||= '*';"),
    *("process.env['A'] += '*';", "delete process.env.A;", "process.env.A ??= '*';"),
    *("const { env } = process; env.A = '*';", "Object.assign(process.env, { A: '*' });"),
    *("import { env } from 'process'; env.A = '*';", "const e = process['env']; e.A = '*';"),
]


@pytest.mark.parametrize("code", READ)
def test_what_only_reads_the_environment_passes(code: str) -> None:
    assert not stops(program(OF_ENV), program(OF_ENV, code))


@pytest.mark.parametrize("code", SETS)
def test_what_may_set_the_environment_stops(code: str) -> None:
    assert stops(program(OF_ENV), program(OF_ENV, code))
    assert stops(program(OF_ENV, ASKING, l__a_ts=""), program(OF_ENV, ASKING, l__a_ts=code))


def split(more: str = ROUTE, index: str = INDEX, **files: str) -> Files:
    """A service whose function is in a module."""
    given = {"index.ts": index, "f.ts": F.replace("MORE", more), "path.ts": "1"}
    given |= {f"{name}.ts": text for name, text in files.items()}
    return {**ROOT, **{f"src/functions/{name}": text for name, text in given.items()}}


def root(*changes: tuple[str, str]) -> Files:
    text = ROOT[NAME]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {**split(), NAME: text}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (split(), split(f"{ROUTE}, memorySize: 512")),
        (split(), split(f"timeout: 10, {ROUTE}", path="2")),
        (split(), split(ROUTE.replace("aws_iam", "aws_iam', cors: 'b"))),
        (split(OWN), split(f"{OWN}, timeout: 1")),
        (split(), split(index="import f from './f';\nexport { f };")),
        (split(), split(index="import g from './f';\nexport { g as f }")),
        (split(index=f"{LOCAL}export {{ f }};"), split(index=f"{LOCAL}\n// a\nexport {{ f }};")),
        (split(index=f"{LOCAL}export {{ f }};"), split(index=f"export {LOCAL}")),
        (split(), split(index=f"{INDEX}\nexport {{ default as h }} from './h';", h=F)),
        (split(f"{OWN}, {ROUTE}"), split()),
        (split(), split(index=TWICE % "{ a } from './f';")),
    ],
)
def test_literals_of_modules_are_compared(old: Files, new: Files) -> None:
    assert not stops(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (split(), split(f"{ROUTE}, {OWN}")),
        (split(OWN), split(OWN.replace("GetObject", "*"))),
        (split(), split(ROUTE.replace(", authorizer: 'aws_iam'", ""))),
        (split(), split(f"{ROUTE}, url: true")),
        (split(), split(index=f"{INDEX}\nimport * as m from './f';\nadd(m);")),
        (split(), split(index="import f from './f';\nadd(f);\nexport { f };")),
        (split(), split(index="export { default as f, default as g } from './f';")),
        (split(), split(index="import f, { default as g } from './f';\nadd(g);\nexport { f };")),
        (split(), split(index=f"{INDEX}\nimport './h';", h="import f from './f';\nadd(f);")),
        (split(), split(index=f"{INDEX}\nimport './h';", h="require('./f').default.url = true;")),
        (
            split(index=f"{LOCAL}export {{ f }};"),
            split(index=f"{LOCAL}f.url = true;\nexport {{ f }};"),
        ),
        (
            split(index=f"export {LOCAL}"),
            split(index=f"export {LOCAL}export default {{ a: f }};"),
        ),
        (
            split(),
            split(index=f"let f;\nconst g = {{ handler: 'a.b', {ROUTE} }};\nexport {{ f }};"),
        ),
        (split(), split(index=f"{LOCAL}eval('f.url = true');\nexport {{ f }};")),
        (split(), split(index=TWICE % "{ default as g } from './f'; add(g);")),
        (split(), split(index=TWICE % "{ default as g } from '@functions/f'; add(g);")),
        (split(), split(index=TWICE % "* as g from './f'; add(g);")),
        (split(), split(index=INDEX + " import g from './f'; add(g);")),
        (split(), split(index="export * from './f';")),
        (split(), root(("{ f }", "{ f: more(f) }"))),
        (split(), root(("{ f }", "{ f }, custom: more(f)"))),
        (split("iamRoleStatements: g()"), split("iamRoleStatements: g()", path="2")),
    ],
)
def test_what_may_change_modules_stops(old: Files, new: Files) -> None:
    assert stops(old, new)
