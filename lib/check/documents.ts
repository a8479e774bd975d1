/**
 * Reads the documents of a site by their types, and checks what is in them.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { baseOf, resolve } from "./address.ts";
import type { Anchors } from "./anchors.ts";
import { type Answer, essenceOf, headersOf, isPageType } from "./answer.ts";
import { PolicySet } from "./csp.ts";
import { cssReferences } from "./css.ts";
import { decodeDocument } from "./decode.ts";
import { isFeed, parseFeed, parseRobots } from "./feed.ts";
import type { FindingCollector } from "./findings.ts";
import { parsePage } from "./html.ts";
import { parseManifest } from "./json.ts";
import type { LinkJudge, LinkSource, LinkVerdict } from "./links.ts";
import {
  entryOf,
  type InlineCode,
  type ParsedDocument,
  parsedDocument,
  type Reference,
} from "./reference.ts";

/** Bytes of a document that are read: pages for people are far smaller. The rest is not checked. */
export const DOCUMENT_BYTES_MAX: number = 16 * 1024 * 1024;

/** Most manifests that pages name: a site has one. Further ones are read only if their type says what they are. */
export const MANIFESTS_MAX = 1000;

/** An answer whose body can be read. */
export interface OpenedAnswer extends Answer {
  /** Reads the body from its beginning, at most this many bytes. */
  read(bytesMax: number): Uint8Array;
}

/** The kinds of documents, and how each is read. */
const PARSERS = {
  page: parsePage,
  // It needs neither a title nor a language.
  drawing: (text) => ({ ...parsePage(text), defects: [] }),
  style: (text) => parsedDocument(cssReferences(text)),
  feed: parseFeed,
  manifest: parseManifest,
  robots: parseRobots,
} satisfies Readonly<Record<string, (text: string) => ParsedDocument>>;

type DocumentKind = keyof typeof PARSERS;

/** The kinds of documents other than pages, by content type. */
const KINDS: Readonly<Record<string, DocumentKind>> = {
  "text/css": "style",
  "application/manifest+json": "manifest",
  "image/svg+xml": "drawing",
  "text/xml": "feed",
  "application/xml": "feed",
  "application/rss+xml": "feed",
  "application/atom+xml": "feed",
};

/** What messages call scripts and styles in a page. */
const INLINE_NAMES: Readonly<Record<InlineCode["kind"], string>> = {
  "script": "a script in the page",
  "script-attribute": "a script in an attribute",
  "style": "a style in the page",
  "style-attribute": "a style in an attribute",
};

/** What a {@linkcode DocumentJudge} needs. */
export interface DocumentDeps {
  readonly findings: FindingCollector;
  readonly anchors: Anchors;
  readonly judge: LinkJudge;
}

/** Judges documents. */
export class DocumentJudge {
  readonly #deps: DocumentDeps;
  /** Targets of the manifests that pages name. */
  readonly #manifests = new Set<string>();
  /** Documents that were read. */
  documents = 0;
  /** Addresses that were judged. */
  references = 0;

  /** Makes a judge for the documents of one site. */
  constructor(deps: DocumentDeps) {
    this.#deps = deps;
  }

  /** Reads a file as a document of its type, and checks it; ignores all other files. */
  async judge(
    path: string,
    target: string,
    opened: OpenedAnswer,
  ): Promise<void> {
    const kind = kindOf(path, opened.type);
    if (kind !== undefined) await this.#judgeAs(kind, path, target, opened);
  }

  /** Checks the manifests that pages name and that the site serves as other JSON. `open` requests a target. */
  async judgeManifests(
    open: (target: string) => OpenedAnswer | Promise<OpenedAnswer>,
  ): Promise<void> {
    for (const target of this.#manifests) {
      const opened = await open(target);
      const { status, file, type } = opened;
      if (status !== 200 || file === undefined) continue;
      if (kindOf(file, type) !== undefined) continue;
      await this.#judgeAs("manifest", file, target, opened);
    }
  }

  async #judgeAs(
    kind: DocumentKind,
    path: string,
    target: string,
    opened: OpenedAnswer,
  ): Promise<void> {
    if (opened.length === 0) return;
    const { findings, anchors } = this.#deps;
    const isCut = opened.length > DOCUMENT_BYTES_MAX;
    const bytes = opened.read(DOCUMENT_BYTES_MAX);
    const { text, isClean } = decodeDocument(bytes, opened.type, isCut);
    if (kind === "feed" && !isFeed(text)) return;
    this.documents++;
    if (!isClean) {
      const message = "the document contains bytes that are not text";
      findings.add("undecodable-text", message, { path });
    }
    const parsed: ParsedDocument = PARSERS[kind](text);
    if (isCut || parsed.isCut) {
      const message = "the document is too large to be checked as a whole";
      findings.add("document-cut", message, { path });
    } else if (kind === "page" && !parsed.forwards) {
      anchors.addPage(path, parsed.ids);
    }
    for (const { rule, message, line } of parsed.defects) {
      findings.add(rule, message, { path, line });
    }
    const policies = new PolicySet([
      ...headersOf(opened, "content-security-policy"),
      ...parsed.policies,
    ]);
    const base = baseOf(target, parsed.base);
    // Sitemaps, feeds and robots.txt have absolute addresses: the host of the first one stands for this site.
    const ownOrigin = kind === "feed" || kind === "robots"
      ? originOf(parsed.references)
      : undefined;
    const source = { path, base, policies, ownOrigin };
    this.#inlines(parsed, source);
    this.references += parsed.references.length;
    if (kind === "feed") return await this.#feed(parsed.references, source);
    for (const reference of parsed.references) {
      if (reference.kind === "manifest") this.#addManifest(reference, base);
      const verdict = this.#deps.judge.judge(reference, source);
      if (verdict instanceof Promise) await verdict;
    }
  }

  #addManifest({ address }: Reference, base: URL): void {
    const destination = resolve(address, base);
    const isKept = destination.kind === "own" &&
      this.#manifests.size < MANIFESTS_MAX;
    if (isKept) this.#manifests.add(destination.target);
  }

  #inlines({ inlines }: ParsedDocument, { path, policies }: LinkSource): void {
    if (policies.isEmpty) return;
    for (const inline of inlines) {
      const directive = policies.forbidsInline(inline);
      if (directive === undefined) continue;
      const { kind, line } = inline;
      const message = `${INLINE_NAMES[kind]} is forbidden by ${directive}`;
      this.#deps.findings.add("csp-blocked", message, { path, line });
    }
  }

  /**
   * Judges the addresses of a sitemap or feed. If the site has none of them, it is probably served below another path.
   */
  async #feed(
    references: readonly Reference[],
    source: LinkSource,
  ): Promise<void> {
    const { judge, findings } = this.#deps;
    const verdicts = new Set<LinkVerdict>();
    const held = findings.hold();
    for (const reference of references) {
      verdicts.add(await judge.judge(reference, source));
    }
    if (verdicts.has("found") || !verdicts.has("dead")) return held.release();
    held.discard();
    const message = `no address of it is in the site, such as ${
      quote(references[0]!.address)
    }`;
    findings.add("sitemap-elsewhere", message, { path: source.path });
  }
}

/** The origin of the first whole address. */
function originOf(references: readonly Reference[]): string | undefined {
  return references.values().map(({ address }) => URL.parse(address))
    .find((url) => url !== null && /^https?:$/.test(url.protocol))?.origin;
}

function kindOf(path: string, type: string): DocumentKind | undefined {
  if (isPageType(type)) return "page";
  if (path === "/robots.txt") return "robots";
  return entryOf(KINDS, essenceOf(type)) ??
    (path.endsWith(".webmanifest") ? "manifest" : undefined);
}
