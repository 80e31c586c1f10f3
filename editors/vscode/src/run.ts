/** Runs workflows, and says what a deploy would do: by the server or, for a run, in a terminal. */

import * as vscode from "vscode";
import { checkInputs, outline, type Signature } from "./inputs";
import { folderOf, program } from "./program";
import type { Server } from "./server";

export class Runner implements vscode.Disposable {
  private readonly output = vscode.window.createOutputChannel("JobCenter Runs");

  constructor(
    private readonly server: Server,
    private readonly memory: vscode.Memento,
  ) {}

  dispose(): void {
    this.output.dispose();
  }

  /** Ask for the inputs of a document's workflow (the active editor's if none is named) and run it. */
  async run(uri = vscode.window.activeTextEditor?.document.uri): Promise<void> {
    if (!uri) {
      return;
    }
    const inputs = await this.askForInputs(uri);
    if (inputs !== undefined) {
      await this.runWith(uri, inputs);
    }
  }

  /** A code lens asks to run: with inputs, or they are asked for. */
  async runFromServer(given: unknown[]): Promise<void> {
    const first = given[0];
    const request = typeof first === "object" && first !== null ? first : { uri: first };
    const { uri, inputs } = request as { uri?: unknown; inputs?: unknown };
    const document = typeof uri === "string" ? vscode.Uri.parse(uri) : undefined;
    if (document && inputs !== undefined) {
      await this.runWith(document, JSON.stringify(inputs));
    } else {
      await this.run(document);
    }
  }

  /** Show what `jcc deploy` would do with a document's workflow. */
  async dryRun(uri = vscode.window.activeTextEditor?.document.uri): Promise<void> {
    if (uri) {
      const request = { uri: uri.toString() };
      const title = `Deploying ${vscode.workspace.asRelativePath(uri)} (dry run)`;
      await this.report(title, (token) => this.server.execute("jcc.deployDryRun", request, token));
    }
  }

  private async runWith(uri: vscode.Uri, inputs: string): Promise<void> {
    const where = vscode.workspace.getConfiguration("jcc", uri).get<string>("run.in");
    if (where === "terminal") {
      await this.runInTerminal(uri, inputs);
      return;
    }
    const name = vscode.workspace.asRelativePath(uri);
    const request = { uri: uri.toString(), inputs: JSON.parse(inputs) as unknown };
    await this.report(`Running ${name} ${inputs}`, (token) =>
      this.server.execute("jcc.run", request, token),
    );
  }

  private async runInTerminal(uri: vscode.Uri, inputs: string): Promise<void> {
    await vscode.workspace.save(uri);
    const folder = folderOf(uri);
    const execution = new vscode.ProcessExecution(program(folder), ["run", uri.fsPath, inputs], {
      ...(folder ? { cwd: folder.uri.fsPath } : {}),
    });
    const definition = { type: "jcc", command: "run", arguments: [uri.fsPath, inputs] };
    const scope = folder ?? vscode.TaskScope.Workspace;
    const task = new vscode.Task(definition, scope, "run", "jcc", execution, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: false };
    await vscode.tasks.executeTask(task);
  }

  /** Do something that takes a while; what comes of it, or what is wrong, is shown in the output channel. */
  private async report(
    title: string,
    work: (token: vscode.CancellationToken) => Promise<unknown>,
  ): Promise<void> {
    this.output.appendLine(title);
    const location = vscode.ProgressLocation.Notification;
    const shown = await vscode.window.withProgress(
      { location, title, cancellable: true },
      async (_progress, token) => {
        try {
          return shownAs(await work(token));
        } catch (error) {
          return token.isCancellationRequested ? "cancelled" : `error: ${messageOf(error)}`;
        }
      },
    );
    this.output.appendLine(shown);
    this.output.appendLine("");
    this.output.show(true);
  }

  private async askForInputs(uri: vscode.Uri): Promise<string | undefined> {
    const signature = await this.signatureOf(uri);
    if (signature && !signature.inputs.length) {
      return "{}";
    }
    const key = `inputs of ${uri.toString()}`;
    const given = await vscode.window.showInputBox({
      title: `Run ${signature?.name ?? vscode.workspace.asRelativePath(uri)}`,
      prompt: signature?.inputs.map(({ name, type }) => `${name}: ${type}`).join(", ") ?? "",
      placeHolder: '{"input": 123}',
      value: outline(signature, this.memory.get<string>(key)),
      validateInput: (text) => checkInputs(text, signature),
    });
    if (given !== undefined) {
      await this.memory.update(key, given);
    }
    return given;
  }

  private async signatureOf(uri: vscode.Uri): Promise<Signature | null> {
    if (!this.server.knows("jcc.signature")) {
      return null;
    }
    return this.server.execute<Signature | null>("jcc.signature", { uri: uri.toString() });
  }
}

function shownAs(result: unknown): string {
  return typeof result === "string" ? result : JSON.stringify(result, undefined, 2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
