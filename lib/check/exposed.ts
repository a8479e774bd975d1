/**
 * Files that a site should not serve: keys, passwords, backups, source maps.
 *
 * @module
 */

import type { Answer } from "./answer.ts";
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

/** A private key in a file whose name says that it may hold one. */
const PRIVATE_KEY = new RegExp(`${KEY_LINE}|^PuTTY-User-Key-File-`, "m");

/** A file that is a private key, whatever its name; or holds that of a service account, in JSON. */
const KEY_FILE = new RegExp(
  `^\\s*(?:${KEY_LINE}|PuTTY-User-Key-File-\\d)|` +
    '"private_key"\\s*:\\s*"-----BEGIN [A-Z ]*PRIVATE KEY-----',
);

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

/** What a name shows. */
const NAMES: readonly (Exposure & { readonly name: RegExp })[] = [
  {
    name: SECRETS,
    rule: "public-secret",
    message: "a file with passwords, by its name, is public",
  },
  {
    name: LEFTOVERS,
    rule: "public-leftover",
    message: "a leftover of a tool is public",
  },
  {
    name: /\.(?:js|mjs|cjs|css)\.map$/i,
    rule: "public-source-map",
    message: "a source map is public",
  },
];

/** Returns what is wrong with serving a file; undefined if nothing is. `beginning` reads its first bytes. */
export function exposureOf(
  path: string,
  file: Pick<Answer, "type" | "length">,
  beginning: () => Uint8Array,
): Exposure | undefined {
  if (KEY_STORES.test(path)) {
    return { rule: "public-key", message: "a store of keys is public" };
  }
  const text = () => new TextDecoder().decode(beginning());
  const isKey = KEY_NAMES.test(path) && PRIVATE_KEY.test(text()) ||
    mayBeKey(file) && KEY_FILE.test(text());
  return isKey
    ? { rule: "public-key", message: "a private key is public" }
    : NAMES.find(({ name }) => name.test(path));
}

/** Whether a file may be a key by its size and its type: those of pages and pictures say what they are. */
function mayBeKey({ type, length }: Pick<Answer, "type" | "length">): boolean {
  return length > 0 && length <= KEY_FILE_BYTES_MAX &&
    !/^(?:audio|font|image|video)\/|^text\/(?:css|html|javascript)\b/i
      .test(type);
}
