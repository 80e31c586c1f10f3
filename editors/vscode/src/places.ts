/** From the protocol's places to VS Code's. */

import * as vscode from "vscode";

export function toUri(uri: string): vscode.Uri {
  return vscode.Uri.parse(uri);
}

export function toPosition(place: { line: number; character: number }): vscode.Position {
  return new vscode.Position(place.line, place.character);
}
