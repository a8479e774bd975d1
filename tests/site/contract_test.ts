import { assert, assertEquals } from "@std/assert";
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import type { Reply } from "../../lib/http/reply.ts";
import { Responder } from "../../lib/respond.ts";
import { BundleSite } from "../../lib/site/bundle/bundle.ts";
import { Decoder } from "../../lib/site/disk/decoder.ts";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { Policy } from "../../lib/site/policy.ts";
import type { Site } from "../../lib/site/site.ts";
import { readContents } from "../../tools/contents.ts";
import { walk } from "../../tools/walk.ts";
import {
  bytesOf,
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  textOf,
  utf8,
} from "../helpers.ts";
import { headOf } from "../memory_site.ts";
import { IS_UNIX } from "../place.ts";
import { forgeZip } from "./zip/zip_forge.ts";
import { ReleasesSite } from "../../lib/site/releases/releases_site.ts";
import { ZipSite } from "../../lib/site/zip/zip_site.ts";
import { archiveOf } from "./bundle/bundle_forge.ts";
import {
  type ContractCase,
  PAGES,
  TREE,
  TREE_LINKS,
  TREE_TIME,
} from "./contract.ts";
import {
  DAMAGED_TREE,
  ENCODED_CASES,
  ENCODED_TREE,
} from "./contract_encoded.ts";
import { FIELD_CASES } from "./contract_fields.ts";
import { PATH_CASES } from "./contract_paths.ts";

/** A text in the encoding that a name ends with, or as it is. */
function encodedFor(name: string, text: string): string | Uint8Array {
  if (name.endsWith(".gz")) return gzipSync(text);
  if (name.endsWith(".br")) return brotliCompressSync(text);
  return name.endsWith(".zst") ? zstdCompressSync(text) : text;
}

const STYLE = "p { margin: 0 }\n".repeat(200);

/** The tree on disk, where everything in it has the same time: a packed directory has that of its files. */
function createTree(): TemporaryDirectory {
  const tree = new TemporaryDirectory({
    ...TREE,
    ...DAMAGED_TREE,
    ...Object.fromEntries(
      Object.entries(ENCODED_TREE).map(([name, text]) => [
        name,
        encodedFor(name, text),
      ]),
    ),
    "before.css": STYLE,
    // Another level than the server's own, so that the bytes show where they come from.
    "before.css.gz": new Uint8Array(gzipSync(STYLE, { level: 1 })),
    "before.bin": STYLE,
    "before.bin.gz": new Uint8Array(gzipSync(STYLE)),
    "drawing.svgz": new Uint8Array(gzipSync(PAGES.about)),
  });
  for (const [name, target] of Object.entries(TREE_LINKS)) {
    Deno.symlinkSync(target, tree.join(name));
  }
  setTimes(tree.path);
  return tree;
}

function setTimes(path: string): void {
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(path)) {
    if (isDirectory) setTimes(`${path}/${name}`);
    else if (!isSymlink) {
      Deno.utimeSync(`${path}/${name}`, TREE_TIME, TREE_TIME);
    }
  }
  Deno.utimeSync(path, TREE_TIME, TREE_TIME);
}

/** An answer, with everything that may be another one each time taken out. */
interface Answer {
  readonly status: number;
  /** Field lines, with lower-case names, in the order of names. */
  readonly fields: readonly string[];
  /** A character a byte, without its coding. */
  readonly body: string;
}

function fieldsOf(reply: Reply): Map<string, string> {
  return new Map(
    reply.fields.lines.map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function bodyOf(reply: Reply): string {
  return reply.body.map((segment) => {
    assert(segment instanceof Uint8Array, "A small file is not in memory");
    return textOf(segment);
  }).join("");
}

function decoded(body: string, coding: string | undefined): string {
  const bytes = bytesOf(body);
  switch (coding) {
    case undefined:
      return body;
    case "br":
      return textOf(brotliDecompressSync(bytes));
    case "zstd":
      return textOf(zstdDecompressSync(bytes));
    case "gzip":
      return textOf(gunzipSync(bytes));
  }
  throw new Error(`Unknown coding: ${coding}`);
}

function answerOf(reply: Reply): Answer {
  const fields = fieldsOf(reply);
  let body = bodyOf(reply);
  assertEquals(Number(fields.get("content-length") ?? 0), body.length);
  const coding = fields.get("content-encoding");
  if (coding !== undefined) {
    // How strongly it was compressed is each site's own affair, and with it how long it is.
    for (const name of ["etag", "content-length", "content-range"]) {
      if (fields.has(name)) fields.set(name, "of the encoding");
    }
    body = reply.status === 206 ? "" : decoded(body, coding);
  }
  const type = fields.get("content-type") ?? "";
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(type)?.[1];
  if (boundary !== undefined) {
    body = body.replaceAll(boundary, "BOUNDARY");
    fields.set("content-type", "multipart/byteranges; boundary=BOUNDARY");
  }
  const lines = [...fields].map(([name, value]) => `${name}: ${value}`);
  return { status: reply.status, fields: lines.sort(), body };
}

/** Makes the sites of one kind; `idle` waits for what they make of their files in the background. */
interface SiteKind {
  readonly open: () => Site & { close(): void };
  readonly idle: (site: Site) => Promise<void>;
}

/** The answers of sites of one kind, of which there is one for each policy, as in a server. */
class Contractor {
  readonly #kind: SiteKind;
  readonly #servers = new Map<
    string,
    { site: ReturnType<SiteKind["open"]>; responder: Responder }
  >();

  constructor(kind: SiteKind) {
    this.#kind = kind;
  }

  #serverOf({ policy }: ContractCase) {
    const key = JSON.stringify(policy);
    let server = this.#servers.get(key);
    if (server === undefined) {
      const site = this.#kind.open();
      server = { site, responder: new Responder(site, new Policy(policy)) };
      this.#servers.set(key, server);
    }
    return server;
  }

  [Symbol.dispose](): void {
    for (const { site } of this.#servers.values()) site.close();
  }

  async reply(
    contractCase: ContractCase,
    fields: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    const { site, responder } = this.#serverOf(contractCase);
    const { target, method = "GET" } = contractCase;
    const head = headOf(method, target, fields);
    await responder.respond(head, Date.now());
    await this.#kind.idle(site);
    return await responder.respond(head, Date.now());
  }

  /** The request's fields with the site's own tag in the place of ETAG. */
  async fields(
    contractCase: ContractCase,
  ): Promise<Record<string, string>> {
    const { fields = {} } = contractCase;
    const entries = Object.entries(fields);
    if (!entries.some(([, value]) => value === "ETAG")) return fields;
    const others = Object.fromEntries(
      entries.filter(([, value]) => value !== "ETAG"),
    );
    const tag = fieldsOf(await this.reply(contractCase, others)).get("etag");
    assert(tag !== undefined, "There is no tag");
    return Object.fromEntries(
      entries.map(([name, value]) => [name, value === "ETAG" ? tag : value]),
    );
  }

  async answer(contractCase: ContractCase): Promise<Answer> {
    const fields = await this.fields(contractCase);
    return answerOf(await this.reply(contractCase, fields));
  }
}

/** What is said of the answer in the table is true of it. */
function assertAnswer(answer: Answer, contractCase: ContractCase): void {
  const { status, body, expected = {} } = contractCase;
  assertEquals(answer.status, status);
  if (body !== undefined) assertEquals(answer.body, textOf(utf8(body)));
  for (const [name, value] of Object.entries(expected)) {
    const line = answer.fields.find((line) => line.startsWith(`${name}: `));
    assertEquals(line?.slice(name.length + 2), value);
  }
}

async function packed(tree: TemporaryDirectory): Promise<SiteKind> {
  const { files } = await readContents(walk(tree.path).files);
  const archive = archiveOf(files);
  return {
    open: () => new BundleSite(archive, undefined, new Decoder()),
    idle: () => Promise.resolve(),
  };
}

/** A ZIP file of the tree, with the times of its files and what its links lead to. */
function zipped(tree: TemporaryDirectory): SiteKind {
  const seconds = new Uint8Array(4);
  new DataView(seconds.buffer).setUint32(0, TREE_TIME.getTime() / 1000, true);
  const extra = Uint8Array.from([0x55, 0x54, 5, 0, 1, ...seconds]);
  const zip = forgeZip(
    walk(tree.path).files.map(({ path, location }) => ({
      name: path.slice(1),
      content: Deno.readFileSync(location),
      extra,
    })),
  );
  const source = {
    length: zip.length,
    slice: (start: number, end: number) => zip.subarray(start, end),
  };
  return {
    open: () => new ZipSite(source, undefined, new Decoder()),
    idle: () => Promise.resolve(),
  };
}

/** The tree as the release that is served, and another one that is never asked for these paths. */
function released(tree: TemporaryDirectory): SiteKind {
  const open = (name: string) => ({
    name,
    site: new DirectorySite(tree.path),
  });
  return {
    open: () => new ReleasesSite(open("2"), [open("1")]),
    idle: (site) => (site as ReleasesSite).idle(),
  };
}

function has(answer: Answer, field: string): boolean {
  return answer.fields.some((line) => line.startsWith(`${field}:`));
}

/** A ZIP file has tags of its own, made of checksums, and no encodings but those that are in it. */
function assertZipAnswer(answer: Answer, expected: Answer): void {
  const isMade = has(expected, "content-encoding") &&
    !has(answer, "content-encoding");
  const others = ({ fields }: Answer) =>
    fields.filter((line) =>
      !/^etag:/.test(line) && !(isMade && /^content-/.test(line))
    );
  assertEquals(answer.status, expected.status);
  assertEquals(answer.body, expected.body);
  assertEquals(others(answer), others(expected));
}

testWith(
  HAS_FILES && IS_UNIX,
  "A folder and the archive of it answer alike",
  async (context) => {
    using tree = createTree();
    using ofDirectories = new Contractor({
      open: () => new DirectorySite(tree.path),
      idle: (site) => (site as DirectorySite).idle(),
    });
    using ofBundles = new Contractor(await packed(tree));
    using ofZips = new Contractor(zipped(tree));
    using ofReleases = new Contractor(released(tree));
    const cases = [...PATH_CASES, ...FIELD_CASES, ...ENCODED_CASES];
    for (const contractCase of cases) {
      await context.step(contractCase.name, async () => {
        const answer = await ofDirectories.answer(contractCase);
        assertAnswer(answer, contractCase);
        assertEquals(await ofBundles.answer(contractCase), answer);
        assertEquals(await ofReleases.answer(contractCase), answer);
        assertZipAnswer(await ofZips.answer(contractCase), answer);
      });
    }
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "An archive answers from memory alone, after the folder is gone",
  async () => {
    const tree = createTree();
    using ofBundles = new Contractor(await packed(tree));
    tree[Symbol.dispose]();
    for (const contractCase of [...PATH_CASES, ...ENCODED_CASES]) {
      assertAnswer(await ofBundles.answer(contractCase), contractCase);
    }
  },
);
