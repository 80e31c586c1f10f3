/** Runs workflows, and says what a deploy would do: by the server or, for a run, in a terminal. */

import * as vscode from "vscode";
import { checkInputs, outline, type Signature } from "./inputs";
import { folderOf, program } from "./program";
import type { Server } from "./server";
import { activeTarget, shownName, type Target } from "./target";

export class Runner implements vscode.Disposable {
  private readonly output = vscode.window.createOutputChannel("JobCenter Runs");

  constructor(
    private readonly server: Server,
    private readonly memory: vscode.Memento,
  ) {}

  dispose(): void {
    this.output.dispose();
  }

  /** Ask for the inputs of a workflow (that of the active editor if none is named) and run it. */
  async run(target = activeTarget()): Promise<void> {
    const inputs = target && (await this.askForInputs(target));
    if (target && inputs !== undefined) {
      await this.runWith(target, inputs);
    }
  }

  /** Show what `jcc deploy` would do with a document. */
  async dryRun(target = activeTarget()): Promise<void> {
    if (target) {
      await saveFiles();
      await this.report(`Deploying ${shownName(target)} (dry run)`, (token) =>
        this.server.execute("jcc.deployDryRun", target, token),
      );
    }
  }

  private async runWith(target: Target, inputs: string): Promise<void> {
    await saveFiles();
    const uri = vscode.Uri.parse(target.uri);
    const where = vscode.workspace.getConfiguration("jcc", uri).get<string>("run.in");
    if (where === "terminal") {
      await this.runInTerminal(uri, inputs);
      return;
    }
    const request = { ...target, inputs: JSON.parse(inputs) as unknown };
    await this.report(`Running ${shownName(target)} ${inputs}`, (token) =>
      this.server.execute("jcc.run", request, token),
    );
  }

  private async runInTerminal(uri: vscode.Uri, inputs: string): Promise<void> {
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
      async (progress, token) => {
        this.server.onProgress = (message) => progress.report({ message });
        try {
          return shownAs(await work(token));
        } catch (error) {
          return token.isCancellationRequested ? "cancelled" : `error: ${messageOf(error)}`;
        } finally {
          this.server.onProgress = undefined;
        }
      },
    );
    this.output.appendLine(shown);
    this.output.appendLine("");
    this.output.show(true);
  }

  private async askForInputs(target: Target): Promise<string | undefined> {
    const signature = await this.signatureOf(target);
    if (signature && !signature.inputs.length) {
      return "{}";
    }
    const key = `inputs of ${target.name ?? ""} ${target.uri}`;
    const given = await vscode.window.showInputBox({
      title: `Run ${signature?.name ?? shownName(target)}`,
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

  private async signatureOf(target: Target): Promise<Signature | null> {
    if (!this.server.knows("jcc.signature")) {
      return null;
    }
    return this.server.execute<Signature | null>("jcc.signature", target);
  }
}

/** What runs reads the files on disk. */
async function saveFiles(): Promise<void> {
  const unsaved = vscode.workspace.textDocuments.filter(
    ({ isDirty, isUntitled, languageId }) => isDirty && !isUntitled && languageId === "jcl",
  );
  await Promise.all(unsaved.map((document) => document.save()));
}

function shownAs(result: unknown): string {
  return typeof result === "string" ? result : JSON.stringify(result, undefined, 2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
