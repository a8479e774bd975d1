/**
 * Finds what a page refers to, what it can be linked by, and what it lacks.
 *
 * @module
 */

import { Parser } from "htmlparser2";
import { cssReferences } from "./css.ts";
import {
  addressesOf,
  type Attribute,
  attributeOf,
  type Element,
  hasSize,
  scriptKind,
} from "./html_elements.ts";
import { parseImportMap } from "./json.ts";
import { LineCounter } from "./line_counter.ts";
import {
  type Defect,
  type InlineCode,
  NESTING_MAX,
  type ParsedDocument,
  parsedDocument,
  type Reference,
  REFERENCES_MAX,
} from "./reference.ts";

/** Elements with raw text in which something may stand. */
const RAW: ReadonlySet<string> = new Set(["script", "style"]);

/** Characters of a refresh in which the address is looked for. */
const REFRESH_CHARACTERS_MAX = 4096;

/** Reads a page. Never throws. */
export function parsePage(text: string): ParsedDocument {
  const reader = new PageReader(text);
  return reader.read();
}

/** Takes the events of the parser. */
class PageReader {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #references: Reference[] = [];
  readonly #ids: string[] = [];
  readonly #inlines: InlineCode[] = [];
  readonly #policies: string[] = [];
  readonly #defects: Defect[] = [];
  #attributes: Attribute[] = [];
  #base: string | undefined;
  /** Depth inside templates, which scripts copy: their addresses may have placeholders. */
  #inert = 0;
  /** Open elements. */
  #depth = 0;
  /** Depth inside an SVG, whose titles and scripts are not the page's. */
  #svg = 0;
  /** The script or style whose text is being read. */
  #raw: Element & { text: string; contentLine: number } | undefined;
  #title = "";
  #isTitle = false;
  /** The line of the `<html>` element; undefined while the text may be a fragment of a page. */
  #root: { line: number; hasLang: boolean } | undefined;
  #isDocument = false;
  #isRedirect = false;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineCounter(text);
  }

  read(): ParsedDocument {
    let line = 1;
    const parser: Parser = new Parser({
      onattribute: (name, value) => {
        const line = this.#lines.at(parser.startIndex);
        this.#attributes.push({ name, value, line });
      },
      // The counter needs offsets in the order of the text: here the tag begins.
      onopentagname: () => {
        line = this.#lines.at(parser.startIndex);
      },
      onopentag: (name) => {
        const contentLine = this.#lines.at(parser.endIndex + 1);
        this.#open({ name, line, attributes: this.#attributes }, contentLine);
        this.#attributes = [];
        if (++this.#depth > NESTING_MAX) parser.pause();
      },
      ontext: (data) => {
        if (this.#raw !== undefined) this.#raw.text += data;
        else if (this.#isTitle) this.#title += data;
      },
      onclosetag: (name) => {
        this.#depth--;
        this.#close(name);
      },
      onprocessinginstruction: (name) => {
        if (name.toLowerCase() === "!doctype") this.#isDocument = true;
      },
    });
    parser.write(this.#text);
    if (this.#depth <= NESTING_MAX) parser.end();
    this.#judge();
    return parsedDocument(this.#references, {
      ids: this.#ids,
      base: this.#base,
      inlines: this.#inlines,
      policies: this.#policies,
      defects: this.#defects,
      forwards: this.#isRedirect,
      isCut: this.#isFull(),
    });
  }

  #isFull(): boolean {
    return this.#depth > NESTING_MAX ||
      this.#references.length >= REFERENCES_MAX ||
      this.#ids.length >= REFERENCES_MAX;
  }

  #open(element: Element, contentLine: number): void {
    const { name, attributes, line } = element;
    if (name === "template") this.#inert++;
    if (name === "svg") this.#svg++;
    if (this.#inert > 0 || this.#isFull()) return;
    for (const attribute of attributes) this.#attribute(name, attribute);
    if (name === "html") {
      const hasLang = attributes.some(({ name, value }) =>
        /^(?:xml:)?lang$/.test(name) && value.trim() !== ""
      );
      this.#root = { line, hasLang };
      this.#isDocument = true;
    } else if (name === "title" && this.#svg === 0) {
      this.#isTitle = true;
    } else if (name === "meta") {
      this.#meta(element);
    } else if (RAW.has(name)) {
      this.#raw = { ...element, text: "", contentLine };
    }
    if (name === "base") {
      this.#base ??= attributeOf(element, "href")?.value;
      return;
    }
    this.#addReferences(addressesOf(element));
    if (name === "img" && !hasSize(element)) {
      const source = attributeOf(element, "src")?.value;
      const isShown = source !== undefined && source !== "" &&
        !source.startsWith("data:");
      if (isShown) {
        this.#defect("image-size", "an image has no width and height", line);
      }
    }
  }

  /** Adds references one by one: one element may have more than a call takes arguments. */
  #addReferences(found: readonly Reference[]): void {
    for (const reference of found) {
      if (this.#references.length >= REFERENCES_MAX) return;
      this.#references.push(reference);
    }
  }

  /** Takes what every element may have. */
  #attribute(element: string, { name, value, line }: Attribute): void {
    if (name === "id" || name === "name" && element === "a") {
      if (value !== "") this.#ids.push(value);
    } else if (name === "style") {
      this.#inlines.push({ kind: "style-attribute", text: value, line });
      this.#addReferences(cssReferences(value, line));
    } else if (/^on[a-z]+$/.test(name)) {
      this.#inlines.push({ kind: "script-attribute", text: value, line });
    }
  }

  #meta(element: Element): void {
    const equivalent = attributeOf(element, "http-equiv")?.value.toLowerCase();
    const content = attributeOf(element, "content")?.value;
    if (content === undefined) return;
    if (equivalent === "content-security-policy") this.#policies.push(content);
    if (equivalent !== "refresh") return;
    const beginning = content.trim().slice(0, REFRESH_CHARACTERS_MAX);
    const address = /^[\s\d.]*[;,]?\s*url\s*=\s*["']?([^"']*)/i
      .exec(beginning)?.[1];
    if (address === undefined) return;
    this.#isRedirect = true;
    const { line } = element;
    this.#references.push({ kind: "link", address: address.trim(), line });
  }

  #close(name: string): void {
    if (name === "template") this.#inert = Math.max(0, this.#inert - 1);
    if (name === "svg") this.#svg = Math.max(0, this.#svg - 1);
    if (name === "title") this.#isTitle = false;
    if (this.#raw?.name !== name) return;
    const raw = this.#raw;
    this.#raw = undefined;
    const { text, contentLine, line } = raw;
    const nonce = attributeOf(raw, "nonce")?.value;
    if (name === "style") {
      this.#addReferences(cssReferences(text, contentLine));
      this.#inlines.push({ kind: "style", text, line, nonce });
      return;
    }
    const type = attributeOf(raw, "type")?.value;
    const isMap = type?.trim().toLowerCase() === "importmap";
    const isInline = attributeOf(raw, "src") === undefined &&
      (isMap || scriptKind(type) !== undefined);
    if (!isInline) return;
    this.#inlines.push({ kind: "script", text, line, nonce });
    if (!isMap) return;
    const { references, defects } = parseImportMap(text, contentLine);
    this.#addReferences(references);
    for (const defect of defects) this.#defects.push(defect);
  }

  #defect(rule: Defect["rule"], message: string, line: number): void {
    this.#defects.push({ rule, message, line });
  }

  /** Judges the page as a whole. A fragment that scripts or servers put into pages needs no title. */
  #judge(): void {
    if (!this.#isDocument || this.#isRedirect) return;
    const line = this.#root?.line ?? 1;
    if (this.#title.trim() === "") {
      this.#defect("missing-title", "the page has no title", line);
    }
    if (this.#root !== undefined && !this.#root.hasLang) {
      this.#defect("missing-lang", "the page does not say its language", line);
    }
  }
}
