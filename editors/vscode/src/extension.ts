// Starts the language server of multitool-lint, and offers to install it where it is missing.

import {execFile} from "node:child_process";
import {existsSync} from "node:fs";
import {join} from "node:path";
import {promisify} from "node:util";
import * as vscode from "vscode";
import {LanguageClient} from "vscode-languageclient/node";

const NAME = "multitool-lint";
const LANGUAGES = [
  "json", "jsonc", "yaml", "cloudformation", "terraform", "opentofu", "hcl", "markdown",
  "asciidoc", "restructuredtext", "shellscript",
];
const run = promisify(execFile);

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand(`${NAME}.restart`, () => restart(context)),
    vscode.commands.registerCommand(`${NAME}.install`, () => install(context)),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(`${NAME}.path`) || event.affectsConfiguration(`${NAME}.arguments`)) {
        await restart(context);
      }
    }),
  );
  await restart(context);
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}

async function restart(context: vscode.ExtensionContext): Promise<void> {
  await client?.dispose();
  client = undefined;
  const command = await find(context);
  if (command === undefined) {
    const answer = await vscode.window.showInformationMessage(
      "The command multitool-lint with its language server was not found.",
      "Install it for this extension",
    );
    if (answer) {
      await install(context);
    }
    return;
  }
  const settings = vscode.workspace.getConfiguration(NAME);
  const args = ["server", ...settings.get<string[]>("arguments", [])];
  client = new LanguageClient(NAME, NAME, {command, args}, {
    documentSelector: LANGUAGES.map((language) => ({scheme: "file", language})),
    initializationOptions: settings,
    synchronize: {configurationSection: NAME},
  });
  await client.start();
}

/** The environment that the extension installs the server into. */
function environment(context: vscode.ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, "server");
}

function inEnvironment(folder: string, program: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", `${program}.exe`) : join(folder, "bin", program);
}

/** The command with its language server: that of the settings, of the extension, or on the path. */
async function find(context: vscode.ExtensionContext): Promise<string | undefined> {
  const chosen = vscode.workspace.getConfiguration(NAME).get<string>("path", "");
  if (chosen) {
    return chosen;
  }
  const own = inEnvironment(environment(context), NAME);
  for (const command of existsSync(own) ? [own] : [NAME]) {
    try {
      await run(command, ["server", "--help"]);
      return command;
    } catch {
      // It is not there, or is older than the language server.
    }
  }
  return undefined;
}

async function install(context: vscode.ExtensionContext): Promise<void> {
  const folder = environment(context);
  const title = "Installing multitool-lint";
  try {
    await vscode.window.withProgress({location: vscode.ProgressLocation.Notification, title}, async () => {
      await client?.dispose();
      client = undefined;
      await vscode.workspace.fs.createDirectory(context.globalStorageUri);
      await run(process.platform === "win32" ? "py" : "python3", ["-m", "venv", folder]);
      await run(inEnvironment(folder, "python"), ["-m", "pip", "install", "--upgrade", `${NAME}[lsp]`]);
    });
  } catch (error) {
    await vscode.window.showErrorMessage(`multitool-lint was not installed: ${String(error)}`);
    return;
  }
  await restart(context);
}
