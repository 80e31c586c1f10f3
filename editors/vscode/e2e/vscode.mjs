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
    mkdirSync(join(user, "User"), { recursive: true });
    writeFileSync(join(user, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
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
    await this.seen(".quick-input-widget input");
    await this.page.locator(".quick-input-widget input").fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title.split(": ").at(-1) }).first().waitFor();
    await this.press("Enter");
  }

  /** Open a file of the workspace. */
  async open(name) {
    await this.press("Control+p");
    await this.seen(".quick-input-widget input");
    await this.page.locator(".quick-input-widget input").fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
    await this.press("Enter");
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
    await this.seen(".monaco-editor.focused .view-line");
  }

  /** Put the cursor behind a text of the active editor, as its search finds it. */
  async goBehind(text, line) {
    const { column } = { column: text };
    await this.press("Control+g");
    await this.seen(".quick-input-widget input");
    await this.page.locator(".quick-input-widget input").fill(`:${line},${column}`);
    await this.press("Enter");
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

  /** The lines that the active editor shows. */
  async text() {
    const lines = await this.page.locator(".monaco-editor.focused .view-line, .editor-instance .view-line").evaluateAll((all) =>
      all
        .map((line) => [Number.parseInt(line.style.top, 10), line.textContent])
        .sort(([a], [b]) => a - b)
        .map(([, text]) => text.replaceAll("\u00a0", " ")),
    );
    return lines.join("\n");
  }
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
