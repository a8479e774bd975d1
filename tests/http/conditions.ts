/**
 * Heads of requests with preconditions.
 *
 * @module
 */

import { Field } from "../../lib/http/fields.ts";
import type { RequestHead } from "../../lib/http/head.ts";

/** The preconditions of a request. */
export type Conditions = Partial<
  Record<
    "IfMatch" | "IfNoneMatch" | "IfModifiedSince" | "IfUnmodifiedSince",
    string
  >
>;

/** The head of a request with preconditions. */
export function headWith(conditions: Conditions): Pick<RequestHead, "field"> {
  const values = new Map<Field, string | undefined>(
    Object.entries(conditions).map(([name, value]) =>
      [Field[name as keyof Conditions], value] as const
    ),
  );
  return { field: (field) => values.get(field) };
}
