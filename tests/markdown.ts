/**
 * What the tests need to know of Markdown: links and anchors.
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
