/** Tasks: `jcc check`, `build`, `fmt` and `deploy --dry-run` for each folder; their findings go to the problems. */

import * as vscode from "vscode";
import { program } from "./program";

interface Definition extends vscode.TaskDefinition {
  command: string;
  arguments?: string[];
}

const OFFERED: { name: string; definition: Definition; group?: vscode.TaskGroup }[] = [
  { name: "check", definition: { type: "jcc", command: "check" }, group: vscode.TaskGroup.Test },
  { name: "build", definition: { type: "jcc", command: "build" }, group: vscode.TaskGroup.Build },
  { name: "fmt", definition: { type: "jcc", command: "fmt" } },
  {
    name: "deploy --dry-run",
    definition: { type: "jcc", command: "deploy", arguments: [".", "--dry-run"] },
  },
];

export class JccTasks implements vscode.TaskProvider {
  provideTasks(): vscode.Task[] {
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
      OFFERED.map(({ name, definition, group }) => {
        const made = task(definition, name, folder);
        if (group) {
          made.group = group;
        }
        return made;
      }),
    );
  }

  /** A task as the user wrote it down in tasks.json. */
  resolveTask(given: vscode.Task): vscode.Task | undefined {
    const definition = given.definition as Definition;
    const folder = isFolder(given.scope) ? given.scope : vscode.workspace.workspaceFolders?.[0];
    return folder && task(definition, given.name, folder);
  }
}

function isFolder(
  scope: vscode.WorkspaceFolder | vscode.TaskScope | undefined,
): scope is vscode.WorkspaceFolder {
  return typeof scope === "object";
}

function task(definition: Definition, name: string, folder: vscode.WorkspaceFolder): vscode.Task {
  const args = [definition.command, ...(definition.arguments ?? ["."])];
  if (definition.command === "check" && !args.includes("--format")) {
    args.push("--format", "concise");
  }
  const execution = new vscode.ProcessExecution(program(folder), args, { cwd: folder.uri.fsPath });
  return new vscode.Task(definition, folder, name, "jcc", execution, "$jcc");
}
