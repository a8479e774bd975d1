/**
 * Content codings (RFC 9110 §8.4): the supported ones, and the choice by
 * Accept-Encoding (§12.5.3).
 *
 * @module
 */

import { trimSpace } from "./ascii.ts";

/** A content coding and the file name suffix of a sibling encoded with it. */
export interface Coding {
  /** The value for Content-Encoding. */
  readonly token: "br" | "zstd" | "gzip";
  /** The suffix of an encoded file's name. */
  readonly suffix: ".br" | ".zst" | ".gz";
}

/** All supported codings, preferred ones first. */
export const CODINGS: readonly Coding[] = [
  { token: "br", suffix: ".br" },
  { token: "zstd", suffix: ".zst" },
  { token: "gzip", suffix: ".gz" },
];

/**
 * The weight of every token in {@linkcode CODINGS} and of `identity`; 0 for what
 * is not acceptable, and for `identity` when the field does not name it.
 */
type Weights = ReadonlyMap<string, number>;

const ANY = "*";
const IDENTITY = "identity";

/**
 * Clients repeat a few values of Accept-Encoding, and looking one up is much
 * cheaper than parsing it. Both limits bound what a hostile client can store
 * here; a full table is emptied.
 */
const MEMO = new Map<string, Weights>();
const MEMO_ENTRIES_MAX = 64;
const MEMO_LENGTH_MAX = 256;

/**
 * Chooses the content coding for an answer (RFC 9110 §12.5.3).
 *
 * The acceptable coding with the highest weight wins, and among equals the first
 * of `available`. A coding is acceptable when the field gives it a weight above
 * 0, by name or else by `*`; `x-gzip` is gzip (§8.4.1.3). Identity wins
 * only when the field names it with a higher weight than any of them.
 *
 * An element with a malformed weight or name is ignored; its neighbours count.
 * When a coding is listed twice, the first well-formed element counts.
 *
 * Returns undefined even when the field excludes identity: then nothing is
 * acceptable, and an unencoded representation, which every client can read,
 * serves it better than 406 (§12.4.1 allows a server to disregard the field).
 * Without the field any coding would be acceptable, but a client that can
 * decode one says so.
 *
 * @param acceptEncoding The field value, or undefined when there is no field.
 * @param available The available codings, in the server's order of preference.
 * @returns The coding to use, or undefined for none.
 */
export function chooseCoding(
  acceptEncoding: string | undefined,
  available: readonly Coding[],
): Coding | undefined {
  if (!acceptEncoding || available.length === 0) return undefined;
  const weights = weightsOf(acceptEncoding);
  const identity = weights.get(IDENTITY)!;
  let best: Coding | undefined;
  let bestWeight = 0;
  for (const coding of available) {
    const weight = weights.get(coding.token) ?? 0;
    if (weight > bestWeight && weight >= identity) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

/** {@linkcode parseWeights} with a cache. */
function weightsOf(field: string): Weights {
  const known = MEMO.get(field);
  if (known !== undefined) return known;
  const weights = parseWeights(field);
  if (field.length <= MEMO_LENGTH_MAX) {
    if (MEMO.size >= MEMO_ENTRIES_MAX) MEMO.clear();
    MEMO.set(field, weights);
  }
  return weights;
}

/**
 * Reads an Accept-Encoding value:
 *
 *     Accept-Encoding = #( codings [ weight ] )                §12.5.3
 *     codings         = content-coding / "identity" / "*"
 */
function parseWeights(field: string): Weights {
  const listed = new Map<string, number>();
  for (const element of field.split(",")) parseElement(element, listed);

  const others = listed.get(ANY) ?? 0;
  const weights = new Map<string, number>();
  weights.set(IDENTITY, listed.get(IDENTITY) ?? 0);
  for (const { token } of CODINGS) {
    weights.set(token, listed.get(token) ?? others);
  }
  return weights;
}

/**
 * Notes an element's weight under its name in lower case, unless the weight is
 * malformed or the name is there already. A malformed name does no harm,
 * because no lookup uses it.
 */
function parseElement(element: string, listed: Map<string, number>): void {
  const [coding, parameter, other] = element.split(";", 3);
  const written = trimSpace(coding!).toLowerCase();
  const name = written === "x-gzip" ? "gzip" : written;
  if (listed.has(name) || other !== undefined) return;
  const weight = parameter === undefined
    ? 1
    : parseWeight(trimSpace(parameter));
  if (weight !== undefined) listed.set(name, weight);
}

/**
 * Parses a weight without the semicolon before it; undefined if it is malformed:
 *
 *     weight = OWS ";" OWS "q=" qvalue                         §12.4.2
 *     qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
 */
export function parseWeight(text: string): number | undefined {
  const value = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
