/** Finds the `jcc` program for a folder and runs it. Knows nothing of what its output means. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as vscode from "vscode";

const IN_ENVIRONMENT = process.platform === "win32" ? ["Scripts", "jcc.exe"] : ["bin", "jcc"];

/** The program to start: the setting, else that of the folder's environment, else the one on the PATH. */
export function program(folder: vscode.WorkspaceFolder | undefined): string {
  const set = vscode.workspace.getConfiguration("jcc", folder).get<string>("path", "").trim();
  if (set) {
    return set
      .replaceAll("${workspaceFolder}", folder?.uri.fsPath ?? "")
      .replace(/^~(?=[/\\])/, homedir());
  }
  for (const environment of folder ? [".venv", "venv"] : []) {
    const found = join(folder!.uri.fsPath, environment, ...IN_ENVIRONMENT);
    if (existsSync(found)) {
      return found;
    }
  }
  return "jcc";
}

/** Whether there is such a program: a file, or a name that some folder of the PATH has. */
export function isInstalled(command: string): boolean {
  if (/[/\\]/.test(command)) {
    return existsSync(command);
  }
  const endings = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((each) => endings.some((end) => existsSync(join(each, command + end))));
}

/** The folder that a document lies in; the first one for a document that lies in none. */
export function folderOf(uri: vscode.Uri | undefined): vscode.WorkspaceFolder | undefined {
  const own = uri && vscode.workspace.getWorkspaceFolder(uri);
  return own ?? vscode.workspace.workspaceFolders?.[0];
}

export interface Outcome {
  /** `undefined`: it could not be started. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

/** Run `jcc` to its end. */
export function jcc(
  args: readonly string[],
  folder: vscode.WorkspaceFolder | undefined,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: folder?.uri.fsPath, maxBuffer: 64 * 1024 * 1024 };
    execFile(program(folder), args, options, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === "number" ? error.code : undefined) : 0;
      resolve({ status, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
}
