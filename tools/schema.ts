/**
 * `deno task schema`: docs/skiff.schema.json, the schema of the configuration
 * file, made from the table of options.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { schemaText } from "../lib/cli/schema.ts";

/** Where the schema is kept. */
export const SCHEMA_PATH: string = fromFileUrl(
  new URL("../docs/skiff.schema.json", import.meta.url),
);

if (import.meta.main) Deno.writeTextFileSync(SCHEMA_PATH, schemaText());
