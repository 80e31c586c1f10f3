/** The language server's life: started, stopped, shown in the status bar. One server serves all folders. */

import * as vscode from "vscode";
import {
  type ExecuteCommandSignature,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import { folderOf, program } from "./program";
import { toPosition, toUri } from "./places";

type Handler = (...given: unknown[]) => unknown;

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly handlers = new Map<string, Handler>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly output = vscode.window.createOutputChannel("JobCenter Language Server", {
    log: true,
  });
  private readonly item = vscode.window.createStatusBarItem(
    "jcl.server",
    vscode.StatusBarAlignment.Right,
    90,
  );
  private readonly watching: vscode.Disposable[];

  /** Fires when a document's text has changed or a server has come up: what was drawn from it may be old. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.item.name = "JobCenter Language";
    this.item.command = "jcl.menu";
    this.watching = [
      vscode.workspace.onDidChangeConfiguration((change) => this.configured(change)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.edited(document)),
      vscode.window.onDidChangeActiveTextEditor(() => this.showItem()),
    ];
  }

  /** What to do, instead of asking the server, when one of its commands is chosen (in a code lens, say). */
  onCommand(name: string, handler: Handler): void {
    this.handlers.set(name, handler);
  }

  async start(): Promise<void> {
    const folder = folderOf(undefined);
    const command = program(folder);
    const server = { command, args: ["lsp"], options: folder ? { cwd: folder.uri.fsPath } : {} };
    this.client = new LanguageClient("jcc", "JobCenter Language Server", server, this.options());
    this.client.onDidChangeState(({ newState }) => this.showState(newState));
    this.showState(State.Starting);
    try {
      await this.client.start();
      this.changed.fire();
    } catch (error) {
      this.showState(State.Stopped);
      await this.explainFailure(command, error);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.stop();
    }
    await client?.dispose();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  showOutput(): void {
    this.output.show();
  }

  /** Whether the server that runs knows a command. */
  knows(command: string): boolean {
    const known = this.client?.initializeResult?.capabilities.executeCommandProvider?.commands;
    return known?.includes(command) ?? false;
  }

  /** Have the server execute one of its commands. Throws what the server says is wrong. */
  async execute<T>(
    command: string,
    argument: object,
    token?: vscode.CancellationToken,
  ): Promise<T> {
    if (!this.client?.isRunning()) {
      throw new Error("the language server is not running");
    }
    const request = { command, arguments: [argument] };
    return this.client.sendRequest<T>("workspace/executeCommand", request, token);
  }

  dispose(): void {
    for (const each of [this.item, this.changed, this.output, ...this.watching]) {
      each.dispose();
    }
    void this.stop();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [
        { scheme: "file", language: "jcl" },
        { scheme: "untitled", language: "jcl" },
      ],
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: vscode.workspace.getConfiguration("jcc"),
      synchronize: { configurationSection: "jcc" },
      markdown: { supportHtml: false },
      middleware: this.middleware(),
    };
  }

  private middleware(): Middleware {
    return {
      executeCommand: (command: string, given: unknown[], next: ExecuteCommandSignature) => {
        const handler = this.handlers.get(command);
        return handler ? handler(...given) : next(command, given);
      },
      provideCodeLenses: async (document, token, next) => {
        const lenses = await next(document, token);
        return lenses?.map(withPlaces);
      },
      resolveCodeLens: async (lens, token, next) => {
        const resolved = await next(lens, token);
        return resolved && withPlaces(resolved);
      },
    };
  }

  private configured(change: vscode.ConfigurationChangeEvent): void {
    if (change.affectsConfiguration("jcc.path")) {
      void this.restart();
    }
  }

  private edited(document: vscode.TextDocument): void {
    if (document.languageId === "jcl") {
      this.changed.fire();
    }
  }

  private showState(state: State): void {
    switch (state) {
      case State.Running:
        this.item.text = "$(check) jcc";
        this.item.tooltip = this.version();
        this.item.backgroundColor = undefined;
        break;
      case State.Starting:
        this.item.text = "$(loading~spin) jcc";
        this.item.tooltip = "The language server is starting";
        this.item.backgroundColor = undefined;
        break;
      default:
        this.item.text = "$(error) jcc";
        this.item.tooltip = "The language server has stopped";
        this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
    }
    this.showItem();
  }

  /** The item stands there while a JCL file is in front, or something is wrong. */
  private showItem(): void {
    const isNeeded =
      this.item.backgroundColor !== undefined ||
      vscode.window.activeTextEditor?.document.languageId === "jcl";
    if (isNeeded) {
      this.item.show();
    } else {
      this.item.hide();
    }
  }

  private version(): string {
    const server = this.client?.initializeResult?.serverInfo;
    return server ? `${server.name} ${server.version ?? ""}`.trim() : "The language server runs";
  }

  private async explainFailure(command: string, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    const chosen = await vscode.window.showErrorMessage(
      `\`${command} lsp\` could not be started: ${reason}. Install it with ` +
        "`pip install 'jobcenter-jcc[lsp]'`, or say where it is.",
      "Open Settings",
      "Show Output",
    );
    if (chosen === "Open Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "jcc.path");
    } else if (chosen === "Show Output") {
      this.showOutput();
    }
  }
}

/** VS Code shows references only for places of its own making; the server's command has those of the protocol. */
function withPlaces(lens: vscode.CodeLens): vscode.CodeLens {
  if (lens.command?.command === "jcc.showReferences") {
    const [uri, at, locations] = lens.command.arguments ?? [];
    lens.command = {
      title: lens.command.title,
      command: "editor.action.showReferences",
      arguments: [toUri(uri), toPosition(at), locations.map(toLocation)],
    };
  }
  return lens;
}

function toLocation(location: { uri: string; range: Range }): vscode.Location {
  const { start, end } = location.range;
  return new vscode.Location(
    toUri(location.uri),
    new vscode.Range(toPosition(start), toPosition(end)),
  );
}

interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}
