/**
 * What the listing's page refers to: its stylesheet and its script. They are
 * files of their own, since the page's policy allows nothing inline, and so a
 * client keeps them from folder to folder.
 *
 * @module
 */

/** The reserved path the server answers with {@linkcode STYLESHEET}. */
export const STYLESHEET_PATH = "/.skiff/listing.css";

/** The reserved path the server answers with {@linkcode SCRIPT}. */
export const SCRIPT_PATH = "/.skiff/listing.js";

const PAGE = `<path d='M6 3h8.5L19 7.5V21H6zM14 3v5h5'/>`;

/* The drawings, on a field of 24 by 24, lines unless they say otherwise. They
 * serve as masks: the colour comes from the element they are laid on. */
const DRAWINGS: Readonly<Record<string, string>> = {
  folder:
    `<path fill='#000' d='M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9.5V18a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18z'/>`,
  parent: `<path d='M12 20V5M5.5 11.5 12 5l6.5 6.5'/>`,
  other: PAGE,
  text: `${PAGE}<path d='M9 12.5h7M9 16.5h5'/>`,
  pdf:
    `${PAGE}<path d='M9 17.5c2-2 3-5 2.5-7 .5 3 2 5 4.5 5.5-2.5 0-5 .5-7 1.5z'/>`,
  image:
    `<path d='M3.5 5h17v14h-17zM3.5 17l5-5 4 4 3-3 5 4.5'/><circle cx='15.5' cy='9' r='1.25'/>`,
  audio:
    `<path d='M9 17.5V6l10-2v11.5'/><circle cx='6.5' cy='17.5' r='2.5'/><circle cx='16.5' cy='15.5' r='2.5'/>`,
  video: `<path d='M3.5 5h17v14h-17z'/><path fill='#000' d='m10 9 5 3-5 3z'/>`,
  archive: `<path d='M4 9v11h16V9M3 4.5h18V9H3zM10 13h4'/>`,
  font: `<path d='M4 19 10.5 4.5 17 19M6.5 14h8M15 19h5M2 19h4'/>`,
};

/** A drawing as a `url()` that stands in a stylesheet without any escape. */
function dataUrl(width: number, height: number, drawing: string): string {
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${width} ${height}' fill='none' stroke='#000' stroke-width='1.75' stroke-linejoin='round' stroke-linecap='round'>${drawing}</svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

const ICON_RULES = Object.entries(DRAWINGS).map(([name, drawing]) =>
  `.${name} { --icon: ${dataUrl(24, 24, drawing)}; --tint: var(--${name}); }`
).join("\n");

const ARROW = dataUrl(24, 24, "<path d='m5.5 15 6.5-6.5 6.5 6.5'/>");

/* One wave length of the waterline; filled below, so it is drawn with paper. */
const WAVE = dataUrl(
  64,
  16,
  `<path stroke='none' fill='#000' d='M0 8q16-8 32 0t32 0v8H0z'/>`,
);

/** The stylesheet: `text/css`, UTF-8. Looks like the built-in site. */
export const STYLESHEET: string = `:root {
  color-scheme: light dark;
  --sky: #d6e7ea; --haze: #eaf3f3; --paper: #fbfcfb;
  --ink: #10262e; --ink-soft: #45606a; --line: #d5e0e1;
  --field: #6b868e; --hover: #eef4f4; --link: #0a6174;
  --hull: #cd5028; --folder: #0a6174; --parent: #45606a;
  --other: #6a828a; --text: #45606a; --pdf: #b5391a;
  --image: #2c7a4b; --audio: #7a4fa3; --video: #ad3f69;
  --archive: #8f6310; --font: #3c5cb0;
  --sans: -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI",
    "Adwaita Sans", Cantarell, Roboto, "Noto Sans", "Liberation Sans", "Helvetica Neue", Arial,
    sans-serif;
  --beat: 0.8125rem;
  --gutter: clamp(1rem, 5vw, 3rem);
  --inset: 2.25rem;
}

@media (prefers-color-scheme: dark) {
  :root {
    --sky: #08141b; --haze: #11303b; --paper: #0c1a20;
    --ink: #e6efef; --ink-soft: #a0b7bd; --line: #233a43;
    --field: #5f7c86; --hover: #122730; --link: #7fccd8;
    --hull: #f0764f; --folder: #7fccd8; --parent: #a0b7bd;
    --other: #86a0a8; --text: #a0b7bd; --pdf: #f79a79;
    --image: #83cf9f; --audio: #c6a8ec; --video: #f095b8;
    --archive: #e0b866; --font: #a3b8f5;
  }
}

*, *::before, *::after { box-sizing: border-box; }
* { margin: 0; }
[hidden] { display: none !important; }

html {
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  /* The head of the table stays in view and must not cover the focus. */
  scroll-padding-top: 4rem;
}

body {
  min-height: 100vh;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5rem var(--sans);
  overflow-wrap: anywhere;
}

header > *, main {
  max-width: calc(68rem + 2 * var(--gutter));
  margin-inline: auto;
  padding-inline: var(--gutter);
}

main { padding-block: var(--beat) calc(4 * var(--beat)); }

a {
  color: var(--link);
  text-decoration-thickness: 1px;
  text-underline-offset: 0.2em;
}

:focus-visible {
  outline: 3px solid var(--hull);
  outline-offset: 2px;
  border-radius: 4px;
}

bdi { white-space: pre-wrap; }

header {
  position: relative;
  padding-block: calc(1.5 * var(--beat)) calc(3.5 * var(--beat));
  background: linear-gradient(var(--sky), var(--haze));
}

header::after {
  content: "";
  position: absolute;
  inset: auto 0 -1px;
  max-width: none;
  height: 16px;
  padding: 0;
  background: var(--paper);
  mask: ${WAVE} repeat-x 0 0 / 64px 16px;
}

nav ol { padding: 0; list-style: none; line-height: 2rem; }

nav li { display: inline; }

nav li:not(:last-child)::after {
  content: "/";
  content: "/" / "";
  padding-inline: 0.5rem;
  color: var(--ink-soft);
}

nav a[aria-current] { color: var(--ink-soft); text-decoration: none; }

nav a:hover { text-decoration: underline; text-decoration-thickness: 2px; }

h1 {
  margin-top: var(--beat);
  font-size: clamp(1.75rem, 1.4rem + 1.6vw, 2.5rem);
  line-height: 1.15;
  letter-spacing: -0.02em;
}

.summary { margin-top: calc(0.5 * var(--beat)); color: var(--ink-soft); }

.note {
  margin-block: var(--beat);
  padding: var(--beat) 1rem;
  border-inline-start: 4px solid var(--hull);
  border-radius: 4px;
  background: var(--hover);
}

.empty { padding-block: calc(2 * var(--beat)); font-size: 1.125rem; }

.tools { display: flex; position: relative; align-items: center; gap: 1rem; }

#filter {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.25rem 0.75rem;
  padding-block: calc(0.5 * var(--beat));
}

#filter label { color: var(--ink-soft); }

#query {
  width: 18rem;
  max-width: 100%;
  min-height: 2.5rem;
  padding: 0.375rem 0.75rem;
  border: 1px solid var(--field);
  border-radius: 8px;
  background: transparent;
  color: inherit;
  font: inherit;
}

#count { color: var(--ink-soft); }

table {
  width: 100%;
  border-collapse: collapse;
  table-layout: fixed;
  font-variant-numeric: tabular-nums;
}

caption {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

th { font-weight: inherit; text-align: start; }

thead th {
  position: sticky;
  z-index: 1;
  top: 0;
  padding: 0;
  background: var(--paper);
  box-shadow: inset 0 -1px var(--line);
  font-size: 0.9375rem;
}

thead button {
  display: flex;
  align-items: center;
  gap: 0.375rem;
  width: 100%;
  min-height: 2.75rem;
  padding: 0;
  border: 0;
  background: none;
  color: var(--ink-soft);
  font: inherit;
  cursor: pointer;
}

thead button:hover { color: var(--ink); text-decoration: underline; }

thead [aria-sort] button { color: var(--ink); font-weight: 600; }

thead button::after { content: ""; width: 0.875rem; height: 0.875rem; }

[aria-sort] button::after { background: var(--hull); mask: ${ARROW}; }

[aria-sort="descending"] button::after { transform: rotate(180deg); }

#zone { font-weight: 400; }

tbody th, td { padding: 0; vertical-align: baseline; }

tbody tr { border-bottom: 1px solid var(--line); }

tbody tr:hover { background: var(--hover); }

td { color: var(--ink-soft); font-size: 0.9375rem; }

/* An icon in front of a name, or of the way up. */
main a[class] {
  display: block;
  position: relative;
  padding-block: 0.5rem;
  padding-inline-start: var(--inset);
  color: var(--ink);
  text-decoration: none;
}

main a[class]:focus-visible { outline-offset: -2px; }

main a[class]:hover { color: var(--link); text-decoration: underline; }

main a[class]::before {
  content: "";
  position: absolute;
  inset: 0.5rem auto auto 0.375rem;
  width: 1.5rem;
  height: 1.5rem;
  background: var(--tint);
  mask: var(--icon) center / contain no-repeat;
}

@media (min-width: 40.0625rem) {
  thead th:nth-child(n + 2), td { text-align: end; }
  thead th:nth-child(n + 2) button { justify-content: end; }
  thead th:nth-child(n + 2) button::after { order: -1; }
  thead th:nth-child(2) { width: 7rem; }
  thead th:nth-child(3) { width: 13rem; }
  thead th:first-child button { padding-inline-start: 0.375rem; }
  thead th:last-child button, td:last-child { padding-inline-end: 0.375rem; }
}

/* On a narrow screen size and time stand below the name. */
@media (max-width: 40rem) {
  table, tbody, caption { display: block; }
  thead, thead tr { display: flex; flex-wrap: wrap; gap: 0 1rem; }
  thead { box-shadow: inset 0 -1px var(--line); }
  thead th { position: static; background: none; box-shadow: none; }
  tbody tr {
    display: grid;
    position: relative;
    grid-template-columns: auto 1fr;
    padding-block: 0.125rem 0.5rem;
    padding-inline-start: var(--inset);
  }
  tbody th { grid-column: 1 / -1; margin-inline-start: calc(-1 * var(--inset)); }
  thead th:not([aria-sort]) button::after { display: none; }
  main a[class]::before { inset-inline-start: 0; }
  /* The whole row is the link, for a thumb. */
  tbody a[class] { position: static; padding-block-end: 0.125rem; }
  tbody a[class]::after { content: ""; position: absolute; inset: 0; }
  tbody a[class]:focus-visible { outline: none; }
  tbody a[class]:focus-visible::after { outline: 3px solid var(--hull); border-radius: 4px; }
  :root { --inset: 2rem; }
  td { font-size: 0.875rem; line-height: 1.25rem; }
  td:not(:empty) { padding-inline-end: 1rem; }
  #filter, #query { width: 100%; }
  /* Beside the label, so that the list does not move when it comes. */
  #count { position: absolute; inset: calc(0.5 * var(--beat)) 0 auto auto; }
  html { scroll-padding-top: 0; }
}

@media (forced-colors: active) {
  main a[class]::before, [aria-sort] button::after {
    forced-color-adjust: none;
    background: LinkText;
  }
  header::after { display: none; }
}

${ICON_RULES}
`;

/**
 * The script: a classic one, `text/javascript`. Turns the times into those of
 * the reader's own zone, and brings the filter. The page is whole without it.
 */
export const SCRIPT: string = `"use strict";
(() => {
  const pad = (number) => String(number).padStart(2, "0");
  for (const time of document.querySelectorAll("tbody time")) {
    const date = new Date(time.dateTime);
    time.title = time.textContent + " UTC";
    time.textContent = date.getFullYear() + "-" + pad(date.getMonth() + 1) +
      "-" + pad(date.getDate()) + " " + pad(date.getHours()) + ":" +
      pad(date.getMinutes());
  }
  const filter = document.getElementById("filter");
  // An empty folder has neither.
  if (filter === null) return;
  document.getElementById("zone").textContent = "(local time)";

  // Composed and decomposed letters are the same to the reader.
  const plain = (text) => text.normalize("NFC").toLowerCase();
  const rows = [];
  for (const link of document.querySelectorAll("tbody a:not(.parent)")) {
    rows.push({ row: link.closest("tr"), name: plain(link.textContent) });
  }
  const query = document.getElementById("query");
  const count = document.getElementById("count");
  const group = (number) => number.toLocaleString("en");
  let timer;
  const apply = () => {
    const words = plain(query.value).split(" ").filter((word) => word !== "");
    let shown = 0;
    for (const { row, name } of rows) {
      const matches = words.every((word) => name.includes(word));
      if (row.hidden === matches) row.hidden = !matches;
      if (matches) shown++;
    }
    const message = words.length === 0
      ? ""
      : shown === 0
      ? "No name matches."
      : group(shown) + " of " + group(rows.length) + " shown.";
    // Announced once the typing rests, not at every key.
    clearTimeout(timer);
    timer = setTimeout(() => count.textContent = message, 200);
  };
  query.addEventListener("input", apply);
  filter.hidden = false;
  // Going back, a browser may bring the old query with it.
  if (query.value !== "") apply();
})();
`;
