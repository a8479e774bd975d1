/**
 * Releases that can be told apart by every byte, and clients that check every
 * answer while others are served.
 *
 * @module
 */

import { gunzipSync } from "node:zlib";
import {
  bytesOf,
  type Response,
  TemporaryDirectory,
  textOf,
} from "../helpers.ts";

/** Files that are downloaded, and their lengths: more than the system buffers, and more than the first window of HTTP/2. */
export const DOWNLOADS = {
  "/large.bin": 12 * 1024 * 1024,
  "/stream.bin": 1024 * 1024,
} as const;

/** A name with a hash that only the first release has. */
export const CHUNK = "/assets/chunk-1f0c9a7e.js";

/** What each release has, beside what is large and the rules. */
const LINES: Readonly<Record<string, number>> = {
  "/": 1,
  "/small.txt": 2,
  "/medium.js": 2_000,
  "/sub/page.html": 40,
};

/** Paths that every release answers. */
export const PATHS: readonly string[] = [...Object.keys(LINES), CHUNK];

function contentOf(path: string, release: string): string {
  if (path === CHUNK) return "chunk of v1\n";
  return `${path} of release ${release}\n`.repeat(LINES[path]!);
}

/** What is downloaded from a release: one byte again and again. */
export function downloadOf(
  path: keyof typeof DOWNLOADS,
  release: string,
): Uint8Array {
  const byte = 32 + Number(release.slice(1));
  return new Uint8Array(DOWNLOADS[path]).fill(byte);
}

/** A folder of releases. */
export class Releases extends TemporaryDirectory {
  /** Puts a release in its place in one step. */
  deploy(name: string): void {
    for (const path of Object.keys(LINES)) {
      const file = path.endsWith("/") ? `${path}index.html` : path;
      this.write(`.${name}${file}`, contentOf(path, name));
    }
    if (name === "v1") this.write(`.${name}${CHUNK}`, contentOf(CHUNK, name));
    this.write(`.${name}/_headers`, `/*\n  X-Release: ${name}\n`);
    for (const path of Object.keys(DOWNLOADS) as (keyof typeof DOWNLOADS)[]) {
      this.write(`.${name}${path}`, downloadOf(path, name));
    }
    Deno.renameSync(this.join(`.${name}`), this.join(name));
  }

  /** Has "current" name a release: as a link, or as a file with its name. */
  point(name: string, how: "link" | "file"): void {
    const made = this.join(".current");
    if (how === "link") Deno.symlinkSync(name, made);
    else Deno.writeTextFileSync(made, `${name}\n`);
    Deno.renameSync(made, this.join("current"));
  }

  /** Takes a release away in one step, and then deletes it. */
  take(name: string): void {
    const away = this.join(`.gone-${name}`);
    Deno.renameSync(this.join(name), away);
    Deno.removeSync(away, { recursive: true });
  }
}

/** How a client asks. */
export interface Question {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Asks in several ways, and checks that each answer is of exactly one release. */
export class Checker {
  /** Answers so far. */
  answers = 0;
  /** What was wrong with some, and when. */
  readonly failures: string[] = [];
  /** What is being done to the releases. */
  swap = "nothing";
  /** By entity-tag, the path and the release. */
  readonly #tags = new Map<string, string>();
  /** The last entity-tag by path, of what is not encoded. */
  readonly #lastTags = new Map<string, string>();

  /** What to ask as the nth question. */
  question(n: number): Question {
    const path = PATHS[n % PATHS.length]!;
    const tag = this.#lastTags.get(path) ?? '"none"';
    const ways: readonly Record<string, string>[] = [
      {},
      { "If-None-Match": tag },
      { "Range": "bytes=2-9", "If-Range": tag },
      { "Accept-Encoding": "gzip" },
    ];
    return { path, fields: ways[Math.floor(n / PATHS.length) % ways.length]! };
  }

  /** Notes what is wrong with an answer, if anything is. */
  check(question: Question, response: Response): void {
    this.answers++;
    const wrong = this.#wrong(question, response);
    if (wrong !== undefined) this.fail(`${question.path}: ${wrong}`);
  }

  /** Notes a failure. */
  fail(text: string): void {
    this.failures.push(`while ${this.swap}: ${text}`);
  }

  #wrong(
    { path, fields: sent }: Question,
    { status, fields, body }: Response,
  ): string | undefined {
    const release = fields.get("x-release");
    const etag = fields.get("etag");
    if (release === undefined || etag === undefined) {
      return `status ${status}, release ${release}, tag ${etag}`;
    }
    const owner = path === CHUNK ? CHUNK : `${path} ${release}`;
    if (this.#tags.has(etag) && this.#tags.get(etag) !== owner) {
      return `tag of ${this.#tags.get(etag)}, header of ${owner}`;
    }
    this.#tags.set(etag, owner);
    const content = contentOf(path, release);
    const asked = sent["If-None-Match"] ?? sent["If-Range"];
    switch (status) {
      case 200: {
        if (etag === asked) return "200 although nothing has changed";
        const isEncoded = fields.get("content-encoding") === "gzip";
        if (!isEncoded) this.#lastTags.set(path, etag);
        const text = isEncoded ? textOf(gunzipSync(bytesOf(body))) : body;
        return text === content ? undefined : `${text.slice(0, 40)}: ${owner}`;
      }
      case 206:
        if (etag !== asked) return "a part of something else";
        return body === content.slice(2, 10) ? undefined : `${body}: ${owner}`;
      case 304:
        return etag === asked ? undefined : "304 for another tag";
      default:
        return `status ${status}`;
    }
  }
}
