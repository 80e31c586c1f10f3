/** A real VS Code in a browser: started on a copy of a workspace with the extension installed, and driven by its keys. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";

const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "editor.minimap.enabled": false,
  "editor.hover.delay": 100,
  "files.autoSave": "off",
  "window.restoreWindows": "none",
  "chat.commandCenter.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "git.enabled": false,
};

export class VsCode {
  /** Start it. `home` is where install.sh put it, `place` a folder for what it writes, `workspace` the folder to open. */
  static async start({ home, place, workspace, vsix, settings, shots }) {
    const code = join(home, "code", "node_modules");
    const server = join(code, "code-server", "out", "node", "entry.js");
    const user = join(place, "user");
    // Where a program is can only be said for the machine that it is on.
    for (const [kind, values] of Object.entries({ User: SETTINGS, Machine: settings })) {
      mkdirSync(join(user, kind), { recursive: true });
      writeFileSync(join(user, kind, "settings.json"), JSON.stringify(values));
    }
    const config = join(place, "config.yaml");
    writeFileSync(config, "auth: none\ncert: false\n");
    const common = [server, "--config", config, "--user-data-dir", user, "--extensions-dir", join(place, "extensions")];
    const installed = spawnSync(process.execPath, [...common, "--install-extension", vsix], { encoding: "utf8" });
    if (installed.status !== 0) {
      throw new Error(installed.stdout + installed.stderr);
    }
    const port = await freePort();
    const options = ["--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"];
    const process_ = spawn(process.execPath, [...common, ...options, workspace], { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    process_.stdout.on("data", (text) => (log += text));
    process_.stderr.on("data", (text) => (log += text));
    while (!log.includes("HTTP server listening")) {
      await Promise.race([once(process_.stdout, "data"), failure(process_, () => log)]);
    }
    const { chromium } = createRequire(join(home, "code", "package.json"))("playwright-core");
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, permissions: ["clipboard-read", "clipboard-write"] });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    return new VsCode(process_, browser, page, shots);
  }

  constructor(server, browser, page, shots) {
    this.server = server;
    this.browser = browser;
    this.page = page;
    this.shots = shots;
    this.taken = 0;
  }

  async stop() {
    await this.browser.close();
    this.server.kill("SIGTERM");
    await once(this.server, "exit");
  }

  /** Keep what is seen now, as a picture. */
  async shoot(name) {
    const number = String(++this.taken).padStart(2, "0");
    await this.page.screenshot({ path: join(this.shots, `${number}-${name}.png`) });
  }

  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  async type(text) {
    await this.page.keyboard.type(text, { delay: 15 });
  }

  /** Run a command by its title, through the palette. */
  async command(title) {
    await this.press("F1");
    await this.choose(`>${title}`, title);
  }

  /** Open a file of the workspace. */
  async open(name) {
    // VS Code may know only the files that there were when it was last asked; it looks again meanwhile.
    await this.press("Control+p");
    await this.choose(name, name, 10_000).catch(async () => {
      await this.press("Escape", "Control+p");
      await this.choose(name, name);
    });
    await this.page.locator(".editor-group-container.active .tab.active", { hasText: name }).waitFor();
    await this.seen(".editor-group-container.active .monaco-editor.focused .view-line");
  }

  /** Type into the box that has opened (nothing if that is empty), and take the entry of this name. */
  async choose(text, label, timeout = 30_000) {
    const box = await this.seen(".quick-input-widget input");
    if (text) {
      await box.fill(text);
    }
    const name = new RegExp(`^\\s*${escaped(label)}\\s*$`);
    const entry = this.page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ has: this.page.locator(".label-name", { hasText: name }) })
      .first();
    await entry.waitFor({ timeout });
    // While the list is still being filled its rows change places.
    let before;
    for (let now = await entry.boundingBox(); now?.y !== before; now = await entry.boundingBox()) {
      before = now?.y;
      await this.page.waitForTimeout(400);
    }
    await entry.click();
  }

  /** Put the cursor at a place of the active editor, both from 1; a tab is one column. */
  async goTo(line, column) {
    await this.press("Escape", "Escape", "Control+Home");
    for (let at = 1; at < line; at += 1) {
      await this.page.keyboard.press("ArrowDown");
    }
    await this.press("Home");
    // Home goes behind the indentation first, then to the beginning of the line.
    await this.press("Home");
    for (let at = 1; at < column; at += 1) {
      await this.page.keyboard.press("ArrowRight");
    }
  }

  /** Wait until something is shown. */
  async seen(selector, text) {
    const found = this.page.locator(selector, text === undefined ? undefined : { hasText: text }).first();
    await found.waitFor({ timeout: 30_000 });
    return found;
  }

  /** Wait until nothing of the kind is shown. */
  async gone(selector) {
    await this.page.waitForFunction((each) => !document.querySelector(each), selector, { timeout: 30_000 });
  }

  /** The active editor's text, by way of the clipboard. The cursor goes to the beginning. */
  async read() {
    await this.press("Control+a", "Control+c");
    const text = await this.page.evaluate(() => navigator.clipboard.readText());
    await this.press("Control+Home");
    return text;
  }

  /** Wait until the active editor's text has a part. */
  async has(part) {
    let text = "";
    for (let tries = 0; tries < 50; tries += 1) {
      text = await this.read();
      if (text.includes(part)) {
        return;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`${JSON.stringify(part)} is not in ${JSON.stringify(text)}`);
  }

  /** What the webview in front shows: the frame with its page. */
  async webview(selector) {
    const outer = this.page.frameLocator("iframe.webview.ready").last();
    const found = outer.frameLocator("iframe#active-frame").locator(selector).first();
    await found.waitFor({ timeout: 30_000 });
    return found;
  }
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Wait until a test holds that needs no page. */
export async function until(test, what) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await test()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited in vain: ${what}`);
}

function freePort() {
  return new Promise((resolve) => {
    const socket = createServer().listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

async function failure(process_, log) {
  await once(process_, "exit");
  throw new Error(`code-server has stopped:\n${log()}`);
}
