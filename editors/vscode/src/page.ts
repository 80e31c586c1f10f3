/** The web page of a graph's preview: shows what it is sent, and keeps size and place when it is drawn again. */

import { randomBytes } from "node:crypto";

const STYLE = `
html, body { height: 100%; margin: 0; padding: 0; overflow: hidden; }
body { display: flex; flex-direction: column; }
#bar { display: flex; gap: 4px; align-items: center; padding: 4px 8px; }
#bar button {
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border: 0; border-radius: 2px; padding: 2px 10px; cursor: pointer;
}
#bar button:hover { background: var(--vscode-button-secondaryHoverBackground); }
#problem { color: var(--vscode-descriptionForeground); padding-left: 8px; }
#view { flex: 1; overflow: auto; cursor: grab; }
#view.dragged { cursor: grabbing; }
#view.old { opacity: .5; }
#graph { transform-origin: 0 0; padding: 8px; width: max-content; }
#graph svg { display: block; margin-bottom: 16px; }
body.vscode-dark #graph svg, body.vscode-high-contrast #graph svg { filter: invert(.88) hue-rotate(180deg); }
`;

const SCRIPT = `
const view = document.getElementById("view");
const graph = document.getElementById("graph");
const problem = document.getElementById("problem");
let scale = 1;

function zoom(to, x = 0, y = 0) {
  const next = Math.min(4, Math.max(.1, to));
  const [left, top] = [(view.scrollLeft + x) / scale, (view.scrollTop + y) / scale];
  scale = next;
  graph.style.zoom = String(scale);
  view.scrollTo(left * scale - x, top * scale - y);
}

function fit() {
  const wide = [...graph.querySelectorAll("svg")].map((svg) => svg.width.baseVal.value);
  const high = [...graph.querySelectorAll("svg")].map((svg) => svg.height.baseVal.value + 16);
  const across = (view.clientWidth - 24) / Math.max(1, ...wide);
  const down = (view.clientHeight - 24) / Math.max(1, high.reduce((a, b) => a + b, 0));
  zoom(Math.min(1.5, across, down));
}

window.addEventListener("message", ({ data }) => {
  if (data.svg !== undefined) {
    const isFirst = !graph.innerHTML;
    graph.innerHTML = data.svg;
    if (isFirst) fit();
  }
  problem.textContent = data.problem ?? "";
  view.classList.toggle("old", data.problem !== undefined);
});
document.getElementById("in").addEventListener("click", () => zoom(scale * 1.25));
document.getElementById("out").addEventListener("click", () => zoom(scale / 1.25));
document.getElementById("fit").addEventListener("click", fit);
view.addEventListener("wheel", (event) => {
  if (event.ctrlKey) {
    event.preventDefault();
    const box = view.getBoundingClientRect();
    zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }
}, { passive: false });
view.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  view.setPointerCapture(event.pointerId);
  view.classList.add("dragged");
});
view.addEventListener("pointermove", (event) => {
  if (view.classList.contains("dragged")) view.scrollBy(-event.movementX, -event.movementY);
});
view.addEventListener("pointerup", () => view.classList.remove("dragged"));
`;

/** The page; only its own script runs in it, and it fetches nothing. */
export function page(source: string): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = `default-src 'none'; style-src ${source} 'unsafe-inline'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${STYLE}</style>
</head>
<body>
<div id="bar">
<button id="out" title="Smaller">−</button><button id="in" title="Larger">+</button>
<button id="fit" title="Fit into the window">Fit</button><span id="problem"></span>
</div>
<div id="view"><div id="graph"></div></div>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}
