/**
 * Basic authentication: the Authorization field → name and password (RFC 7617).
 *
 * @module
 */

import { skipSpace } from "../http/ascii.ts";
import { hasControls } from "./password.ts";

/** Longest field value that is parsed, in characters. */
export const AUTHORIZATION_MAX = 1024;

/** A name and the password that is to prove it. */
export interface NameAndPassword {
  /** The user-id, without a colon. */
  readonly name: string;
  /** The password. */
  readonly password: string;
}

const SCHEME = /^basic /i;

/** base64 with its padding (RFC 4648 §4). */
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses an Authorization value. Returns undefined for another scheme, for text that is not base64 of UTF-8
 * (the charset that the challenge names), has no colon or contains control characters, and beyond
 * {@linkcode AUTHORIZATION_MAX}. Never throws.
 */
export function parseBasic(authorization: string): NameAndPassword | undefined {
  if (authorization.length > AUTHORIZATION_MAX) return undefined;
  const scheme = SCHEME.exec(authorization);
  if (scheme === null) return undefined;
  const encoded = authorization.slice(
    skipSpace(authorization, scheme[0].length),
  );
  const text = decode(encoded);
  if (text === undefined || hasControls(text)) return undefined;
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decode(encoded: string): string | undefined {
  if (!BASE64.test(encoded)) return undefined;
  try {
    return DECODER.decode(Uint8Array.fromBase64(encoded));
  } catch {
    return undefined;
  }
}
