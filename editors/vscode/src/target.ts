/** What a command is about: a document, and one of its workflows if the server's code lens names one. */

import * as vscode from "vscode";

export interface Target {
  uri: string;
  name?: string;
}

/** That of the active editor; none where no file is open. */
export function activeTarget(): Target | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri && { uri: uri.toString() };
}

/** Its name for people. */
export function shownName(target: Target): string {
  return target.name ?? vscode.workspace.asRelativePath(vscode.Uri.parse(target.uri));
}

/** That of a command's first argument: VS Code's menus give a Uri, the server an object with `uri`, or the URI alone. */
export function targetOf(given: unknown): Target | undefined {
  if (given instanceof vscode.Uri) {
    return { uri: given.toString() };
  }
  if (typeof given === "string") {
    return { uri: given };
  }
  if (typeof given === "object" && given !== null && "uri" in given) {
    const { uri, name } = given as { uri: unknown; name?: unknown };
    if (typeof uri === "string") {
      return typeof name === "string" ? { uri, name } : { uri };
    }
  }
  return activeTarget();
}
