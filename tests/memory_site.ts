/**
 * A Site in memory and heads of requests, for tests of what is made of them.
 *
 * @module
 */

import { type Coding, CODINGS } from "../lib/http/coding.ts";
import type { RequestHead } from "../lib/http/head.ts";
import { ParsedHead } from "../lib/http/http1/request.ts";
import { mediaType } from "../lib/site/content/media_type.ts";
import {
  ABSENT,
  type AbsentResource,
  type DirectoryEntries,
  type FileResource,
  type RefusedResource,
  type Resource,
  type Site,
  type Variant,
} from "../lib/site/site.ts";
import { bytesOf } from "./helpers.ts";

/** A file of the site. */
export interface MemoryFile {
  /** A character for each byte. */
  readonly content: string;
  /** In ms since the epoch. */
  readonly modified?: number;
  /** Content with a coding, by its token. */
  readonly encoded?: Readonly<Record<string, string>>;
  /** Tokens of codings that could be made. */
  readonly makeable?: readonly string[];
}

/** Files, or statuses with which they are refused, by path. */
export type MemoryFiles = Readonly<Record<string, MemoryFile | string | 403>>;

/** When files were last changed that do not say it. */
export const MODIFIED: number = Date.UTC(2025, 6, 1, 12);

/** A site whose files are given. Directories are what their names imply. */
export class MemorySite implements Site {
  /** What was asked to be encoded: path and token. */
  readonly encodings: string[] = [];
  /** Paths that were looked up. */
  readonly lookups: string[] = [];
  readonly #resources = new Map<string, FileResource | RefusedResource>();

  constructor(files: MemoryFiles) {
    for (const [path, file] of Object.entries(files)) {
      this.#resources.set(
        path,
        file === 403 ? { kind: "refused", status: 403 } : resourceOf(
          path,
          typeof file === "string" ? { content: file } : file,
        ),
      );
    }
  }

  lookup(path: string): Resource {
    this.lookups.push(path);
    const resource = this.#resources.get(path);
    if (resource !== undefined) return resource;
    const name = path.endsWith("/") ? path : `${path}/`;
    const isDirectory = this.#paths().some((other) => other.startsWith(name));
    return isDirectory
      ? { kind: "directory", path: name, realPath: name }
      : ABSENT;
  }

  hasName(path: string): boolean {
    return this.#resources.has(path);
  }

  encode({ path }: FileResource, { token }: Coding): void {
    this.encodings.push(`${path} ${token}`);
  }

  decode({ identity }: FileResource): Variant | 406 {
    return identity ?? 406;
  }

  isReadable(path: string): boolean {
    return this.#resources.get(path)?.kind !== "refused";
  }

  list(
    path: string,
  ): Promise<DirectoryEntries | AbsentResource | RefusedResource> {
    const names = this.#paths().filter((other) => other.startsWith(path))
      .map((other) => other.slice(path.length).split("/", 2));
    if (names.length === 0) return Promise.resolve(ABSENT);
    const kinds = new Map(
      names.map(([name, more]) => [
        name!,
        more === undefined ? "file" as const : "directory" as const,
      ]),
    );
    const entries = [...kinds].map(([name, kind]) => ({
      name,
      kind,
      size: 0,
      modified: MODIFIED,
    }));
    return Promise.resolve({
      kind: "entries",
      realPath: path,
      entries,
      isCut: false,
    });
  }

  #paths(): string[] {
    return [...this.#resources.keys()];
  }
}

function resourceOf(path: string, file: MemoryFile): FileResource {
  const { content, modified = MODIFIED, encoded = {}, makeable = [] } = file;
  const variants = CODINGS.flatMap((coding) => {
    const text = encoded[coding.token];
    return text === undefined ? [] : [variantOf(text, coding)];
  });
  return {
    kind: "file",
    path,
    realPath: path,
    contentType: mediaType(path),
    modified,
    compressible: variants.length > 0 || makeable.length > 0,
    identity: variantOf(content, undefined),
    encoded: variants,
    codings: CODINGS.filter(({ token }) =>
      token in encoded || makeable.includes(token)
    ),
    varies: [],
    fields: [],
  };
}

/** The tag names the content, so that a test can tell what it speaks of. */
function variantOf(content: string, coding: Coding | undefined): Variant {
  const bytes = bytesOf(content);
  const suffix = coding === undefined ? "" : `-${coding.token}`;
  return {
    coding,
    length: bytes.length,
    etag: `"${content.length}${suffix}"`,
    slice: (start, end) => bytes.subarray(start, end),
    copy: () => Promise.resolve(bytes.slice()),
    prepared: undefined,
  };
}

/** The head of a request with some fields beside Host. */
export function headOf(
  method: string,
  target: string,
  fields: Readonly<Record<string, string>> = {},
): RequestHead {
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const bytes = bytesOf(
    `${method} ${target} HTTP/1.1\r\nHost: a\r\n${lines.join("")}\r\n`,
  );
  const head = new ParsedHead();
  const end = head.parse(bytes, 0, bytes.length);
  if (end !== bytes.length) throw new Error(`Not a head: ${end}`);
  return head;
}
