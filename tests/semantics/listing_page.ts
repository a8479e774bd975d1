/**
 * Reads the page of a listing.
 *
 * @module
 */

import type { Response } from "../helpers.ts";

/** The text of a body of UTF-8. */
export function decode(body: string): string {
  const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** Values of an attribute, without their escaping. */
export function attributesOf({ body }: Response, name: string): string[] {
  return [...decode(body).matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(
    (match) => match[1]!.replaceAll("&amp;", "&"),
  );
}
