/**
 * Tries the extension in a real VS Code: node drive.mjs HOME JCC. Each step does what a user does and looks for what a user would see; of
 * each a picture is kept, in a new folder (or $SHOTS) outside of the repository.
 */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until, VsCode } from "./vscode.mjs";

const [home, jcc] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const place = mkdtempSync(join(tmpdir(), "jcl-vscode-"));
const shots = process.env.SHOTS ?? mkdtempSync(join(tmpdir(), "jcl-shots-"));
const workspace = join(place, "workspace");
mkdirSync(shots, { recursive: true });
cpSync(join(here, "..", "..", "..", "examples"), workspace, { recursive: true });
writeFileSync(join(workspace, "jcc.toml"), "");
writeFileSync(join(workspace, "typed.wf"), "");
writeFileSync(
  join(workspace, "bad.wf"),
  `workflow bad:
	in:
		input	number
	out:
		output	number
	wfomap:
		output = v.thing
	do:
		call ad:
			counter = a.input
			step = 3
		into:
			thing = o.counter
`,
);

const code = await VsCode.start({
  home,
  place,
  workspace,
  shots,
  vsix: join(here, "..", "jobcenter-jcl.vsix"),
  settings: { "jcc.path": jcc },
});

const onDisk = (name) => readFileSync(join(workspace, name), "utf8");

/** What is tried, in this order: each step finds the editor as the one before left it. */
const STEPS = {
  "findings are underlined": async () => {
    await code.open("bad.wf");
    await code.seen(".squiggly-error");
    await code.seen(".statusbar-item", "jcc");
  },
  "hover tells what is wrong": async () => {
    await code.goTo(9, 9);
    await code.press("Control+k", "Control+i");
    await code.seen(".monaco-hover:not(.hidden)", "JCC201");
  },
  "a finding is explained": async () => {
    await code.goTo(9, 9);
    await code.press("Control+.");
    await (await code.seen(".action-widget .monaco-list-row", "explain JCC201")).click();
    await code.webview("h1:has-text('JCC201')");
    await code.shoot("explained");
    await code.command("View: Close Editor");
  },
  "a quick fix mends a finding": async () => {
    await code.open("bad.wf");
    await code.goTo(9, 9);
    await code.press("Control+.");
    const fix = await code.seen(".action-widget .monaco-list-row", "add");
    await code.shoot("quick fixes");
    await fix.click();
    await code.gone(".squiggly-error");
    await code.has("call add:");
    await code.press("Control+s");
    await until(() => onDisk("bad.wf").includes("call add:"), "the file is saved");
  },
  "hover tells the signature": async () => {
    await code.goTo(9, 9);
    await code.press("Control+k", "Control+i");
    await code.seen(".monaco-hover:not(.hidden)", "counter");
  },
  "lenses stand above definitions": async () => {
    await code.seen(".codelens-decoration", "show graph");
    await code.open("add.ac");
    await code.seen(".codelens-decoration", "callers");
    await (await code.seen(".codelens-decoration a", "callers")).click();
    await code.seen(".zone-widget", "calltest.wf");
    await code.shoot("callers");
    await code.press("Escape");
  },
  "completion knows the outputs": async () => {
    await code.open("bad.wf");
    await code.goTo(13, 3);
    await code.press("End", "Enter");
    await code.type("n = o.");
    await code.seen(".suggest-widget.visible .monaco-list-row", "counter");
    await code.shoot("outputs");
    await code.press("Tab");
    await code.has("\t\t\tn = o.counter");
  },
  "completion of an action brings its inputs": async () => {
    await code.goTo(14, 3);
    await code.press("End", "Enter", "Backspace");
    await code.type("call ad");
    await code.seen(".suggest-widget.visible .monaco-list-row", "add");
    await code.shoot("actions");
    await code.press("Tab");
    await code.has("call add:\n\t\t\tcounter = ");
    await code.command("File: Revert File");
  },
  "text is indented as it is typed": async () => {
    await code.open("typed.wf");
    const lines = ["workflow typed:", "in:", "n\tnumber", "out:", "n\tnumber", "do:", "if a.n:", "sleep 1", "else:", "return"];
    for (const line of lines) {
      await code.type(line);
      await code.page.waitForTimeout(400);
      await code.press("Escape", "Enter");
      await code.page.waitForTimeout(400);
    }
    await code.has(
      "workflow typed:\n\tin:\n\t\tn\tnumber\n\tout:\n\t\tn\tnumber\n\tdo:\n\t\tif a.n:\n\t\t\tsleep 1\n\t\telse:\n\t\t\treturn\n",
    );
    await code.press("Control+s");
    await until(() => onDisk("typed.wf") !== "", "the file is saved");
  },
  "the graph follows what is typed": async () => {
    await code.open("casetest.wf");
    await code.command("JCL: Show Graph");
    await code.webview("svg text:has-text('case a.input')");
    await code.shoot("graph");
    await code.open("casetest.wf");
    await code.goTo(11, 3);
    await code.press("End", "Enter");
    await code.type("sleep 7");
    await code.webview("svg text:has-text('sleep')");
    await code.shoot("graph with sleep");
    await code.type(" +");
    await code.webview("#problem:has-text('mended')");
    await code.shoot("graph of a broken text");
    await code.command("File: Revert File");
    await code.gone(".squiggly-error");
  },
  "a workflow runs": async () => {
    await code.open("calltest.wf");
    await code.command("JCL: Run Workflow…");
    const box = await code.seen(".quick-input-widget input");
    await until(async () => (await box.inputValue()).includes("input"), "the inputs are filled in");
    await code.shoot("inputs");
    await box.fill('{"input": 123}');
    await code.press("Enter");
    await code.shoot("running");
    await code.page.locator(".part.panel .view-line", { hasText: "126" }).first().waitFor({ timeout: 120_000 });
  },
  "a dry run tells what a deploy would do": async () => {
    await code.command("JCL: Deploy: Dry Run");
    await code.page.locator(".part.panel .view-line", { hasText: "calltest" }).last().waitFor({ timeout: 60_000 });
    await code.page.waitForTimeout(3000);
  },
  "rename reaches all files": async () => {
    await code.open("add.ac");
    await code.goTo(5, 4);
    await code.press("F2");
    await code.seen(".rename-box input");
    await code.shoot("rename");
    await code.page.locator(".rename-box input").fill("total");
    await code.press("Enter");
    await until(() => onDisk("calltest.wf").includes("total = a.input"), "the callers say `total`");
    await until(() => onDisk("calltest_perl.wf").includes("$i{total} = $a{input}"), "the code blocks, too");
    await code.open("calltest.wf");
    await code.gone(".squiggly-error");
  },
  "rename of a workflow takes its file along": async () => {
    await code.open("bad.wf");
    await code.goTo(1, 11);
    await code.press("F2");
    await code.seen(".rename-box input");
    await code.page.locator(".rename-box input").fill("better");
    await code.press("Enter");
    await code.seen(".tab", "better.wf");
    await until(() => onDisk("better.wf").startsWith("workflow better:"), "better.wf is there");
  },
  "a task checks the folder": async () => {
    writeFileSync(join(workspace, "other.wf"), "workflow other:\n\tdo:\n\t\tcall nobody:\n");
    await code.command("Tasks: Run Task");
    await code.choose("", "jcc");
    await code.choose("", "jcc: check");
    const scan = code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Continue without scanning" });
    await Promise.race([scan.first().waitFor().then(() => scan.first().click()), code.seen(".terminal-wrapper.active")]);
    await code.command("Problems: Focus on Problems View");
    const finding = code.page.locator(".markers-panel .monaco-list-row", { hasText: "`nobody`" });
    await finding.first().waitFor();
    await code.page.waitForTimeout(2000);
    assert.equal(await finding.count(), 1, "the server and the task tell the same once");
  },
  "what changes on disk is seen": async () => {
    mkdirSync(join(workspace, "new"));
    writeFileSync(join(workspace, "other.wf"), "workflow other:\n\tdo:\n\t\tcall newcomer:\n");
    writeFileSync(join(workspace, "new", "newcomer.ac"), "action newcomer:\n\tin:\n\t\tx\tnumber\t1\n");
    await code.open("other.wf");
    await code.has("call newcomer:");
    await code.gone(".squiggly-error");
    await code.goTo(3, 10);
    await code.press("Control+k", "Control+i");
    await code.seen(".monaco-hover:not(.hidden)", "action newcomer");
    rmSync(join(workspace, "new"), { recursive: true });
    await code.press("Escape");
    await code.command("Problems: Focus on Problems View");
    await code.page.locator(".markers-panel .monaco-list-row", { hasText: "`newcomer`" }).first().waitFor();
  },
  "the catalog is read again": async () => {
    writeFileSync(
      join(workspace, "known.json"),
      '{"format": 1, "definitions": [{"kind": "action", "name": "newcomer", "inputs": [], "outputs": [], "environment": [], "doc": ""}], "schemas": {}}',
    );
    writeFileSync(join(workspace, "jcc.toml"), 'catalog = "known.json"\n');
    await code.open("other.wf");
    const unknown = code.page.locator(".markers-panel .monaco-list-row", { hasText: "`newcomer`" });
    await code.command("Problems: Focus on Problems View");
    await unknown.first().waitFor({ state: "detached" });
    await code.command("JCL: Reload Catalog");
    await code.seen(".statusbar", "The catalog has been read");
    writeFileSync(join(workspace, "known.json"), '{"format": 1, "definitions": [], "schemas": {}}');
    await unknown.first().waitFor();
  },
  "the server can be restarted": async () => {
    await code.open("casetest.wf");
    await code.command("JCL: Restart Language Server");
    await code.seen(".statusbar-item .codicon-check");
    await code.goTo(12, 11);
    await code.press("Control+k", "Control+i");
    await code.seen(".monaco-hover:not(.hidden)");
  },
  "code blocks have their language's colours": async () => {
    await code.open("prov.vhost_event.wf");
    await code.goTo(46, 1);
    await code.seen(".view-line span", "eq");
    await code.shoot("light colours");
    await code.open("casetest.wf");
    await code.command("Preferences: Toggle between Light/Dark Themes");
    await code.seen(".monaco-workbench.vs-dark");
    await code.page.waitForTimeout(2000);
  },
};

let failed = 0;
let passed = 0;
const wanted = process.env.ONLY?.split(",");
for (const [name, step] of Object.entries(STEPS)) {
  if (wanted && !wanted.some((part) => name.includes(part))) {
    continue;
  }
  try {
    await step();
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
  await code.shoot(name);
  await code.press("Escape", "Escape", "Escape");
}
await code.stop();
rmSync(place, { recursive: true, force: true });
console.log(`pictures of ${readdirSync(shots).length} moments are in ${shots}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
