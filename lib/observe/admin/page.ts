/**
 * The page of the admin port: its HTML and its stylesheet. What changes is
 * filled in by the script, and nothing is loaded from elsewhere.
 *
 * @module
 */

/** Where the page finds {@linkcode STYLESHEET}, which its policy allows as a file only. */
export const STYLESHEET_PATH = "/page.css";

/** Where it finds its script. */
export const SCRIPT_PATH = "/page.js";

/** A stylesheet without the spaces that mean nothing in one. */
function squeeze(css: string): string {
  return css.replace(/\s*([{};:,])\s*/g, "$1");
}

/** A section with a heading, one large figure, and more below. */
function card(title: string, body: string): string {
  return `<section>
<h2>${title}</h2>
${body}
</section>
`;
}

/** A figure that the script fills in. */
function figure(id: string): string {
  return `<span id="f-${id}">–</span>`;
}

function large(id: string, unit: string): string {
  return `<p class="large">${figure(id)} <small>${unit}</small></p>`;
}

/** The place of a chart of the last two minutes, which the script draws. */
function chart(id: string, title: string): string {
  return `<div class="chart" data-chart="${id}" data-title="${title}"></div>`;
}

function list(rows: readonly (readonly [term: string, id: string])[]): string {
  const items = rows.map(([term, id]) =>
    `<div><dt>${term}</dt><dd>${figure(id)}</dd></div>`
  );
  return `<dl>${items.join("")}</dl>`;
}

/** A table whose rows the script makes. Where a column needs no name, the others tell what they are. */
function table(
  id: string,
  caption: string,
  columns: readonly string[],
): string {
  const heads = columns.map((name) => `<th scope="col">${name}</th>`).join("");
  return `<table${
    columns.includes("") ? ' class="quiet"' : ""
  }><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead><tbody id="${id}"></tbody></table>`;
}

const CARDS: readonly string[] = [
  card(
    "Requests",
    large("rate", "per second") + chart("rate", "Requests per second") +
      list([
        ["Answered since the start", "total"],
        ["Sent per second", "sent"],
      ]),
  ),
  card(
    "Latency",
    table("quantiles", "Times to answer, last 5 seconds", [
      "Percentile",
      "Last 5 s",
    ]) + chart("latency", "Time to answer, logarithmic"),
  ),
  card(
    "Answers",
    chart("statuses", "Answers per second by class of status") +
      table("statuses", "Answers by class of status", [
        "Status",
        "Last 2 min",
        "Per second",
      ]),
  ),
  card(
    "Connections",
    large("open", "open") + chart("open", "Open connections") +
      table("phases", "Open connections by state", ["State", "", "Open"]),
  ),
  card(
    "Cache",
    large("ratio", "found in it, last 5 s") +
      chart("ratio", "Share of look-ups that the cache answers") +
      list([
        ["Size", "cacheBytes"],
        ["Entries", "entries"],
        ["Evictions per second", "evictions"],
        ["Open files", "files"],
      ]),
  ),
  card(
    "Event loop",
    large("lag", "late at worst, last second") +
      chart("lag", "Lag of the event loop") +
      list([
        ["Worst since the start", "lagMax"],
        ["Isolates that serve", "isolates"],
        ["Workers replaced", "restarts"],
      ]),
  ),
  card(
    "Memory",
    large("memory", "resident") + chart("memory", "Resident memory") +
      list([["Running for", "uptime"]]),
  ),
  card(
    "Turned away",
    `<p id="calm">Nobody since the start.</p>
<div id="causes-box" hidden>${
      table("causes", "Time-outs and refusals since the start", [
        "Cause",
        "Times",
      ])
    }</div>`,
  ),
];

/** The page: HTML, UTF-8. It is the same for everybody, and holds no figure. */
export const PAGE: string = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>skiff, live</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLESHEET_PATH.slice(1)}">
<script src="${SCRIPT_PATH.slice(1)}" type="module"></script>
</head>
<body>
<header>
<div>
<p class="brand">skiff ${figure("version")}</p>
<h1>Live figures</h1>
<p class="state"><span id="status" role="status">Connecting…</span>
<button id="pause" type="button" hidden>Pause</button></p>
<noscript><p>This page is drawn by a script. The same figures are at <a href="metrics">metrics</a>.</p></noscript>
</div>
</header>
<main id="figures">
${CARDS.join("")}</main>
<footer><nav aria-label="For programs"><a href="metrics">metrics</a> <a href="figures.json">figures.json</a> <a href="healthz">healthz</a> <a href="readyz">readyz</a></nav></footer>
</body>
</html>
`;

const WAVE =
  `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 16'%3E%3Cpath d='M0 8q16-8 32 0t32 0v8H0z'/%3E%3C/svg%3E")`;

/** The stylesheet: `text/css`, UTF-8. Looks like the built-in site and its listings. */
export const STYLESHEET: string = squeeze(`:root {
  color-scheme: light dark;
  --sky: #d6e7ea; --haze: #eaf3f3; --paper: #fbfcfb; --card: #fff;
  --ink: #10262e; --ink-soft: #45606a; --line: #d5e0e1; --field: #6b868e;
  --link: #0a6174; --hull: #cd5028; --amber: #8f6310; --good: #2c7a4b; --wash: #e3f0f1;
  --sans: -apple-system, "Segoe UI", Cantarell, Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --beat: 0.8125rem;
  --gutter: clamp(1rem, 4vw, 3rem);
}

@media (prefers-color-scheme: dark) {
  :root {
    --sky: #08141b; --haze: #11303b; --paper: #0c1a20; --card: #0f2129;
    --ink: #e6efef; --ink-soft: #a0b7bd; --line: #233a43; --field: #5f7c86;
    --link: #7fccd8; --hull: #f0764f; --amber: #e0b866; --good: #83cf9f; --wash: #163540;
  }
}

*, *::before, *::after { box-sizing: border-box; }
* { margin: 0; }
[hidden] { display: none !important; }

body {
  min-height: 100vh;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5rem var(--sans);
  font-variant-numeric: tabular-nums;
}

a { color: var(--link); text-underline-offset: 0.2em; }

:focus-visible { outline: 3px solid var(--hull); outline-offset: 2px; border-radius: 4px; }

header > div, main, footer {
  max-width: calc(76rem + 2 * var(--gutter));
  margin-inline: auto;
  padding-inline: var(--gutter);
}

header {
  position: relative;
  padding-block: calc(1.5 * var(--beat)) calc(3 * var(--beat));
  background: linear-gradient(var(--sky), var(--haze));
}

header::after {
  content: "";
  position: absolute;
  inset: auto 0 -1px;
  height: 16px;
  background: var(--paper);
  mask: ${WAVE} repeat-x 0 0 / 64px 16px;
}

.brand { color: var(--ink-soft); }
.brand span { font-size: 0.875rem; }

h1 {
  font-size: clamp(1.75rem, 1.4rem + 1.6vw, 2.5rem);
  line-height: 1.15;
  letter-spacing: -0.02em;
}

.state {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 0.25rem 1rem;
  min-height: 2.5rem;
  margin-top: calc(0.5 * var(--beat));
}

#status::before { content: "\\25CB"; content: "\\25CB" / ""; margin-inline-end: 0.5rem; color: var(--ink-soft); }
#status.ready::before { content: "\\25CF"; content: "\\25CF" / ""; color: var(--good); }
#status.stopping::before { content: "\\25D0"; content: "\\25D0" / ""; color: var(--amber); }
#status.lost { font-weight: 600; }
#status.lost::before { content: "\\25B2"; content: "\\25B2" / ""; color: var(--hull); }

button {
  min-width: 7rem;
  min-height: 2.5rem;
  padding: 0.25rem 1rem;
  border: 1px solid var(--field);
  border-radius: 8px;
  background: var(--paper);
  color: inherit;
  font: inherit;
  cursor: pointer;
}

button:hover { border-color: var(--ink); }

main {
  display: grid;
  gap: 1rem;
  padding-block: var(--beat) calc(2 * var(--beat));
}

@media (min-width: 44rem) {
  main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}

@media (min-width: 64rem) {
  main { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  section { grid-column: span 2; }
  section:nth-child(-n + 2) { grid-column: span 3; }
  section:nth-child(-n + 2) .chart { min-height: 10.5rem; }
}

section {
  display: flex;
  flex-direction: column;
  min-width: 0;
  padding: 1rem;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--card);
}

h2 { font-size: 1rem; line-height: 1.5rem; }

.large { margin-block: 0.25rem 0.5rem; font-size: 2rem; line-height: 2.5rem; letter-spacing: -0.02em; }
.large small { color: var(--ink-soft); font-size: 0.9375rem; letter-spacing: 0; }

.lost-figures .large, .lost-figures td:last-child, .lost-figures dd { color: var(--ink-soft); }

.chart { display: flex; position: relative; flex: 1; flex-direction: column; min-height: 7.5rem; padding-bottom: 1rem; margin-bottom: 0.5rem; color: var(--ink-soft); font-size: 0.75rem; line-height: 1rem; }
.chart svg { flex: 1; width: 100%; height: 0; border-block: 1px solid var(--line); overflow: hidden; }
svg path { fill: none; stroke: var(--link); stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
svg .area { fill: var(--wash); stroke: none; }
svg .grid { stroke: var(--line); stroke-width: 1; }
.chart span { position: absolute; padding-inline: 0.125rem; border-radius: 3px; }
.top, .bottom { background: color-mix(in srgb, var(--card) 80%, transparent); }
.top { top: 2px; }
.bottom { bottom: calc(1rem + 2px); }
.from, .to { bottom: 0; }
.to { right: 0; }
svg .s3 { stroke: var(--good); stroke-dasharray: 12 3; }
svg .p90, svg .s4 { stroke: var(--amber); stroke-dasharray: 7 3; }
svg .p99, svg .s5 { stroke: var(--hull); stroke-dasharray: 2 3; }
h2 + .chart { margin-top: 0.5rem; }
.key { width: 28px; height: 8px; margin-inline-end: 0.25rem; }

dl > div { display: flex; justify-content: space-between; gap: 1rem; padding-block: 0.1875rem; font-size: 0.9375rem; }
dl > div + div { border-top: 1px solid var(--line); }
dt { color: var(--ink-soft); }
dd { text-align: end; }

table { width: 100%; margin-block: 0.25rem 0.5rem; border-collapse: collapse; font-size: 0.9375rem; }
caption, .quiet thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th { padding: 0.1875rem 0; font-weight: inherit; text-align: start; white-space: nowrap; }
thead th { color: var(--ink-soft); font-size: 0.8125rem; }
td { padding: 0.1875rem 0 0.1875rem 0.75rem; color: var(--ink-soft); }
tbody tr { border-top: 1px solid var(--line); }
th:last-child, td:last-child { color: var(--ink); text-align: end; white-space: nowrap; }
thead th:last-child { color: var(--ink-soft); }
tbody th::first-letter { text-transform: uppercase; }
thead th + th { padding-inline-start: 0.75rem; }
td:has(.bar) { width: 50%; }
@media (max-width: 30rem) { th { white-space: normal; } }
.quiet tbody tr:first-child { border-top: 0; }
.bar { display: flex; align-items: center; gap: 0.5rem; width: 100%; }
.bar i { flex: none; width: calc(100% - 3.25rem); height: 0.5rem; border-radius: 4px; background: var(--wash); overflow: hidden; }
.bar b { display: block; width: 0; height: 100%; border-radius: 4px; background: var(--link); }
.bar:has(span:empty) i { width: 100%; }
tr:has(.s3) b { background: var(--good); }
tr:has(.s4) b { background: var(--amber); }
tr:has(.s5) b { background: var(--hull); }

footer { padding-block: 0 calc(3 * var(--beat)); }
footer a { display: inline-block; margin-inline-end: 1rem; padding-block: 0.25rem; }

@media (prefers-reduced-motion: no-preference) {
  .bar b { transition: width 0.3s; }
}

@media (forced-colors: active) {
  header::after { display: none; }
  .bar b { forced-color-adjust: none; background: CanvasText; }
}
`);
