/** The extension's entry: makes the parts and tells VS Code of them. What they do is in the other modules. */

import * as vscode from "vscode";
import { Server } from "./server";
import { Explanations } from "./explain";
import { Graphs } from "./graph";
import { JccTasks } from "./tasks";
import { Runner } from "./run";
import { targetOf } from "./target";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const server = new Server();
  const explanations = new Explanations();
  const graphs = new Graphs(server, context.extensionUri);
  const runner = new Runner(server, context.workspaceState);
  server.onCommand("jcc.run", (given) => runner.run(targetOf(given)));
  server.onCommand("jcc.deployDryRun", (given) => runner.dryRun(targetOf(given)));
  server.onCommand("jcc.graph", (given) => graphs.show(targetOf(given)));

  context.subscriptions.push(
    server,
    graphs,
    runner,
    explanations,
    vscode.commands.registerCommand("jcl.run", (given) => runner.run(targetOf(given))),
    vscode.commands.registerCommand("jcl.deployDryRun", (given) => runner.dryRun(targetOf(given))),
    vscode.commands.registerCommand("jcl.graph", (given) => graphs.show(targetOf(given))),
    vscode.commands.registerCommand("jcl.explain", (code?: string) => explanations.explain(code)),
    vscode.commands.registerCommand("jcl.reloadCatalog", () => reloadCatalog(server)),
    vscode.commands.registerCommand("jcl.restart", () => server.restart()),
    vscode.commands.registerCommand("jcl.output", () => server.showOutput()),
    vscode.commands.registerCommand("jcl.menu", () => menu()),
    vscode.tasks.registerTaskProvider("jcc", new JccTasks()),
    vscode.languages.registerCodeActionsProvider({ language: "jcl" }, explanations, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    vscode.workspace.registerTextDocumentContentProvider(Explanations.scheme, explanations),
  );
  if (vscode.workspace.isTrusted) {
    await server.start();
  } else {
    // The program may be one that lies in the folder.
    context.subscriptions.push(
      vscode.workspace.onDidGrantWorkspaceTrust(() => void server.start()),
    );
  }
}

/** Have the server ask again what is deployed. What keeps it from that, it says itself. */
async function reloadCatalog(server: Server): Promise<void> {
  const title = "Reading the catalog";
  const location = vscode.ProgressLocation.Window;
  try {
    await vscode.window.withProgress({ location, title }, () =>
      server.execute("jcc.reloadCatalog", {}),
    );
    vscode.window.setStatusBarMessage("The catalog has been read", 5000);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`The catalog cannot be read: ${reason}`);
  }
}

/** What the item in the status bar offers. */
async function menu(): Promise<void> {
  const entries = [
    { label: "$(output) Show the server's output", command: "jcl.output" },
    { label: "$(debug-restart) Restart the server", command: "jcl.restart" },
    { label: "$(play) Run the workflow…", command: "jcl.run" },
    { label: "$(type-hierarchy) Show the graph", command: "jcl.graph" },
    { label: "$(question) Explain a diagnostic…", command: "jcl.explain" },
    { label: "$(cloud-download) Reload the catalog", command: "jcl.reloadCatalog" },
    { label: "$(gear) Settings", command: "workbench.action.openSettings", argument: "jcc." },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { placeHolder: "JobCenter Language" });
  if (chosen) {
    await vscode.commands.executeCommand(chosen.command, chosen.argument);
  }
}
