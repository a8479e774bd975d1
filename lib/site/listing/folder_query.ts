/**
 * What a query asks of a folder instead of its listing. Pure.
 *
 * @module
 */

/** What a query asks of a folder instead of its listing. */
export type FolderQuery =
  | { readonly kind: "zip" }
  | { readonly kind: "search"; readonly text: string };

/** Parses `download=zip` and `q=WORDS`; undefined for a query that names only the listing. Never throws. */
export function parseFolderQuery(query: string): FolderQuery | undefined {
  const parameters = new URLSearchParams(query);
  if (parameters.get("download") === "zip") return { kind: "zip" };
  const text = parameters.get("q")?.trim() ?? "";
  return text === "" ? undefined : { kind: "search", text };
}

/** Whether a query chooses pictures instead of a table, with `view=grid`. Never throws. */
export function wantsGrid(query: string): boolean {
  return new URLSearchParams(query).get("view") === "grid";
}
