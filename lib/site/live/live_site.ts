/**
 * A site whose pages load one more script, which reloads them. The files stay
 * as they are: the script element comes in while a page is sent.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { type FieldLine, FieldSection } from "../../http/field_section.ts";
import { Field } from "../../http/fields.ts";
import type { RequestHead } from "../../http/head.ts";
import type { Reply } from "../../http/reply.ts";
import { encodePath } from "../../http/target.ts";
import { beginningOf } from "../read_content.ts";
import { suffixedTag } from "../content/variant.ts";
import type {
  FileResource,
  PageEditor,
  PreparedReplies,
  Resource,
  Site,
  Variant,
} from "../site.ts";
import { LIVE_SCRIPT_PATH } from "./assets.ts";
import { amendLines } from "./content_security.ts";
import {
  findInsertion,
  type Insertion,
  PROLOG_BYTES_MAX,
} from "./insertion.ts";
import { joinSegments } from "../content/joined_segment.ts";

/** Sends pages with the script, and everything without compression. */
export class LiveSite implements Site, PageEditor {
  version = 0;
  readonly #site: Site;
  readonly #nonce: string;
  /** What is sent in place of a file: as a page, and to scripts that fetch it. */
  readonly #pages = new WeakMap<FileResource, FileResource>();
  readonly #plain = new WeakMap<FileResource, FileResource>();
  /** The files that those stand for. */
  readonly #originals = new WeakMap<FileResource, FileResource>();
  readonly #variants = new WeakMap<Variant, Variant>();

  /** Makes a site over another one. `nonce` is the one that policies allow. */
  constructor(site: Site, nonce: string) {
    this.#site = site;
    this.#nonce = nonce;
  }

  lookup(path: string, now: number): Resource {
    return this.#site.lookup(path, now);
  }

  isReadable(path: string, now: number): boolean {
    return this.#site.isReadable(path, now);
  }

  /** Does nothing: what changes all the time is not worth compressing. */
  encode(_file: FileResource, _coding: Coding): void {}

  decode(file: FileResource): ReturnType<Site["decode"]> {
    const original = this.#originals.get(file) ?? file;
    const decoded = this.#site.decode(original);
    const isPage = this.#pages.get(original) === file;
    const edit = (variant: Awaited<typeof decoded>) =>
      typeof variant === "number" || !isPage
        ? variant
        : this.#editVariant(variant, file.path);
    return decoded instanceof Promise ? decoded.then(edit) : edit(decoded);
  }

  list(path: string, entriesMax?: number): ReturnType<Site["list"]> {
    return this.#site.list(path, entriesMax);
  }

  editFile(
    file: FileResource,
    contentType: string,
    head: RequestHead,
  ): FileResource {
    // A responder that ignores a range begins again with what it got from here.
    if (this.#originals.has(file)) return file;
    const isPage = isHtml(contentType) && isNavigation(head);
    const isEncoded = file.encoded.length > 0 || file.codings.length > 0;
    if (!isPage && !isEncoded && file.identity !== undefined) return file;
    const known = isPage ? this.#pages : this.#plain;
    let edited = known.get(file);
    if (edited === undefined) {
      edited = this.#edit(file, isPage);
      known.set(file, edited);
      this.#originals.set(edited, file);
    }
    return edited;
  }

  /** Describes a file without encodings, and a page with the script; everything else is as in the site. */
  #edit(file: FileResource, isPage: boolean): FileResource {
    const { path, realPath, contentType, modified, identity, varies } = file;
    const nonce = this.#nonce;
    return {
      kind: "file",
      path,
      realPath,
      contentType,
      // The time alone cannot tell the page from the file: both have the same.
      modified: isPage ? undefined : modified,
      compressible: false,
      identity: isPage
        ? identity && this.#editVariant(identity, path)
        : identity,
      encoded: [],
      codings: [],
      varies: isPage ? [...varies, "Sec-Fetch-Mode"] : varies,
      get fields() {
        return amendLines(file.fields, nonce);
      },
    };
  }

  editReply(page: Reply): Reply {
    // A built-in page is in memory as a whole, and begins with its document type.
    const bytes = page.body[0] as Uint8Array;
    const body = joinSegments(
      insertInto(bytes, this.#insertionFor(bytes, "")!),
    );
    const others = page.fields.lines
      .filter(([name]) => name !== "Content-Length");
    const fields: FieldLine[] = [
      ...amendLines(others, this.#nonce),
      ["Content-Length", String(body.length)],
    ];
    return { ...page, fields: new FieldSection(fields), body: [body] };
  }

  /** Returns a page's content with the script element; as it is if there is no safe place for it. */
  #editVariant(variant: Variant, path: string): Variant {
    const known = this.#variants.get(variant);
    if (known !== undefined) return known;
    const bytes = beginningOf(variant, PROLOG_BYTES_MAX);
    const inserted = bytes && this.#insertionFor(bytes, path);
    if (inserted === undefined) return variant;
    const edited = new LiveVariant(variant, inserted);
    this.#variants.set(variant, edited);
    return edited;
  }

  /** What to insert into a page that begins with these bytes. Without a path, it depends on any file. */
  #insertionFor(bytes: Uint8Array, path: string): Insertion | undefined {
    const element = `<script src="${LIVE_SCRIPT_PATH}" data-path="${
      encodePath(path).replaceAll("&", "&amp;")
    }" nonce="${this.#nonce}"></script>`;
    return findInsertion(bytes, element);
  }
}

function isHtml(contentType: string): boolean {
  return /^text\/html\b/i.test(contentType);
}

/** Whether the client opens a page. A script that fetches a part of one gets it as it is. */
function isNavigation(head: RequestHead): boolean {
  const mode = head.field(Field.SecFetchMode);
  return mode === undefined || mode === "navigate";
}

/** Cuts a page in two, and puts bytes between the parts. */
function insertInto(page: Uint8Array, { at, bytes }: Insertion): Uint8Array[] {
  return [page.subarray(0, at), bytes, page.subarray(at)];
}

/** A page's content with the script element. */
class LiveVariant implements Variant {
  readonly coding = undefined;
  readonly length: number;
  readonly etag: string | undefined;
  prepared: PreparedReplies | undefined = undefined;
  readonly #page: Variant;
  readonly #inserted: Insertion;

  constructor(page: Variant, inserted: Insertion) {
    const { etag } = page;
    this.#page = page;
    this.#inserted = inserted;
    this.length = page.length + inserted.bytes.length;
    this.etag = etag === undefined ? undefined : suffixedTag(etag, "live");
  }

  slice(start: number, end: number): ReturnType<Variant["slice"]> {
    const { at, bytes } = this.#inserted;
    const behind = at + bytes.length;
    const parts = [];
    if (start < at) parts.push(this.#page.slice(start, Math.min(end, at)));
    if (start < behind && end > at) {
      parts.push(bytes.subarray(Math.max(0, start - at), end - at));
    }
    if (end > behind) {
      const from = Math.max(at, start - bytes.length);
      parts.push(this.#page.slice(from, end - bytes.length));
    }
    return parts.length === 0 ? bytes.subarray(0, 0) : joinSegments(parts);
  }

  async copy(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const page = await this.#page.copy();
    if (page === undefined) return undefined;
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const part of insertInto(page, this.#inserted)) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
