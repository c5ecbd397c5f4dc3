"""Programs that have not changed are not read: a partial clone may lack them."""

from pathlib import Path

import pytest
from support.git_repository import GATE, NARROW, WIDE, commit, git, write

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")
PROGRAM = b"\x7fELF" + bytes(range(256))
LINK = Path("d/tool")


def stage_without_link(content: str | bytes, *, mode: int = 0o755) -> None:
    """Commit a file and a link to it, and stage that the link is gone."""
    write("bin/tool", content)
    Path("bin/tool").chmod(mode)
    LINK.parent.mkdir()
    LINK.symlink_to("../bin/tool")
    commit(p_json=NARROW)
    LINK.unlink()
    git("add", "--all")


def lose(path: str) -> None:
    """Remove the content of a file from the repository."""
    object_ = git("rev-parse", f"HEAD:{path}").strip()
    Path(".git/objects", object_[:2], object_[2:]).unlink()


def test_a_link_to_a_program_that_is_missing() -> None:
    stage_without_link(PROGRAM)
    lose("bin/tool")
    assert main(GATE) == 0


def test_new_access_next_to_it_stops() -> None:
    stage_without_link(PROGRAM)
    write("p.json", WIDE)
    git("add", "--all")
    lose("bin/tool")
    assert main(GATE) == 1


def test_what_may_be_a_policy_is_read() -> None:
    stage_without_link(PROGRAM, mode=0o644)
    lose("bin/tool")
    assert main(GATE) == 2


@pytest.mark.parametrize(("effect", "code"), [("Allow", 0), ("Deny", 1)])
def test_a_policy_that_is_gone_is_read(effect: str, code: int) -> None:
    stage_without_link(WIDE.replace("Allow", effect), mode=0o644)
    assert main(GATE) == code


def test_a_program_that_has_changed_is_read() -> None:
    stage_without_link(PROGRAM)
    write("bin/tool", PROGRAM + b"1")
    git("add", "--all")
    lose("bin/tool")
    assert main(GATE) == 2


@pytest.mark.parametrize("name", ["serverless.js", "serverless.ts"])
def test_a_service_that_is_a_program(name: str) -> None:
    service = "module.exports = { service: 'a', provider: { name: 'aws' }, functions: {} };\n"
    write(name, service)
    commit(p_json=NARROW)
    write("other.js", service)
    git("add", "--all")
    assert main(GATE) == 0
    for functions, code in (("{ f: { handler: 'a.b' } }", 0), ("made()", 1)):
        write(name, service.replace("{}", functions))
        git("add", "--all")
        assert main(GATE) == code


SERVICE = """\
import { st } from '%s';
module.exports = %s;
function made() { return { provider: { name: 'aws', iam: { role: { statements: st } } } } }
"""
LITERAL = "{ service: 'a', provider: { name: 'aws', iam: { role: { statements: st } } } }"
STATEMENTS = "export const st = [{ Effect: 'Allow', Action: '%s', Resource: '*' }];\n"
PATHS = '{"compilerOptions": {"paths": {"@libs/*": ["./libs/*"]}}}'


@pytest.mark.parametrize("module", ["./libs/st", "@libs/st"])
@pytest.mark.parametrize("exported", [LITERAL, "made()", "{ ...made() }"])
def test_a_module_of_a_program_changes_alone(module: str, exported: str) -> None:
    write("package.json", "{}")
    write("tsconfig.json", PATHS)
    write("serverless.ts", SERVICE % (module, exported))
    for name in ("libs/st.ts", "other/st.ts"):
        write(name, STATEMENTS % "s3:GetObject")
    commit(p_json=NARROW)
    write("other/st.ts", STATEMENTS % "s3:*")
    git("add", "--all")
    assert main(GATE) == 0
    write("libs/st.ts", STATEMENTS % "s3:*")
    git("add", "--all")
    assert main(GATE) == 1
