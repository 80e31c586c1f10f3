/** The pages of the diagnostics: shown as Markdown, from the code actions and by command. */

import * as vscode from "vscode";
import { folderOf, jcc } from "./program";

export class Explanations
  implements vscode.TextDocumentContentProvider, vscode.CodeActionProvider, vscode.Disposable
{
  static readonly scheme = "jcc-explain";

  /** `explain JCC201` for the diagnostics at the cursor. */
  provideCodeActions(
    _document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const codes = new Set(context.diagnostics.map(codeOf).filter((code) => code !== undefined));
    return [...codes].map((code) => {
      const action = new vscode.CodeAction(`explain ${code}`, vscode.CodeActionKind.QuickFix);
      action.command = { command: "jcl.explain", title: action.title, arguments: [code] };
      return action;
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const code = uri.path.slice(1).replace(/\.md$/, "");
    const { stdout, stderr } = await jcc(["explain", code], folderOf(undefined));
    return stdout || stderr;
  }

  /** Show the page of a diagnostic; the user chooses one if none is named. */
  async explain(code?: string): Promise<void> {
    const chosen = code ?? (await this.choose());
    if (chosen) {
      const uri = vscode.Uri.from({ scheme: Explanations.scheme, path: `/${chosen}.md` });
      await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
    }
  }

  dispose(): void {}

  private async choose(): Promise<string | undefined> {
    const list = jcc(["explain"], folderOf(undefined)).then(({ status, stdout, stderr }) => {
      if (status !== 0) {
        throw new Error(stderr);
      }
      return stdout.split("\n").filter(Boolean).map(entry);
    });
    try {
      const chosen = await vscode.window.showQuickPick(list, {
        placeHolder: "Which diagnostic?",
        matchOnDescription: true,
      });
      return chosen?.label;
    } catch (error) {
      void vscode.window.showErrorMessage(`jcc explain: ${String(error)}`);
      return undefined;
    }
  }
}

function codeOf(diagnostic: vscode.Diagnostic): string | undefined {
  const { code } = diagnostic;
  const value = String(typeof code === "object" ? code.value : code);
  return /^JCC\d+$/.test(value) ? value : undefined;
}

/** A line of `jcc explain`: the code, the severity, the name. */
function entry(line: string): vscode.QuickPickItem {
  const [label = "", severity = "", name = ""] = line.split(/\s+/);
  return { label, description: name, detail: severity };
}
