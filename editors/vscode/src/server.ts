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
import { folderOf, isInstalled, program } from "./program";
import { toPosition, toUri } from "./places";

const INSTALL = "`pip install 'jobcenter-jcc[lsp]'` installs it.";

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

  /** What the server says of how far it is with a command; the last one who asks is told. */
  onProgress: ((message: string) => void) | undefined;

  /** Fires when a server has come up or has been told of a change in a text: what was drawn from that may be old. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.item.name = "JobCenter Language";
    this.item.command = "jcl.menu";
    this.watching = [
      vscode.workspace.onDidChangeConfiguration((change) => this.configured(change)),
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
    if (!isInstalled(command)) {
      this.showState(State.Stopped);
      void this.tell(`\`${command}\` was not found. ${INSTALL} Or say in the settings where it is.`);
      return;
    }
    const server = { command, args: ["lsp"], options: folder ? { cwd: folder.uri.fsPath } : {} };
    this.client = new LanguageClient("jcc", "JobCenter Language Server", server, this.options());
    this.client.onDidChangeState(({ newState }) => this.showState(newState));
    this.showState(State.Starting);
    try {
      await this.client.start();
      this.changed.fire();
    } catch (error) {
      this.showState(State.Stopped);
      void this.tell(`\`${command} lsp\` does not run: ${String(error)}. ${INSTALL}`);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // One that failed to start, or has stopped by itself, cannot be stopped.
    if (client?.needsStop()) {
      await client.dispose();
    }
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
    const uncancelled = new vscode.CancellationTokenSource().token;
    return this.client.sendRequest<T>("workspace/executeCommand", request, token ?? uncancelled);
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
      // Only then does the server know the new text.
      didChange: async (change, next) => {
        await next(change);
        this.changed.fire();
      },
      handleWorkDoneProgress: (token, params, next) => {
        if (!this.onProgress) {
          next(token, params);
        } else if (params.kind === "report" && params.message) {
          this.onProgress(params.message);
        }
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

  /** Tell why there is no server; nobody waits for the answer. */
  private async tell(problem: string): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(problem, "Open Settings", "Show Output");
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
