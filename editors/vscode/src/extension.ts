/** The extension's entry: makes the parts and tells VS Code of them. What they do is in the other modules. */

import * as vscode from "vscode";
import { Server } from "./server";
import { Explanations } from "./explain";
import { Graphs } from "./graph";
import { JccTasks } from "./tasks";
import { Runner } from "./run";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const server = new Server();
  const explanations = new Explanations();
  const graphs = new Graphs(server);
  const runner = new Runner(server, context.workspaceState);
  server.onCommand("jcc.run", (...given) => runner.runFromServer(given));
  server.onCommand("jcc.deployDryRun", (...given) => runner.dryRun(uriIn(given)));
  server.onCommand("jcc.graph", (...given) => graphs.show(uriIn(given)));

  context.subscriptions.push(
    server,
    graphs,
    runner,
    explanations,
    vscode.commands.registerCommand("jcl.run", (uri?: vscode.Uri) => runner.run(uri)),
    vscode.commands.registerCommand("jcl.deployDryRun", (uri?: vscode.Uri) => runner.dryRun(uri)),
    vscode.commands.registerCommand("jcl.graph", (uri?: vscode.Uri) => graphs.show(uri)),
    vscode.commands.registerCommand("jcl.explain", (code?: string) => explanations.explain(code)),
    vscode.commands.registerCommand("jcl.restart", () => server.restart()),
    vscode.commands.registerCommand("jcl.output", () => server.showOutput()),
    vscode.commands.registerCommand("jcl.menu", () => menu()),
    vscode.tasks.registerTaskProvider("jcc", new JccTasks()),
    vscode.languages.registerCodeActionsProvider({ language: "jcl" }, explanations, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    vscode.workspace.registerTextDocumentContentProvider(Explanations.scheme, explanations),
  );
  await server.start();
}

/** The document that a command of the server's is about: its first argument, or the `uri` in that. */
function uriIn(given: unknown[]): vscode.Uri | undefined {
  const first = given[0];
  const uri = typeof first === "object" && first !== null && "uri" in first ? first.uri : first;
  return typeof uri === "string" ? vscode.Uri.parse(uri) : undefined;
}

/** What the item in the status bar offers. */
async function menu(): Promise<void> {
  const entries = [
    { label: "$(output) Show the server's output", command: "jcl.output" },
    { label: "$(debug-restart) Restart the server", command: "jcl.restart" },
    { label: "$(play) Run the workflow…", command: "jcl.run" },
    { label: "$(type-hierarchy) Show the graph", command: "jcl.graph" },
    { label: "$(question) Explain a diagnostic…", command: "jcl.explain" },
    { label: "$(gear) Settings", command: "workbench.action.openSettings", argument: "jcc." },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { placeHolder: "JobCenter Language" });
  if (chosen) {
    await vscode.commands.executeCommand(chosen.command, chosen.argument);
  }
}
