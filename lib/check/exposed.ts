/**
 * Files that a site should not serve: keys, passwords, backups, source maps.
 *
 * @module
 */

import type { RuleId } from "./finding_rules.ts";

/** Bytes of a file in which a key is looked for. */
export const KEY_BYTES_MAX = 4096;

/** Names of files that hold keys in formats without a text to look for. */
const KEY_STORES = /\.(?:p12|pfx|jks|keystore|ppk|kdbx?)$/i;

/** Names of files that may hold a private key as text. */
const KEY_NAMES =
  /\.(?:pem|key|p8|asc|gpg|priv|private|crt|cert)$|(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)$/i;

/** The first line of a private key as text. */
const { source: KEY_LINE } =
  /-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED) )?PRIVATE KEY-----|-----BEGIN PGP PRIVATE KEY BLOCK-----/;

const PRIVATE_KEY = new RegExp(`${KEY_LINE}|^PuTTY-User-Key-File-`, "m");

/** How a file begins that is a private key, whatever its name. */
const KEY_BEGINNING = new RegExp(
  `^\\s*(?:${KEY_LINE}|PuTTY-User-Key-File-\\d)`,
);

/** How the keys of a service account stand in JSON. */
const KEY_IN_JSON = /"private_key"\s*:\s*"-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Largest file in which a key is looked for whatever its name: keys are smaller. */
const KEY_FILE_BYTES_MAX: number = 64 * 1024;

/** Environment files without the dot that would hide them, and the stores of well-known tools. */
const SECRETS =
  /(?:^|\/)(?:[\w-]+\.env|(?:[\w-]+\.)?env\.(?:local|production|development|prod|dev|staging|test)|htpasswd|[\w-]+\.htpasswd|wp-config\.php|credentials\.json|secrets?\.(?:json|ya?ml|toml))$/i;

/** Names that programs give to copies of what is being edited, to dumps and to logs. */
const LEFTOVERS =
  /(?:~|\.(?:bak|orig|rej|swp|swo|old|tmp|sql|sqlite3?|dump|log))$|(?:^|\/)(?:#[^/]+#|Thumbs\.db|desktop\.ini|__MACOSX|nohup\.out)(?:\/|$)/i;

/** What a file shows that it should not. */
export interface Exposure {
  readonly rule: RuleId;
  readonly message: string;
}

/** Returns what is wrong with serving a file; undefined if nothing is. `beginning` reads its first bytes. */
export function exposureOf(
  path: string,
  file: { readonly type: string; readonly length: number },
  beginning: () => Uint8Array,
): Exposure | undefined {
  if (KEY_STORES.test(path)) {
    return { rule: "public-key", message: "a store of keys is public" };
  }
  const isKey = KEY_NAMES.test(path) && holdsPrivateKey(beginning()) ||
    mayBeKey(file) && beginsLikeKey(beginning());
  if (isKey) {
    return { rule: "public-key", message: "a private key is public" };
  }
  if (SECRETS.test(path)) {
    return {
      rule: "public-secret",
      message: "a file with passwords, by its name, is public",
    };
  }
  if (LEFTOVERS.test(path)) {
    return {
      rule: "public-leftover",
      message: "a leftover of a tool is public",
    };
  }
  return /\.(?:js|mjs|cjs|css)\.map$/i.test(path)
    ? { rule: "public-source-map", message: "a source map is public" }
    : undefined;
}

/** Whether a file may be a key by its size and its type: those of pages and pictures say what they are. */
function mayBeKey(
  { type, length }: { readonly type: string; readonly length: number },
): boolean {
  return length > 0 && length <= KEY_FILE_BYTES_MAX &&
    !/^(?:audio|font|image|video)\/|^text\/(?:css|html|javascript)\b/i
      .test(type);
}

function beginsLikeKey(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return KEY_BEGINNING.test(text) || KEY_IN_JSON.test(text);
}

/** Whether bytes begin like a file with a private key. */
function holdsPrivateKey(bytes: Uint8Array): boolean {
  return PRIVATE_KEY.test(new TextDecoder().decode(bytes));
}
