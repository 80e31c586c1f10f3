/** The preview of a workflow's task graph: drawn by the server, from the text as it stands in the editor. */

import * as vscode from "vscode";
import type { Server } from "./server";
import { page } from "./page";

export class Graphs implements vscode.Disposable {
  private readonly panels = new Map<string, Panel>();
  private readonly watching: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.watching = [
      server.onDidChange(() => this.redraw()),
      vscode.workspace.onDidRenameFiles(({ files }) => this.follow(files)),
    ];
  }

  /** Show the graph of a document, that of the active editor if none is named, beside it. */
  async show(uri = vscode.window.activeTextEditor?.document.uri): Promise<void> {
    if (!uri) {
      return;
    }
    const key = uri.toString();
    const known = this.panels.get(key);
    if (known) {
      known.view.reveal(undefined, true);
      return;
    }
    const panel = new Panel(uri, this.server);
    this.panels.set(key, panel);
    panel.view.onDidDispose(() => this.panels.delete(panel.uri.toString()));
    await panel.draw();
  }

  dispose(): void {
    for (const each of [...this.watching, ...[...this.panels.values()].map(({ view }) => view)]) {
      each.dispose();
    }
  }

  private redraw(): void {
    for (const panel of this.panels.values()) {
      void panel.draw();
    }
  }

  private follow(files: readonly { oldUri: vscode.Uri; newUri: vscode.Uri }[]): void {
    for (const { oldUri, newUri } of files) {
      const panel = this.panels.get(oldUri.toString());
      if (panel) {
        this.panels.delete(oldUri.toString());
        this.panels.set(newUri.toString(), panel);
        panel.uri = newUri;
        void panel.draw();
      }
    }
  }
}

/** One preview. Of requests that overtake each other only the last one's answer is drawn. */
class Panel {
  readonly view: vscode.WebviewPanel;
  private asked = 0;

  constructor(
    public uri: vscode.Uri,
    private readonly server: Server,
  ) {
    this.view = vscode.window.createWebviewPanel(
      "jcl.graph",
      "Graph",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, retainContextWhenHidden: true },
    );
    this.view.webview.html = page(this.view.webview.cspSource);
  }

  async draw(): Promise<void> {
    const turn = ++this.asked;
    this.view.title = `Graph of ${vscode.workspace.asRelativePath(this.uri)}`;
    const message = await this.ask();
    if (turn === this.asked) {
      await this.view.webview.postMessage(message);
    }
  }

  private async ask(): Promise<{ svg: string } | { problem: string }> {
    try {
      const svg = await this.server.execute<string | null>("jcc.graph", {
        uri: this.uri.toString(),
      });
      return svg ? { svg } : { problem: "The graph is drawn again when the errors are mended." };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
