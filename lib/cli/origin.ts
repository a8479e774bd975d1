/**
 * Origins: where a setting was given, and how messages say so.
 *
 * @module
 */

import { UsageError } from "./values.ts";

/** A place where options can be given, from the lowest precedence to the highest. */
export type OriginKind = "file" | "environment" | "flag";

/** Where a value was given. */
export interface Origin {
  /** The kind of place. */
  readonly source: OriginKind;
  /** The option's name there: `--port`, `SKIFF_PORT`, `"port"`. */
  readonly name: string;
  /** The position in the file, `skiff.json:4:11`; empty for other sources. */
  readonly where: string;
}

/** The origin as `--print-config` shows it. */
export function originText({ source, name, where }: Origin): string {
  return source === "file" ? where.replace(/:\d+$/, "") : name;
}

/** Adds the origin to a message that does not name it yet. */
export function atOrigin(message: string, origin: Origin): string {
  if (origin.source === "file") return `${origin.where}: ${message}`;
  return origin.source === "environment" && !message.includes(origin.name)
    ? `${message} (${origin.name})`
    : message;
}

/** Calls `use` and adds the origin to the message of any UsageError it throws. */
export function withOrigin<T>(origin: Origin, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(atOrigin(error.message, origin));
  }
}
