/**
 * The key pair of `--https`: made in memory, or kept in a folder together with
 * the authority that issued it, so that browsers can trust it once.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  X509Certificate,
} from "node:crypto";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { previewHosts } from "./preview_hosts.ts";
import type { Options } from "../cli/options.ts";
import { listensToAll, permissionFlag } from "../cli/permissions.ts";
import { isExposed } from "../cli/settings.ts";
import { quotedWord } from "../cli/shell.ts";
import { ipVersion } from "../http/host.ts";
import { printable, quote } from "../http/printable.ts";
import { errorMessage } from "../observe/error_text.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { certificateNames } from "./certificate_names.ts";
import { publicPart } from "./certificates.ts";
import {
  type Authority,
  importAuthority,
  isAuthorityName,
  isPermitted,
  makeAuthority,
  makeCertificate,
} from "./made_certificate.ts";
import { networkAddresses } from "./network_addresses.ts";
import { demandRead, isGranted, StartError, textIfAny } from "./startup.ts";

/** The files in the folder: what browsers are to trust, its key, and the certificate of the server with its key. */
const AUTHORITY_NAME = "authority.pem";
const AUTHORITY_KEY_NAME = "authority-key.pem";
const SERVER_NAME = "server.pem";

/** How long before its end a certificate is replaced, in ms: 30 days. */
export const RENEWAL_MS: number = 30 * 24 * 3600 * 1000;

/** How often a running skiff looks whether that time has come, in ms. */
const RENEWAL_LOOK_MS = 3600 * 1000;

/** The names that every certificate has. */
const NAMES = ["localhost", "127.0.0.1", "::1"];

/** A key pair that skiff has made. */
export interface MadeKeys {
  readonly keyPair: KeyPair;
  /** The SHA-256 fingerprint that a person compares: of the authority in the folder, else of the certificate itself. */
  readonly fingerprint: string;
  /** What to print for the operator, whole lines each. */
  readonly notes: readonly string[];
}

/**
 * Opens the key pair in a folder, and makes what is missing or about to expire there; or makes one in memory if
 * `folder` is empty. `others` are names and addresses of this machine beside its own; `now` is in ms since the epoch.
 * Rejects with a StartError if a file is invalid, or permissions are missing.
 */
export async function openMadeKeys(
  folder: string,
  others: readonly string[],
  now: number = Date.now(),
): Promise<MadeKeys> {
  if (folder === "") {
    const names = [...new Set([...NAMES, ...others])];
    const keyPair = await makeCertificate(names, now);
    return { keyPair, fingerprint: fingerprintOf(keyPair.cert), notes: [] };
  }
  const path = resolve(folder);
  demandRead(path, "--https");
  const names = [...new Set([...NAMES, ...others.filter(isPermitted)])];
  const notes = others.filter((name) => !names.includes(name))
    .map((name) =>
      `The certificate is not for ${name}: its authority vouches for this machine and private networks only\n`
    );
  const { authority, cert } = await openAuthority(path, now, notes);
  const keyPair = await openServerPair(path, names, now, authority, cert);
  return { keyPair, fingerprint: fingerprintOf(cert), notes };
}

/**
 * {@linkcode openMadeKeys} for what options name: the folder, the addresses that skiff listens on, and allowed hosts of
 * this machine, because neither browsers nor rustls accept "*.localhost".
 */
export async function madeKeysFor(
  { https, host, allowedHosts, preview, ...served }: Pick<
    Options,
    "https" | "host" | "allowedHosts" | "preview" | "root" | "releases"
  >,
): Promise<MadeKeys> {
  if (https) demandPrivate(https, served);
  const addresses = listensToAll(host)
    ? await networkAddresses()
    : ipVersion(host) === 0
    ? []
    : [host];
  const hosts = [...allowedHosts ?? [], ...previewHosts({ preview })]
    .map((name) => name.replace(/^\*?\./, ""))
    .filter((name) => name.endsWith(".localhost"));
  return await openMadeKeys(https ?? "", [...addresses, ...hosts]);
}

/** Throws a StartError for a folder that clients could fetch keys from. */
function demandPrivate(
  folder: string,
  { root, releases }: Pick<Options, "root" | "releases">,
): void {
  const served = { root, releases };
  const real = {
    root: root && realPath(root),
    releases: releases && realPath(releases),
  };
  const key = (folder: string) => join(folder, AUTHORITY_KEY_NAME);
  if (
    !isExposed(key(folder), served) && !isExposed(key(realPath(folder)), real)
  ) {
    return;
  }
  throw new StartError(
    `Cannot keep keys in ${quote(folder)}: it is inside ${
      quote((root ?? releases)!)
    }, where clients can fetch them; name a folder elsewhere`,
  );
}

/** Where a path leads through all links; the path itself if it leads nowhere. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** Whether to replace a certificate now. */
export function isDue({ cert }: KeyPair, now: number): boolean {
  return Date.parse(new X509Certificate(cert).validTo) - now < RENEWAL_MS;
}

/**
 * Calls `renew` once the certificate that `current` returns is due, and again if it still is an hour later. Returns
 * what ends that.
 */
export function watchRenewal(
  current: () => KeyPair | undefined,
  renew: () => void,
  every: number = RENEWAL_LOOK_MS,
): { close(): void } {
  const timer = setInterval(() => {
    const pair = current();
    if (pair !== undefined && isDue(pair, Date.now())) renew();
  }, every);
  return { close: () => clearInterval(timer) };
}

/** How to trust the authority in a folder, a line for each system. */
function trustText(folder: string): string {
  const path = printable(join(resolve(folder), AUTHORITY_NAME));
  const quoted = quotedWord(path);
  return `To trust it once:
  macOS           sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${quoted}
  Windows         certutil -user -addstore Root "${path}"
  Debian, Ubuntu  sudo cp ${quoted} /usr/local/share/ca-certificates/skiff.crt && sudo update-ca-certificates
  Fedora          sudo trust anchor ${quoted}
  Chrome on Linux certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n skiff -i ${quoted}
  Firefox         Settings, Certificates, Authorities, Import
`;
}

/** The fingerprint of a certificate in PEM: SHA-256 in hexadecimal, with colons. */
function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}

/** The authority in a folder; makes one if there is none. */
async function openAuthority(
  folder: string,
  now: number,
  notes: string[],
): Promise<{ authority: Authority; cert: string }> {
  const keyPath = join(folder, AUTHORITY_KEY_NAME);
  const path = join(folder, AUTHORITY_NAME);
  let text = textIfAny(keyPath);
  const shown = textIfAny(path);
  if (text === undefined) {
    if (shown !== undefined) {
      throw unusable(path, `its key "${keyPath}" is missing`);
    }
    demandWrite(folder);
    const { cert, key } = await makeAuthority(now);
    const mode = 0o700;
    writing(folder, () => Deno.mkdirSync(folder, { recursive: true, mode }));
    if (createFile(keyPath, key + cert)) {
      notes.push(
        `Made an authority in "${printable(folder)}"\n`,
        trustText(folder),
      );
    }
    // Another start may have been quicker.
    text = textIfAny(keyPath) ?? key + cert;
  }
  const pair = pairIn(text, keyPath);
  const authority = await checkedAuthority(pair, keyPath, now);
  if (shown === undefined) replaceFile(path, pair.cert, 0o644);
  else if (shown.trim() !== pair.cert.trim()) {
    throw unusable(path, `it does not belong to "${keyPath}"`);
  }
  if (isOpenToOthers(keyPath)) {
    notes.push(
      `Others can read "${printable(keyPath)}": run chmod 600 on it\n`,
    );
  }
  return { authority, cert: pair.cert };
}

/**
 * The authority of a pair. Rejects with a StartError if skiff has not made it: another one may vouch for every site.
 */
async function checkedAuthority(
  pair: KeyPair,
  path: string,
  now: number,
): Promise<Authority> {
  const certificate = checked(pair, path, now);
  if (!certificate.ca) throw unusable(path, "it is no authority");
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  const publicKey = new Uint8Array(spki as Uint8Array);
  const name = /CN=(.*)/.exec(certificate.subject)?.[1] ?? "";
  try {
    if (isAuthorityName(name)) {
      return await importAuthority(pair.key, publicKey, name);
    }
  } catch {
    // Its key is of another kind.
  }
  throw new StartError(
    `Cannot use "${path}": skiff did not make this authority; name another folder`,
  );
}

/** The pair of the server in a folder; makes another if there is none, or it has not all names or is due. */
async function openServerPair(
  folder: string,
  names: readonly string[],
  now: number,
  authority: Authority,
  issuer: string,
): Promise<KeyPair> {
  const path = join(folder, SERVER_NAME);
  const text = textIfAny(path);
  if (text !== undefined) {
    const pair = pairIn(text, path);
    const certificate = checked(pair, path);
    if (!isIssuedBy(certificate, new X509Certificate(issuer))) {
      throw unusable(path, `the authority in "${folder}" did not issue it`);
    }
    const own = certificateNames(pair.cert);
    const isCurrent = !isDue(pair, now);
    const isComplete = names.every((name) => own.includes(name));
    if (isCurrent && isComplete) return pair;
    // Without permission the old one serves while it is valid.
    if (isCurrent && !mayWrite(folder)) return pair;
  }
  demandWrite(folder);
  const pair = await makeCertificate(names, now, authority);
  replaceFile(path, pair.key + pair.cert, 0o600);
  return pair;
}

function unusable(path: string, reason: string): StartError {
  return new StartError(
    `Cannot use "${path}": ${reason}; remove it, and skiff makes another one`,
  );
}

/** The private key and the certificate in a file. */
function pairIn(text: string, path: string): KeyPair {
  const block = (label: string) =>
    new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n?`)
      .exec(text)?.[0];
  const [key, cert] = [block("PRIVATE KEY"), block("CERTIFICATE")];
  if (key === undefined || cert === undefined) {
    throw unusable(path, "expected a private key and a certificate in PEM");
  }
  return { key, cert };
}

/**
 * The certificate of a pair. Throws a StartError if one of the two is invalid, if they do not belong together, or if it
 * had to be valid at `now` and is not.
 */
function checked(pair: KeyPair, path: string, now?: number): X509Certificate {
  let certificate: X509Certificate;
  let isOwn: boolean;
  try {
    certificate = new X509Certificate(pair.cert);
    isOwn = publicPart(certificate.publicKey) ===
      publicPart(createPublicKey(createPrivateKey(pair.key)));
  } catch {
    throw unusable(path, "its private key or its certificate is broken");
  }
  if (!isOwn) {
    throw unusable(path, "key and certificate do not belong together");
  }
  if (now !== undefined && Date.parse(certificate.validTo) <= now) {
    throw unusable(path, `it expired on ${certificate.validTo}`);
  }
  return certificate;
}

function isIssuedBy(
  certificate: X509Certificate,
  issuer: X509Certificate,
): boolean {
  if (certificate.issuer !== issuer.subject) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // Deno 2.5 cannot verify; no two authorities have the same name.
    return true;
  }
}

function mayWrite(path: string): boolean {
  return isGranted({ name: "write", path });
}

function demandWrite(path: string): void {
  if (mayWrite(path)) return;
  throw new StartError(
    `Cannot keep a certificate in "${path}" without permission: add ${
      permissionFlag("--allow-write", [path])
    }, or use --https without a folder`,
  );
}

/** Writes a file that only its owner can read, unless there is one. Returns whether there was none. */
function createFile(path: string, text: string): boolean {
  return writing(path, () => {
    const temporary = writeTemporary(path, text, 0o600);
    try {
      // Unlike a renamed file, a link never takes the place of another.
      Deno.linkSync(temporary, path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    } finally {
      Deno.removeSync(temporary);
    }
  });
}

/** Writes a file so that readers see the old one or the new one. */
function replaceFile(path: string, text: string, mode: number): void {
  writing(path, () => Deno.renameSync(writeTemporary(path, text, mode), path));
}

function writeTemporary(path: string, text: string, mode: number): string {
  const temporary = `${path}.${crypto.randomUUID()}`;
  Deno.writeTextFileSync(temporary, text, { mode, createNew: true });
  return temporary;
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new StartError(`Cannot write "${path}": ${errorMessage(error)}`);
  }
}

/** Whether other users can read a file. Windows has no such mode. */
function isOpenToOthers(path: string): boolean {
  if (Deno.build.os === "windows") return false;
  const { mode } = Deno.statSync(path);
  return mode !== null && (mode & 0o077) !== 0;
}
