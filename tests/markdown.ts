/**
 * What the tests need to know of Markdown: links, anchors and tables.
 *
 * @module
 */

/** A document without its blocks of code, and without what is set as code in a line. */
function prose(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "").replaceAll(
    /`[^`\n]*`/g,
    "code",
  );
}

/** Where the links of a document lead to, as they are written. */
export function linksOf(text: string): string[] {
  return [...prose(text).matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map((match) =>
    match[1]!
  );
}

/** The anchors that the headings of a document make, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  const withoutBlocks = text.replaceAll(/^```[^]*?^```$/gm, "");
  return [...withoutBlocks.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    match[1]!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-")
  );
}

/** The rows of the table whose first heading is this, a text for each cell. */
export function tableAt(text: string, heading: string): string[][] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => cellsOf(line)?.[0] === heading);
  if (start === -1) return [];
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    const cells = cellsOf(line);
    if (cells === undefined) break;
    rows.push(cells);
  }
  return rows;
}

function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith("|") || !line.endsWith("|")) return undefined;
  return line.slice(1, -1).split(/(?<!\\)\|/).map((cell) =>
    cell.trim().replaceAll("\\|", "|")
  );
}
