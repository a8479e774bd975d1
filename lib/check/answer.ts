/**
 * What the site answers to a path, as `skiff check` sees it.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import { OWN_ORIGIN, targetOf } from "./address.ts";

/** What asks, which decides whether the shell of an application answers: a page or frame, or anything else. */
export type Asker = "document" | "asset";

/** The reply to a GET, without its body. */
export interface Answer {
  readonly status: number;
  /** The value of Location. */
  readonly location: string | undefined;
  /** The value of Content-Type; empty if there is none. */
  readonly type: string;
  /** Bytes of the body. */
  readonly length: number;
  /** Decoded path of the file that is sent; undefined for a listing, a redirect or an error. */
  readonly file: string | undefined;
  /** The rule that decided, as in "_redirects:3". */
  readonly rule: string | undefined;
  readonly lines: readonly FieldLine[];
}

/** Asks for a target. Returns a promise only if the site needs time. */
export type Fetcher = (
  target: string,
  asker: Asker,
) => Answer | Promise<Answer>;

/** Returns the values of a header. */
export function headersOf(
  { lines }: Pick<Answer, "lines">,
  wanted: string,
): string[] {
  return lines.filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value);
}

/** Returns a media type without its parameters, in lower case. */
export function essenceOf(type: string): string {
  return type.split(";", 1)[0]!.trim().toLowerCase();
}

/** Whether browsers show a type as a page. */
export function isPageType(type: string): boolean {
  const essence = essenceOf(type);
  return essence === "text/html" || essence === "application/xhtml+xml";
}

/** Most redirects that are followed: browsers give up after 20. */
export const REDIRECTS_MAX = 20;

/** Where redirects end. */
export interface FollowResult extends Pick<Answer, "status" | "type" | "file"> {
  /** The target of the last answer. */
  readonly target: string;
  /** How many redirects led there. */
  readonly count: number;
  /** Whether they run in a circle, or never end. */
  readonly isLoop: boolean;
  /** Whether they leave the site. */
  readonly isExternal: boolean;
}

/** Asks for a target, and follows redirects within the site. */
export async function follow(
  ask: Fetcher,
  target: string,
  asker: Asker,
): Promise<FollowResult> {
  const seen = new Set<string>();
  for (let at = target;;) {
    const pending = ask(at, asker);
    const answer = pending instanceof Promise ? await pending : pending;
    const { status, type, file, location } = answer;
    const end = {
      status,
      type,
      file,
      target: at,
      count: seen.size,
      isLoop: false,
      isExternal: false,
    };
    if (location === undefined) return end;
    const url = URL.parse(location, new URL(at, OWN_ORIGIN));
    if (url?.origin !== OWN_ORIGIN) return { ...end, isExternal: true };
    seen.add(at);
    at = targetOf(url);
    if (seen.has(at) || seen.size > REDIRECTS_MAX) {
      return { ...end, isLoop: true };
    }
  }
}
