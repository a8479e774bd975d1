/**
 * What the tests of the semantics need: a site on disk whose files are of known
 * age, a server over it whose clock can be put forward, and questions that are
 * asked under GET and HEAD alike.
 *
 * @module
 */

import { assert, assertEquals, equal } from "@std/assert";
import * as zlib from "node:zlib";
import type { Coding } from "../../lib/http/coding.ts";
import { ErrorCode } from "../../lib/http/http2/frames.ts";
import { Responder } from "../../lib/respond.ts";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { Policy, type PolicyOptions } from "../../lib/site/policy.ts";
import {
  bytesOf,
  type Files,
  HAS_NETWORK,
  Random,
  request,
  type Response,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Http2Client } from "../http2_client.ts";
import { StreamEnded } from "../http2_messages.ts";
import { TestWatch, type WatchMode } from "../watch_mode.ts";

/** When files were last changed, unless it is said otherwise. */
export const PAST: Date = new Date(Date.UTC(2024, 4, 1, 10, 20, 30, 400));

/** {@linkcode PAST} in the three formats of a date (RFC 9110 §5.6.7). */
export const PAST_DATES: readonly string[] = [
  "Wed, 01 May 2024 10:20:30 GMT",
  "Wednesday, 01-May-24 10:20:30 GMT",
  "Wed May  1 10:20:30 2024",
];

/** How often a variant may have to be made until it is there. */
const MADE_ATTEMPTS_MAX = 3;

/** Fields of a request by name. */
export type Fields = Readonly<Record<string, string>>;

/** What may be different on a stage. */
export interface StageOptions {
  readonly policy?: Partial<PolicyOptions>;
  /** Whether files are compressed that have no precompressed sibling. */
  readonly compress?: boolean;
  /** How the site is watched; as `WATCH` says unless said otherwise. */
  readonly watch?: WatchMode;
}

/** A site, and a server over it. */
export class Stage implements AsyncDisposable {
  readonly directory = new TemporaryDirectory();
  readonly site: DirectorySite;
  readonly #watch: TestWatch;
  readonly #server: TestServer;
  #http2: Http2Client | undefined;
  #ahead = 0;

  constructor(
    files: Files,
    { policy, compress = true, watch }: StageOptions = {},
  ) {
    for (const [name, content] of Object.entries(files)) {
      this.write(name, content);
    }
    this.#watch = new TestWatch(this.directory.path, watch);
    this.site = new DirectorySite(this.directory.path, {
      ...DIRECTORY_DEFAULTS,
      revalidate: 0,
      compress,
      changes: this.#watch.changes,
    });
    const responder = new Responder(this.site, new Policy(policy));
    this.#server = new TestServer(this.directory.path, {
      ...policy === undefined ? {} : { policy },
      // This one has no site of its own to watch.
      watch: "off",
      respond: this.#watch.following((head, now) =>
        responder.respond(head, now + this.#ahead)
      ),
      acceptsH2c: true,
    });
  }

  /** The port of the server. */
  get port(): number {
    return this.#server.port;
  }

  /** Writes a file that was last changed at that time, so that its age tells nothing of the test's speed. */
  write(
    name: string,
    content: string | Uint8Array,
    modified: Date = PAST,
  ): void {
    this.directory.write(name, content);
    Deno.utimeSync(this.directory.join(name), modified, modified);
  }

  /** Lets so many ms pass for the server. */
  advance(ms: number): void {
    this.#ahead += ms;
  }

  /** One question, over HTTP/1.1 and HTTP/2: both answers must be the same. */
  async ask(
    method: string,
    target: string,
    fields: Fields = {},
  ): Promise<Response> {
    const response = await request(this.port, method, target, fields);
    this.#http2 ??= await Http2Client.connect(this.port);
    const asking = this.#http2.request(method, target, fields);
    if (!isForHttp2(method, target)) {
      const error = await asking.catch((error) => error);
      assert(error instanceof StreamEnded, `${target} has an answer`);
      assertEquals(error.code, ErrorCode.ProtocolError);
      return response;
    }
    const other = comparable(await asking);
    if (equal(other, comparable(response))) return response;
    // A variant may have been made between the two: then it is there for the next as well.
    const again = await request(this.port, method, target, fields);
    assertEquals(other, comparable(again));
    return response;
  }

  /** Asks under GET and HEAD, which must come to the same but for the body; returns the answer to GET. */
  async get(target: string, fields: Fields = {}): Promise<Response> {
    const got = await this.ask("GET", target, fields);
    const head = await this.ask("HEAD", target, fields);
    assertEquals(head.status, got.status);
    assertEquals(withoutDate(head), withoutDate(got));
    assertEquals(head.body, "");
    return got;
  }

  /** Asks until the variant with this coding is made; returns the answer with it. */
  async getMade(target: string, token: Coding["token"]): Promise<Response> {
    const fields = { "Accept-Encoding": token };
    // A file that a system tells of too late is read again, and its variants are made again.
    for (let attempts = 1;; attempts++) {
      await this.ask("GET", target, fields);
      await this.site.idle();
      const response = await this.get(target, fields);
      const isMade = response.fields.get("content-encoding") === token;
      if (isMade || attempts === MADE_ATTEMPTS_MAX) return response;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http2?.[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    this.site.close();
    await this.#watch.close();
    this.directory[Symbol.dispose]();
    // A failure inside the server is a failure of the test, whatever was answered.
    assertEquals(this.#server.reports, []);
  }
}

function withoutDate({ fields }: Response): Record<string, string> {
  const { date: _, ...others } = Object.fromEntries(fields);
  return others;
}

/** Whether HTTP/2 has requests with such a target: it knows no absolute-form (RFC 9113 §8.3.1). */
function isForHttp2(method: string, target: string): boolean {
  return target.startsWith("/") || target === "*" && method === "OPTIONS";
}

/** What a response has but for what belongs to the time and the connection, or is random: the boundary of parts. */
function comparable(response: Response) {
  const { connection: _, ...fields } = withoutDate(response);
  const type = fields["content-type"] ?? "";
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(type)?.[1];
  if (boundary === undefined) {
    return { status: response.status, fields, body: response.body };
  }
  return {
    status: response.status,
    fields: { ...fields, "content-type": type.replace(boundary, "…") },
    body: response.body.replaceAll(boundary, "…"),
  };
}

/** Registers a test on a stage of its own. */
export function testStage(
  name: string,
  files: Files,
  fn: (stage: Stage, context: Deno.TestContext) => Promise<void>,
  options: StageOptions = {},
): void {
  testWith(HAS_NETWORK, name, async (context) => {
    await using stage = new Stage(files, options);
    await fn(stage, context);
  });
}

/** Registers a test of a table on one stage, whose rows change nothing: a step for each. */
export function testRows<Row>(
  title: string,
  files: Files,
  rows: Iterable<Row>,
  nameOf: (row: Row) => string,
  fn: (stage: Stage, row: Row) => Promise<void>,
  options: StageOptions = {},
): void {
  testStage(title, files, async (stage, context) => {
    for (const row of rows) {
      await context.step({
        name: nameOf(row),
        fn: () => fn(stage, row),
        // The server is at work around each step; the test around them sees what leaks.
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  }, options);
}

/** Whether the runtime knows zstd; before Deno 2.6 it does not, and skiff makes none. */
export const HAS_ZSTD: boolean = isZstdThere();

function isZstdThere(): boolean {
  try {
    return zlib.zstdCompressSync("").length > 0;
  } catch {
    return false;
  }
}

/** Where there is no zstd, content behind this stands for it: a server that sends a file does not look into it. */
const ZSTD_STAND_IN = "not really zstd:";

/** The codings that skiff can make. */
export const MADE_TOKENS: readonly Coding["token"][] = HAS_ZSTD
  ? ["br", "zstd", "gzip"]
  : ["br", "gzip"];

/** Content with a content coding. */
export function encode(
  token: Coding["token"],
  content: string,
): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(content);
  switch (token) {
    case "br":
      return new Uint8Array(zlib.brotliCompressSync(bytes));
    case "zstd":
      return HAS_ZSTD
        ? new Uint8Array(zlib.zstdCompressSync(bytes))
        : bytesOf(ZSTD_STAND_IN + content);
    case "gzip":
      return new Uint8Array(zlib.gzipSync(bytes));
  }
}

/** The body of a response without its content coding. */
export function decodedBody({ fields, body }: Response): string {
  const bytes = bytesOf(body);
  const token = fields.get("content-encoding");
  switch (token) {
    case undefined:
      return body;
    case "br":
      return zlib.brotliDecompressSync(bytes).toString("latin1");
    case "zstd":
      return HAS_ZSTD
        ? zlib.zstdDecompressSync(bytes).toString("latin1")
        : body.slice(ZSTD_STAND_IN.length);
    case "gzip":
      return zlib.gunzipSync(bytes).toString("latin1");
    default:
      throw new Error(`Not a coding: ${token}`);
  }
}

/** So many characters of text that can be compressed, but has no two places alike. */
export function textOfLength(length: number): string {
  let text = "";
  for (let line = 1; text.length < length; line++) text += `line ${line};\n`;
  return text.slice(0, length);
}

/** A thing that can be asked for, in one of the forms in which a site has things. */
export interface Subject {
  readonly name: string;
  readonly target: string;
  readonly fields: Fields;
  /** Whether it has a Last-Modified. */
  readonly hasDate: boolean;
  /** Whether it is too large for memory. */
  readonly isLarge: boolean;
}

/** Files for {@linkcode SUBJECTS}. */
export const SUBJECT_FILES: Files = {
  "small.txt": textOfLength(1000),
  "large.bin": new Random(1).bytes(1_100_000),
  "app.js": textOfLength(3000),
  "app.js.br": encode("br", textOfLength(3000)),
  "folder/a.txt": "a",
  "folder/b.txt": "b",
};

/** One subject of each kind. */
export const SUBJECTS: readonly Subject[] = [
  {
    name: "a file",
    target: "/small.txt",
    fields: {},
    hasDate: true,
    isLarge: false,
  },
  {
    name: "a large file",
    target: "/large.bin",
    fields: {},
    hasDate: true,
    isLarge: true,
  },
  {
    name: "an encoded variant",
    target: "/app.js",
    fields: { "Accept-Encoding": "br" },
    hasDate: true,
    isLarge: false,
  },
  {
    name: "a listing",
    target: "/folder/",
    fields: {},
    hasDate: false,
    isLarge: false,
  },
  {
    name: "a listing in JSON",
    target: "/folder/",
    fields: { "Accept": "application/json" },
    hasDate: false,
    isLarge: false,
  },
];
