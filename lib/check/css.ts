/**
 * Finds the addresses in a style sheet: url(), @import, and the strings of
 * image-set().
 *
 * @module
 */

import { tokenizer, TokenType } from "@csstools/css-tokenizer";
import { LineCounter } from "./line_counter.ts";
import {
  type Reference,
  type ReferenceKind,
  REFERENCES_MAX,
} from "./reference.ts";

/** Functions whose strings are addresses of images. */
const IMAGE_FUNCTIONS = /^(?:-webkit-)?image-set$|^(?:image|src)$/;

/** What a text with an address contains: most attributes and some sheets have none, and cost nothing. */
const MAY_REFER = /url\(|@import|image-set\(|src\(/i;

/** Returns the addresses in the text of a style sheet, or of a style attribute, that begins on a line of its file. */
export function cssReferences(
  text: string,
  firstLine: number = 1,
): Reference[] {
  if (!MAY_REFER.test(text)) return [];
  const lines = new LineCounter(text, firstLine);
  const references: Reference[] = [];
  const scope = new Scope();
  const tokens = tokenizer({ css: text });
  while (!tokens.endOfFile() && references.length < REFERENCES_MAX) {
    const [type, , start, , value] = tokens.nextToken();
    const kind = scope.next(
      type,
      (value as { value?: string } | undefined)?.value,
    );
    if (kind === undefined) continue;
    const { value: address } = value as { value: string };
    references.push({ kind, address, line: lines.at(start) });
  }
  return references;
}

/** What surrounds the next token. */
class Scope {
  /** The at-rule whose prelude is being read. */
  #prelude: string | undefined;
  /** The at-rules of the open blocks, the innermost last: "font-face" has fonts. */
  #blocks: string[] = [];
  /** Names of the open functions. */
  #functions: string[] = [];
  /** The property whose value is being read. */
  #identifier = "";

  /** Takes a token. Returns what it refers to, if it is an address. */
  next(type: TokenType, value: string | undefined): ReferenceKind | undefined {
    switch (type) {
      case TokenType.AtKeyword:
        this.#prelude = value!.toLowerCase();
        return;
      case TokenType.OpenCurly:
        this.#blocks.push(this.#prelude ?? "");
        this.#prelude = undefined;
        return;
      case TokenType.CloseCurly:
        this.#blocks.pop();
        this.#end();
        return;
      case TokenType.Semicolon:
        this.#end();
        return;
      case TokenType.Function:
        this.#functions.push(value!.toLowerCase());
        return;
      case TokenType.OpenParen:
        this.#functions.push("");
        return;
      case TokenType.CloseParen:
        this.#functions.pop();
        return;
      case TokenType.Ident:
        if (this.#functions.length === 0) {
          this.#identifier = value!.toLowerCase();
        }
        return;
      case TokenType.URL:
        return this.#kind();
      case TokenType.String:
        return this.#ofString();
      default:
        return;
    }
  }

  #end(): void {
    this.#prelude = undefined;
    this.#functions.length = 0;
  }

  #ofString(): ReferenceKind | undefined {
    const name = this.#functions.at(-1);
    if (name === undefined) {
      return this.#prelude === "import" ? "style" : undefined;
    }
    const isAddress = name === "url" || IMAGE_FUNCTIONS.test(name);
    return isAddress ? this.#kind() : undefined;
  }

  #kind(): ReferenceKind | undefined {
    if (this.#prelude === "import") {
      // supports(…) and layer(…) of an import contain no address.
      const [name, ...others] = this.#functions.slice(0, 2);
      const isPlain = name === undefined ||
        name === "url" && others.length === 0;
      return isPlain ? "style" : undefined;
    }
    // Names of vocabularies, not addresses.
    if (this.#prelude === "namespace" || this.#prelude === "document") return;
    if (this.#blocks.at(-1) === "font-face" && this.#identifier === "src") {
      return "font";
    }
    // A custom property is resolved where it is used, which only a browser knows.
    return this.#identifier.startsWith("--") ? undefined : "image";
  }
}
