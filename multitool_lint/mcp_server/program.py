"""The server: its tools, what each takes, and how an answer or a mistake is returned."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from multitool_lint._version import __version__
from multitool_lint.limits import MAX_ANALYSES_IN_A_ROW
from multitool_lint.mcp_server.answers import Answers, ToolAnswer, ToolRequest
from multitool_lint.mcp_server.texts import UNNAMED, File, sources_of

_INSTRUCTIONS = """\
Checks AWS IAM policies offline. Give the text of a file, and its name where there is one: the name
decides the format, such as main.tf, template.yaml or plan.json. Check each policy that you write
with `check`, compare a change with `diff`, and look names of actions up with `query`. No tool reads
files or asks AWS: what a text refers to is unknown unless it is given, too."""

Text = Annotated[str, Field(description="The text of the file, not its path.")]
Name = Annotated[
    str,
    Field(
        description="The name of the file, which decides the format: policy.json, template.yaml, "
        "main.tf, plan.json, README.md, deploy.sh. Without one, the text is read as JSON or YAML."
    ),
]
Others = Annotated[
    tuple[File, ...],
    Field(description="Other files that it refers to, such as those of the Terraform module."),
]
Type = Annotated[
    Literal["identity", "resource", "trust", "scp", "rcp", "boundary", "session"] | None,
    Field(description="The type of the policy, where its text does not say it."),
]
Context = Annotated[
    dict[str, str | bool | int | float | list[str]],
    Field(description="Condition keys of the request with their values."),
]


def serve(answers: Answers, forget: Callable[[], None]) -> int:
    """Serve on standard input and output until the client is done; return the exit code."""
    server_of(answers, forget).run("stdio")
    return 0


def server_of(answers: Answers, forget: Callable[[], None]) -> MCPServer[Any]:
    """The server with its tools; `forget` is called after many calls, to free memory."""
    server: MCPServer[Any] = MCPServer(
        "multitool-lint", version=__version__, instructions=_INSTRUCTIONS, log_level="ERROR"
    )
    tools = Tools(answers)
    returned = _Returned(forget)
    hints = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    for tool in (tools.check, tools.fix, tools.diff, tools.can, tools.needs, tools.query):
        server.add_tool(returned(tool), annotations=hints, structured_output=False)
    return server


class Tools:
    """The tools: the arguments that a client gives as those of the answers."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def check(
        self,
        *,
        text: Text,
        name: Name = UNNAMED,
        others: Others = (),
        type: Type = None,
    ) -> ToolAnswer:
        """Find mistakes and excessive access in the IAM policies of a file.

        The structured content is the report of `multitool-lint check --format json`.
        """
        source, *_ = sources_of([File(name, text), *others])
        return self._answers.check(source, type)

    def fix(
        self,
        *,
        text: Text,
        name: Name = UNNAMED,
        others: Others = (),
        type: Type = None,
        unsafe: Annotated[bool, Field(description="Also apply fixes that change access.")] = False,
        keep_wildcards: Annotated[
            bool, Field(description="Remove what is redundant next to a wildcard that grants more.")
        ] = False,
    ) -> ToolAnswer:
        """Return the file with the fixes of its policies that are proved to keep their access."""
        source, *_ = sources_of([File(name, text), *others])
        return self._answers.fix(source, type, unsafe=unsafe, keep_wildcards=keep_wildcards)

    def diff(
        self,
        *,
        old: Annotated[str, Field(description="The text of the file before the change.")],
        new: Annotated[str, Field(description="The text of the file after the change.")],
        name: Name = UNNAMED,
    ) -> ToolAnswer:
        """Compare the access that two versions of a file grant, with an example request each.

        The structured content is the report of `multitool-lint diff --format json`.
        """
        [before], [after] = sources_of([File(name, old)]), sources_of([File(name, new)])
        return self._answers.diff(before, after)

    def can(  # noqa: PLR0913  # the parts of a question
        self,
        *,
        files: Annotated[
            list[File],
            Field(
                description="Templates, Terraform files, plans, policies, or the output of aws iam "
                "get-account-authorization-details.",
                min_length=1,
            ),
        ],
        action: Annotated[str, Field(description="Such as s3:GetObject.")],
        resource: Annotated[
            str, Field(description="An ARN, perhaps with wildcards; * is any.")
        ] = "*",
        identity: Annotated[
            str | None,
            Field(
                description="A role, user, group or permission set of the files, by its name, "
                "logical id, address or ARN. Without one: who of them may."
            ),
        ] = None,
        context: Context = {},  # noqa: B006
        complete_context: Annotated[
            bool, Field(description="Condition keys that are not given are absent.")
        ] = False,
        resource_account: Annotated[
            str | None, Field(description="The account of the resource, of 12 digits.")
        ] = None,
    ) -> ToolAnswer:
        """Say whether the policies of files allow a request: yes, no, or on what it depends.

        The structured content is that of `multitool-lint can --format json`, or of `who-can`.
        """
        asked = ToolRequest(action, resource, context, complete_context, resource_account)
        return self._answers.can(sources_of(files), identity, asked)

    def needs(
        self,
        *,
        text: Text,
        name: Name = UNNAMED,
        operations: Annotated[
            tuple[Literal["create", "update", "delete"], ...],
            Field(
                description="What a template is applied for; a plan says it itself.", min_length=1
            ),
        ] = ("create",),
    ) -> ToolAnswer:
        """List the actions that applying a Terraform plan (JSON), a template or a change set takes.

        The structured content is that of `multitool-lint needs --format json`.
        """
        [source] = sources_of([File(name, text)])
        return self._answers.needs(source, operations)

    def query(
        self,
        names: Annotated[
            list[str],
            Field(
                description="Actions, patterns such as s3:Get*, service prefixes, or the names of "
                "AWS managed policies.",
                min_length=1,
            ),
        ],
    ) -> ToolAnswer:
        """Look up actions: access level, resource types with ARN formats, condition keys.

        The structured content is that of `multitool-lint query --format json`.
        """
        return self._answers.query(names)


class _Returned:
    """Makes a tool one of the protocol; calls come after each other, in threads of their own."""

    def __init__(self, forget: Callable[[], None]) -> None:
        self._forget = forget
        self._lock = Lock()
        self._calls = 0

    def __call__(self, tool: Callable[..., ToolAnswer]) -> Callable[..., CallToolResult]:
        @wraps(tool)
        def called(*args: Any, **kwargs: Any) -> CallToolResult:  # noqa: ANN401 - those of the tool
            with self._lock:
                self._calls += 1
                if self._calls % MAX_ANALYSES_IN_A_ROW == 0:
                    self._forget()
                try:
                    answer = tool(*args, **kwargs)
                except (ValueError, RecursionError) as error:
                    # Of any other error, the client learns only that there was one.
                    raise ToolError(str(error)) from error
            content = TextContent(type="text", text=answer.text)
            return CallToolResult(content=[content], structured_content=answer.data)

        return called
