"""Commands of scripts and pages are compared without the names that they make themselves."""

import pytest
from support.staged_files import code

pytestmark = pytest.mark.usefixtures("repository")

PAGE = "# Set up\n\nMake a policy.\n\n```%s\n%s\n```\n\nThen rest.\n"
CREATE = "aws iam create-policy --policy-name %s --policy-document file://%s"
ATTACH = "aws iam attach-role-policy --role-name r --policy-arn %s"
ACCOUNT = "eksctl create iamserviceaccount --name s --attach-policy-arn=%s"
COMMANDS = (
    CREATE % ("P", "p.json"),
    ATTACH % "$P",
    ACCOUNT % "$P",
    "aws iam create-role --role-name r --assume-role-policy-document file://t.json",
    "F=p.json\naws iam put-user-policy --user-name u --policy-name p --policy-document file://$F",
    "aws iam create-access-key --user-name u",
    "aws s3api put-bucket-acl --bucket b --acl public-read",
    "aws s3 cp x s3://b/ --acl public-read",
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("tag", ["bash", "", "console"])
def test_commands_of_a_page_without_a_policy(tag: str, command: str) -> None:
    without, with_it = ({"a.md": PAGE % (tag, text)} for text in ("aws s3 ls", command))
    words = {"a.md": with_it["a.md"].replace("rest", "go").replace("Make", "Create")}
    assert code(without, with_it) == 1
    assert code(with_it, words) == 0
    assert code(with_it, without) == 0


def test_a_page_that_speaks_of_commands_or_loses_a_limit() -> None:
    said = PAGE.replace("rest", "call `aws iam attach-role-policy --role-name`")
    assert code({"a.md": PAGE % ("sh", "ls")}, {"a.md": said % ("sh", "ls")}) == 0
    bound = "aws iam put-role-permissions-boundary --role-name r --permissions-boundary arn:b"
    assert code({"a.md": PAGE % ("sh", bound)}, {"a.md": PAGE % ("sh", "ls")}) == 1


def both(created: str, attached: str, document: str = "p.json", attach: str = ATTACH) -> str:
    return f"{CREATE % (created, document)}\n{attach % attached}"


OWN = "arn:aws:iam::$ACCOUNT:policy/%s"
STEP = "<%s ARN CREATED IN THE STEP ABOVE>"
RESULT = f"%s=$({CREATE % ('%s', 'p.json')} --query Policy.Arn)\n{ATTACH % '$%s'}"
OLD = both("A", OWN % "A")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OLD, both("B", OWN % "B"), 0),
        (OLD, "P=B\n" + both("$P", OWN % "${P}"), 0),
        (OLD, both("A", "arn:aws:iam::${OTHER}:policy/A"), 0),
        (OLD, OLD.replace("attach", f"other\n{ATTACH % '$X'}\naws iam attach", 1), 1),
        (OLD, both("A", OWN % "B"), 1),
        (OLD, both("B", "arn:aws:iam::aws:policy/B"), 1),
        (OLD, both("B", OWN % "B", "q.json"), 1),
        (OLD, both("B", OWN % "AB"), 1),
        (OLD, both("B", OWN % "B").replace("--role-name r", "--role-name s"), 1),
        (both("A", STEP % "A"), both("B", STEP % "B"), 0),
        (both("A", STEP % "A", attach=ACCOUNT), both("B", STEP % "B", attach=ACCOUNT), 0),
        (RESULT % ("P", "A", "P"), RESULT % ("Q", "B", "Q"), 0),
        (RESULT % ("P", "A", "P"), RESULT % ("P", "B", "Q"), 1),
        (
            f"{OLD}\n{CREATE % ('C', 'q.json')}",
            f"{both('A', OWN % 'C')}\n{CREATE % ('C', 'q.json')}",
            1,
        ),
        (OLD, f"{OLD} --no-cli-pager --output text", 0),
    ],
)
@pytest.mark.parametrize("written", ["#!/bin/sh\n%s\n", "```sh\n%s\n```\n"])
def test_names_of_policies_that_are_created(
    written: str, old: str, new: str, expected: int
) -> None:
    name = "a.sh" if written.startswith("#!") else "a.md"
    assert code({name: written % old}, {name: written % new}) == expected


ROLE = f"aws iam create-role --role-name %s --assume-role-policy-document file://t\n{ATTACH % 'a'}"
USED = ATTACH % "$P"
TO = "R=%s\n" + USED.replace("name r", "name $R")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (USED, "aws iam attach-role-policy --policy-arn=$P --role-name 'r'", 0),
        (USED, f"$ {USED} >/dev/null 2>&1 || true", 0),
        (USED, f"{USED.replace('$P', chr(34) + '$P' + chr(34))} | jq -r .", 0),
        (USED, f"{USED} || {ATTACH % '$Q'}", 1),
        (USED, f"{USED}; {ATTACH % '$Q'}", 1),
        (USED, USED.replace("--role-name r", "--role-name s"), 1),
        (TO % "a", USED.replace("name r", "name a"), 0),
        (TO % "a", (TO % "a").replace("R", "ROLE"), 0),
        (TO % "a", TO % "b", 1),
        (TO % "a", f"{TO % 'a'}\nR=b", 1),
        (ROLE % "r", (ROLE % "s").replace("name r", "name s"), 0),
        (ROLE % "r", ROLE % "s", 1),
        (ROLE % "r", (ROLE % "r").replace("name r --policy", "name s --policy"), 1),
        (
            f"{ROLE % 'r'}\n{ROLE % 'r2'}",
            f"{ROLE % 'r'}\n{(ROLE % 'r2').replace('e r -', 'e r2 -')}",
            1,
        ),
    ],
)
def test_other_ways_to_write_a_command(old: str, new: str, expected: int) -> None:
    assert code({"a.md": f"```sh\n{old}\n```\n"}, {"a.md": f"```sh\n{new}\n```\n"}) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aws iam create-access-key --user-name u", 0),
        (CREATE % ("P", "p.json"), 0),
        (ACCOUNT % "$P", 0),
        (ATTACH % "$P", 1),
        ("aws iam delete-role-policy --role-name r --policy-name p", 1),
        ("aws s3api put-bucket-acl --bucket b --acl private", 1),
    ],
)
def test_a_command_that_is_gone_from_a_script(command: str, expected: int) -> None:
    assert code({"a.sh": f"#!/bin/sh\n{command}\n"}, {"a.sh": "#!/bin/sh\n"}) == expected


def test_quotes_and_spaces_around_what_is_given() -> None:
    one = f"export P=$( aws iam get-policy --policy-arn $A )\n{ATTACH % '$P'}\n"
    other = f'P="$(aws iam get-policy --policy-arn $A)"\nexport P\n{ATTACH % chr(34)}$P"\n'
    assert code({"a.sh": one}, {"a.sh": other}) == 0
    assert code({"a.sh": one}, {"a.sh": other.replace("$A", "$B")}) == 1


BLOCK = (
    '```json\n{"Statement": [{"Effect": "Allow", "Action": "%s", "Resource": "*"}]}\n```\n'
    f"\n```sh\n{ATTACH % '$P'}\n```\n"
)
A, B = "# A\n", "# B\n"
MORE = f"\n```sh\n{ATTACH % '$X'}\n```\n"
WIDE, NARROW, OF_IAM = (A + BLOCK % action for action in ("s3:*", "s3:Get*", "iam:*"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a.md": WIDE, "b.md": B}, {"a.md": A, "b.md": B + WIDE}, 0),
        ({"a.md": WIDE}, {"a.md": None, "b.rst": B, "c.md": WIDE}, 0),
        ({"a.md": WIDE, "b.md": NARROW}, {"a.md": A, "b.md": WIDE}, 0),
        ({"a.md": WIDE + MORE}, {"a.md": WIDE, "b.md": MORE}, 0),
        ({"a.md": WIDE + MORE}, {"a.md": WIDE, "b.md": MORE.replace("$X", "$Y")}, 1),
        ({"a.md": WIDE}, {"b.md": B + WIDE}, 1),
        ({"a.md": WIDE, "b.md": B}, {"a.md": A, "b.md": B + WIDE + OF_IAM}, 1),
        ({"a.md": WIDE, "b.md": B}, {"a.md": A, "b.md": B + WIDE, "c.md": WIDE}, 1),
        ({"a.md": WIDE, "b.md": B}, {"a.md": A, "b.md": B + WIDE.replace("$P", "$Q")}, 1),
        ({"a.md": NARROW, "b.md": B}, {"a.md": A, "b.md": B + WIDE}, 1),
        ({"a.md": WIDE}, {"a.md": A, "p.json": WIDE.split("\n")[2]}, 1),
    ],
)
def test_blocks_that_move_to_another_page(
    old: dict[str, str], new: dict[str, str], expected: int
) -> None:
    assert code(old, new) == expected


TRUST = "aws iam create-role --role-name r --assume-role-policy-document file://t.json"
KEY = "aws s3api put-object-acl --bucket b-$REGION --acl %s --key x/$NAME-$VERSION.zip"
DETACH = "aws iam detach-role-policy --role-name %s --policy-arn $P"
DELETE = "aws iam delete-role --role-name %s"
SET = "REGION=%s\nVERSION=%s\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TRUST, f"{TRUST} > /dev/null 2>&1 || true", 0),
        (TRUST, f"{TRUST} | jq -r '.Role.Arn'", 0),
        (f"X=$({TRUST} | jq -r .Role)", f"X=$({TRUST} | jq -r '.Role | .Arn')", 0),
        (TRUST, TRUST.replace("t.json", "u.json") + " > /dev/null", 1),
        (TRUST, TRUST.replace("name r", "name <r> --path /x/"), 1),
        ("ls", f"{DETACH % 'r'}\n{DELETE % 'r'}", 0),
        ("ls", f'{DETACH % "$R"}\n{DELETE % chr(34)}${{R}}"', 0),
        ("ls", f"{DELETE % 'r'}\n{DETACH % 'r'}", 1),
        ("ls", f"{DETACH % 'r'}\n{DELETE % 's'}", 1),
        ("ls", f"{DETACH % 'r'}\n# {DELETE % 's'}", 1),
        ("ls", "aws iam delete-policy --policy-arn $P", 0),
        (SET % (1, 1) + KEY % "public-read", SET % (1, 2) + KEY % "public-read", 0),
        (SET % (1, 1) + KEY % "public-read", SET % (2, 1) + KEY % "public-read", 1),
        (KEY % "private", KEY % "public-read", 1),
        (KEY % "public-read", KEY.replace("/$NAME", "/$OTHER") % "public-read", 1),
        ("ls", KEY.replace("--acl %s", "--access-control-policy file://a.json"), 1),
    ],
)
@pytest.mark.parametrize("written", ["#!/bin/sh\n%s\n", "```sh\n%s\n```\n"])
def test_what_of_commands_decides_nothing(written: str, old: str, new: str, expected: int) -> None:
    name = "a.sh" if written.startswith("#!") else "a.md"
    assert code({name: written % old}, {name: written % new}) == expected


FUNCTION = "aws lambda create-function --function-name f --role %s"
INSTANCE = "aws ec2 run-instances --image-id ami-1 \\\n  --iam-instance-profile Name=%s"
BY_VARIABLE = "R=%s\naws --region x ecs create-service --service-name s --role $R"


@pytest.mark.parametrize("command", [FUNCTION, INSTANCE, BY_VARIABLE])
def test_another_role_of_what_a_command_makes(command: str) -> None:
    app, admin = ({"a.sh": command % role} for role in ("app", "admin"))
    assert code(app, admin) == 1
    assert code({"a.sh": "ls"}, app) == 0
    assert code(app, {"a.sh": f"{app['a.sh']} --memory-size 128"}) == 0
    assert code({"a.sh": f"# {app['a.sh']}"}, {"a.sh": f"# {admin['a.sh']}"}) == (
        1 if command == BY_VARIABLE else 0
    )
