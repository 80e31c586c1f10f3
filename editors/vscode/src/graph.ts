/** The preview of a workflow's task graph: drawn by the server, from the text as it stands in the editor. */

import * as vscode from "vscode";
import type { Server } from "./server";
import { page } from "./page";
import { activeTarget, shownName, type Target } from "./target";

export class Graphs implements vscode.Disposable {
  private readonly panels = new Map<string, Panel>();
  private readonly watching: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly folder: vscode.Uri,
  ) {
    this.watching = [
      server.onDidChange(() => this.redraw()),
      vscode.workspace.onDidRenameFiles(({ files }) => this.follow(files)),
    ];
  }

  /** Show the graph of a document, that of the active editor if none is named, beside it. */
  async show(target = activeTarget()): Promise<void> {
    if (!target) {
      return;
    }
    const known = this.panels.get(target.uri);
    const panel = known ?? new Panel(target, this.server, this.icons);
    if (known) {
      panel.target = target;
      panel.view.reveal(undefined, true);
    } else {
      this.panels.set(target.uri, panel);
      panel.view.onDidDispose(() => this.panels.delete(panel.target.uri));
    }
    await panel.draw();
  }

  dispose(): void {
    for (const each of [...this.watching, ...[...this.panels.values()].map(({ view }) => view)]) {
      each.dispose();
    }
  }

  private get icons(): Icons {
    const [light, dark] = ["light", "dark"].map((name) =>
      vscode.Uri.joinPath(this.folder, "icons", `${name}.svg`),
    ) as [vscode.Uri, vscode.Uri];
    return { light, dark };
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
        this.panels.delete(panel.target.uri);
        panel.target = { uri: newUri.toString() };
        this.panels.set(panel.target.uri, panel);
        void panel.draw();
      }
    }
  }
}

interface Icons {
  light: vscode.Uri;
  dark: vscode.Uri;
}

/** One preview. Of requests that overtake each other only the last one's answer is drawn. */
class Panel {
  readonly view: vscode.WebviewPanel;
  private asked = 0;

  constructor(
    public target: Target,
    private readonly server: Server,
    icons: Icons,
  ) {
    this.view = vscode.window.createWebviewPanel(
      "jcl.graph",
      "Graph",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, retainContextWhenHidden: true },
    );
    this.view.iconPath = icons;
    this.view.webview.html = page(this.view.webview.cspSource);
  }

  async draw(): Promise<void> {
    const turn = ++this.asked;
    this.view.title = `Graph of ${shownName(this.target)}`;
    const message = await this.ask();
    if (turn === this.asked) {
      await this.view.webview.postMessage(message);
    }
  }

  private async ask(): Promise<{ svg: string } | { problem: string }> {
    try {
      const svg = await this.server.execute<string | null>("jcc.graph", this.target);
      return svg ? { svg } : { problem: "The graph is drawn again when the errors are mended." };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
