/**
 * `deno task docs`: writes the documents that are made from the code, so that
 * they never disagree with it.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { houseText } from "./house.ts";
import { manualText } from "./manual.ts";
import { optionsText } from "./options_doc.ts";
import { schemaText } from "./schema.ts";

/** A document that is made from the code. */
export interface MadeDocument {
  /** Its path, from the root of the project. */
  readonly path: string;
  /** Makes its text. */
  readonly make: () => string;
}

/** All of them. */
export const MADE_DOCUMENTS: readonly MadeDocument[] = [
  { path: "docs/house.svg", make: houseText },
  { path: "docs/options.md", make: optionsText },
  { path: "docs/skiff.1", make: manualText },
  { path: "docs/skiff.schema.json", make: schemaText },
];

if (import.meta.main) {
  for (const { path, make } of MADE_DOCUMENTS) {
    const url = new URL(`../${path}`, import.meta.url);
    Deno.writeTextFileSync(fromFileUrl(url), make());
  }
}
