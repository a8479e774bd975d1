/**
 * How urgently a client wants a response, and whether parts of it are of use
 * (RFC 9218 §4 and §7).
 *
 * @module
 */

import { trimSpace } from "../ascii.ts";

/** A priority. There are sixteen objects in all. */
export interface Priority {
  /** From 0, which goes first, to 7. */
  readonly urgency: number;
  /** Whether the client can use a part of the response, so that those of one urgency share the connection. */
  readonly incremental: boolean;
}

const URGENCIES = 8;
const PRIORITIES: readonly Priority[] = Array.from(
  { length: 2 * URGENCIES },
  (_, at) => ({ urgency: at >> 1, incremental: (at & 1) === 1 }),
);

function priority(urgency: number, incremental: boolean): Priority {
  return PRIORITIES[2 * urgency + Number(incremental)]!;
}

/** The priority of a request that has none: urgency 3, not incremental. */
export const DEFAULT_PRIORITY: Priority = priority(3, false);

/** Longest value that is read, in characters. No client sends more than `u=0, i`; a longer one counts as none. */
const VALUE_LENGTH_MAX = 64;

/** A member of a dictionary: a key, and its value if there is one (RFC 8941 §3.2). Parameters are of no use here. */
const MEMBER = /^([a-z*][\w.*-]*)(?:=([^;]*))?(?:;.*)?$/;

/**
 * Reads the value of the Priority field: a dictionary with `u` from 0 to 7 and `i` as a boolean. Members of other
 * types or out of range count as missing, and so does all of a value that is no dictionary.
 */
export function parsePriority(value: string | undefined): Priority {
  if (value === undefined || value.length > VALUE_LENGTH_MAX) {
    return DEFAULT_PRIORITY;
  }
  let { urgency, incremental } = DEFAULT_PRIORITY;
  for (const text of value.split(",")) {
    const member = MEMBER.exec(trimSpace(text));
    if (member === null) return DEFAULT_PRIORITY;
    const [, key, item] = member;
    if (key === "u" && item !== undefined && /^[0-7]$/.test(item)) {
      urgency = Number(item);
    } else if (key === "i" && (item === undefined || /^\?[01]$/.test(item))) {
      incremental = item !== "?0";
    }
  }
  return priority(urgency, incremental);
}
