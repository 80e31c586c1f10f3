import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

const { outputFiles } = await build({ entryPoints: ["src/inputs.ts"], format: "esm", write: false });
const source = Buffer.from(outputFiles[0].contents).toString("base64");
const { checkInputs, outline } = await import(`data:text/javascript;base64,${source}`);

const SIGNATURE = {
  name: "order",
  inputs: [
    { name: "number", type: "integer", required: true },
    { name: "lines", type: "string[]", required: true },
    { name: "note", type: "string", required: false, default: "" },
    { name: "who", type: "person", required: true },
  ],
};

test("the box begins with a sample of each required input", () => {
  assert.deepEqual(JSON.parse(outline(SIGNATURE, undefined)), { number: 0, lines: [], who: null });
});

test("the inputs of the last run come again as long as they fit", () => {
  const last = '{"number": 5, "lines": ["a"], "who": {}}';
  assert.equal(outline(SIGNATURE, last), last);
  assert.deepEqual(JSON.parse(outline(SIGNATURE, '{"old": 1}')), { number: 0, lines: [], who: null });
});

test("without a signature anything that is an object will do", () => {
  assert.equal(outline(null, undefined), "{}");
  assert.equal(checkInputs('{"a": 1}', null), undefined);
});

for (const [text, part] of [
  ["{", "JSON"],
  ["[1]", "object"],
  ["null", "object"],
  ['{"number": 1, "lines": []}', "needs the input who (person)"],
  ['{"nmber": 1}', "has no input nmber"],
]) {
  test(`what is wrong is told: ${text}`, () => {
    assert.match(checkInputs(text, SIGNATURE), new RegExp(part.replace(/[()]/g, "\\$&")));
  });
}

test("good inputs are good", () => {
  assert.equal(checkInputs('{"number": 1, "lines": [], "who": {}}', SIGNATURE), undefined);
});
