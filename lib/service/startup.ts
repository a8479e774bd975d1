/**
 * Checks what skiff needs to start: permissions, paths, ports. Its errors say
 * what is missing.
 *
 * @module
 */

import { uriHost } from "../http/host.ts";
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { permissionFlag } from "../cli/permissions.ts";
import { commandHint, portHint } from "../cli/synonyms.ts";
import { errorMessage } from "../observe/error_text.ts";
import type { SiteRoot } from "./plan.ts";

/** Most bytes of a file that an option names: a site's own directory may hold a `skiff.json` that has no end. */
export const TEXT_BYTES_MAX: number = 16 * 1024 * 1024;

/** Thrown when skiff cannot start. The message is for the operator. */
export class StartError extends Error {
  override name = "StartError";
}

/** Whether the process has a permission. Never prompts. */
export function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** Finds a root: a directory, or a single file. Throws a StartError if it cannot be read. */
export function rootAt(root: string): SiteRoot {
  const path = resolve(root);
  if (!isFileAt(path)) return { root: directoryAt(root), kind: "directory" };
  const real = realPathOf(path, root);
  if (basename(real).startsWith(".")) {
    throw new StartError(
      `Cannot serve "${root}": files whose names begin with a dot are never served`,
    );
  }
  // The resolver looks at the directory to open anything in it.
  const directory = dirname(real);
  if (!isGranted({ name: "read", path: directory })) {
    throw new StartError(
      `Cannot read the directory of "${root}" without permission: run with ${
        permissionFlag("--allow-read", [directory])
      }`,
    );
  }
  return { root: path, kind: /\.zip$/i.test(path) ? "zip" : "file" };
}

function realPathOf(path: string, root: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    throw new StartError(`Cannot serve "${root}": ${reason(error)}`);
  }
}

/** Returns the absolute path of a directory. Throws a StartError if it cannot be read. */
export function directoryAt(root: string): string {
  const path = resolve(root);
  if (!isGranted({ name: "read", path })) {
    throw new StartError(
      `Cannot read "${root}" without permission: run with ${
        permissionFlag("--allow-read", [path])
      }`,
    );
  }
  try {
    if (!Deno.statSync(path).isDirectory) {
      throw new StartError(
        `Cannot serve "${root}": it is neither a directory nor a file`,
      );
    }
    Deno.readDirSync(path)[Symbol.iterator]().next();
  } catch (error) {
    if (error instanceof StartError) throw error;
    const hint = error instanceof Deno.errors.NotFound
      ? portHint(root) || commandHint(root)
      : "";
    throw new StartError(`Cannot serve "${root}": ${reason(error)}${hint}`);
  }
  return path;
}

/** Throws a StartError without permission to read what an option names; messages call the option `flag`. */
export function demandRead(path: string, flag: string): void {
  const absolute = resolve(path);
  if (isGranted({ name: "read", path: absolute })) return;
  throw new StartError(
    `Cannot read "${path}" (${flag}) without permission: add ${
      permissionFlag("--allow-read", [absolute])
    }`,
  );
}

/** Throws a StartError without permission to read the files of skiff, which workers start from. */
export function demandOwnFiles(paths: readonly string[]): void {
  const missing = paths.filter((path) => !isGranted({ name: "read", path }));
  if (missing.length === 0) return;
  throw new StartError(
    `Cannot start workers without permission to read skiff itself: add ${
      permissionFlag("--allow-read", missing)
    }`,
  );
}

/** Reads a file that an option names; messages call the option `flag`. Throws a StartError if it cannot be read. */
export function textAt(path: string, flag: string): string {
  const absolute = resolve(path);
  demandRead(path, flag);
  try {
    return readText(absolute);
  } catch (error) {
    throw new StartError(`Cannot read "${path}" (${flag}): ${reason(error)}`);
  }
}

/** Whether there is a file at a path. False without permission to look. */
export function isFileAt(path: string): boolean {
  return infoAt(path)?.isFile === true;
}

/** Whether there is a directory at a path. False without permission to look. */
export function isDirectoryAt(path: string): boolean {
  return infoAt(path)?.isDirectory === true;
}

function infoAt(path: string): Deno.FileInfo | undefined {
  if (!isGranted({ name: "read", path: resolve(path) })) return undefined;
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Reads a file if there is one and permissions allow it. Throws a StartError if it exists but cannot be read. */
export function textIfAny(path: string): string | undefined {
  const absolute = resolve(path);
  if (!isGranted({ name: "read", path: absolute })) return undefined;
  try {
    return readText(absolute);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    // A file in a directory that skiff may not enter counts as missing.
    if (!isVisible(absolute)) return undefined;
    throw new StartError(`Cannot read "${path}": ${reason(error)}`);
  }
}

/** Reads a text to its end, which a device may not have. Throws what Deno throws, and a StartError for too long a one. */
function readText(path: string): string {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let length = 0;;) {
    const count = file.readSync(buffer);
    if (count === null) return text + decoder.decode();
    length += count;
    if (length > TEXT_BYTES_MAX) {
      throw new StartError(`it has more than ${TEXT_BYTES_MAX} bytes`);
    }
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

function isVisible(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.NotADirectory) {
    return "a part of its path is not a directory";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the user running skiff has no permission to read it";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return errorMessage(error);
}

/** Formats an address with a port for permissions and messages. */
function nameOf(hostname: string, port: number): string {
  return `${uriHost(hostname)}:${port}`;
}

/** Whether permissions allow listening on an address, or connecting to it. */
export function mayUse(hostname: string, port: number): boolean {
  return isGranted({ name: "net", host: nameOf(hostname, port) });
}

/** Throws a StartError without permission to listen on an address, or to connect to it. */
export function demandNet(
  hostname: string,
  port: number,
  use: "listen on" | "connect to" = "listen on",
): void {
  if (mayUse(hostname, port)) return;
  const name = nameOf(hostname, port);
  throw new StartError(
    `Cannot ${use} ${name} without permission: run with ${
      permissionFlag("--allow-net", [name])
    }`,
  );
}

/** The options with the host and the port of an address to listen on. */
export interface AddressOptions {
  readonly host: string;
  readonly port: string;
}

/** Explains why listening on an address failed, and which option would change it. */
export function listenError(
  hostname: string,
  port: number,
  error: unknown,
  options: AddressOptions,
): StartError {
  const reason = listenReason(error, options);
  return new StartError(
    `Cannot listen on ${nameOf(hostname, port)}: ${reason}`,
  );
}

function listenReason(error: unknown, { host, port }: AddressOptions): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `the port is taken; choose another with ${port}, or 0 for any`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `this machine does not have this address; choose another with ${host}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it; ports below 1024 need special privileges";
  }
  const text = errorMessage(error);
  return `${text}; see ${host}`;
}
