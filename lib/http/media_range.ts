/**
 * The choice between HTML and JSON by the Accept field (RFC 9110 §12.5.1).
 *
 * @module
 */

/** Longest Accept field that is looked at; browsers send about a hundred bytes. */
const ACCEPT_LENGTH_MAX = 1024;

/** Whether a client would rather have application/json than text/html. Without a preference it gets HTML. */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.length > ACCEPT_LENGTH_MAX) return false;
  const ranges = accept.toLowerCase().split(",").map((element) => {
    const [range = "", ...parameters] = element.split(";");
    return { range: range.trim(), quality: qualityOf(parameters) };
  });
  return weightOf(ranges, "application/json") > weightOf(ranges, "text/html");
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

/** weight = OWS ";" OWS "q=" qvalue (§12.4.2); 1 when there is none, 0 when it cannot be read. */
function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const text = parameter.trim();
    if (!text.startsWith("q=")) continue;
    const isWeight = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text);
    return isWeight ? Number(text.slice(2)) : 0;
  }
  return 1;
}

/** The weight of the most specific range that the type is in (§12.5.1). */
function weightOf(ranges: readonly MediaRange[], type: string): number {
  const group = type.slice(0, type.indexOf("/"));
  for (const candidate of [type, `${group}/*`, "*/*"]) {
    const match = ranges.find(({ range }) => range === candidate);
    if (match !== undefined) return match.quality;
  }
  return 0;
}
