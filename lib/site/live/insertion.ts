/**
 * Where to put an element into a page, in front of everything that a page can
 * have its own way: behind the document type, and behind the start tags of
 * `html` and `head` if those come next (HTML standard, §13.2.5).
 *
 * Nothing behind that is read, so no `<head>` in a comment, a script or a
 * textarea can mislead it, and a policy in a meta element comes later.
 *
 * @module
 */

/** Bytes in which to look. A document type that comes later is not found, but nothing is put in front of it either. */
export const PROLOG_BYTES_MAX: number = 16 * 1024;

/** How far browsers look for the encoding that a page declares, in bytes (HTML standard, §13.2.3.2). */
const DECLARED_BYTES = 1024;

/** Bytes to insert into a page. */
export interface Insertion {
  /** The index of the byte that they come before. */
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Finds the place for an element of ASCII in a page that begins with these bytes, and writes it in the page's encoding.
 * Undefined if it is not clear what the page begins with; it is for an empty page.
 */
export function findInsertion(
  bytes: Uint8Array,
  element: string,
): Insertion | undefined {
  bytes = bytes.subarray(0, PROLOG_BYTES_MAX);
  const { start, unit, low } = encodingOf(bytes);
  let text = "";
  for (let at = start; at + unit <= bytes.length; at += unit) {
    const high = unit === 1 ? 0 : bytes[at + 1 - low]!;
    // Nothing beyond ASCII has a meaning in what is looked for.
    text += String.fromCharCode(high === 0 ? bytes[at + low]! : 0xff);
  }
  const prolog = new Prolog(text);
  if (bytes.length > 0 && prolog.isUndecided) return undefined;
  const index = unit === 1
    ? behindDeclaration(text, prolog.safe, element.length)
    : prolog.safe;
  const inserted = new Uint8Array(unit * element.length);
  for (let i = 0; i < element.length; i++) {
    inserted[unit * i + low] = element.charCodeAt(i);
  }
  return { at: start + unit * index, bytes: inserted };
}

/** How a page encodes ASCII. */
interface Encoding {
  /** Where its text begins. */
  readonly start: number;
  /** Bytes of a character: two in UTF-16. */
  readonly unit: 1 | 2;
  /** Which of these bytes holds the ASCII code. */
  readonly low: 0 | 1;
}

function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c] = bytes;
  if (a === 0xfe && b === 0xff) return { start: 2, unit: 2, low: 1 };
  if (a === 0xff && b === 0xfe) return { start: 2, unit: 2, low: 0 };
  // A header may declare UTF-16 for a page without a mark.
  if (a === 0 && b === 0x3c) return { start: 0, unit: 2, low: 1 };
  if (a === 0x3c && b === 0) return { start: 0, unit: 2, low: 0 };
  const start = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
  return { start, unit: 1, low: 0 };
}

const SPACE = /[\t\n\f\r ]+/y;
const DOCTYPE = /<!doctype[^>]*>/iy;
/** A comment, which ends early in some ways that few know, or what counts as one: `<?xml … ?>`. */
const COMMENT = /<!--(?:-?>|[^]*?--!?>)|<(?:\?|!(?!--|doctype))[^>]*>/iy;

/** What comes before the content of a head. */
class Prolog {
  /** Where the reading is. */
  at = 0;
  /** Where an element may begin. */
  safe = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#skip();
    this.#keep(this.#match(DOCTYPE));
    this.#skip();
    this.#keep(this.#startTag("html"));
    this.#skip();
    this.#keep(this.#startTag("head"));
  }

  /** Whether a document type may follow that was not found, or a comment that does not end. */
  get isUndecided(): boolean {
    return this.safe === 0 && /^(?:$|<[!?])/.test(this.#text.slice(this.at));
  }

  #keep(wasThere: boolean): void {
    if (wasThere) this.safe = this.at;
  }

  #skip(): void {
    while (this.#match(SPACE) || this.#match(COMMENT));
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    // In ISO-2022-JP, an escape turns bytes like ">" into something else.
    if (match === null || match[0].includes("\x1b")) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  /** Passes a start tag. Values of attributes may contain ">". */
  #startTag(name: string): boolean {
    const text = this.#text;
    const behind = this.at + 1 + name.length;
    const start = text.slice(this.at, behind + 1).toLowerCase();
    if (!start.startsWith(`<${name}`)) return false;
    if (!/[\s/>]$/.test(start)) return false;
    for (let index = behind; index < text.length; index++) {
      if (text[index] === ">") {
        this.at = index + 1;
        return true;
      }
      if (text[index] !== "=") continue;
      while (/\s/.test(text[index + 1] ?? "")) index++;
      const quote = text[index + 1];
      if (quote !== '"' && quote !== "'") continue;
      index = text.indexOf(quote, index + 2);
      if (index === -1) return false;
    }
    return false;
  }
}

/** A declaration of the encoding, which must stay where browsers look for it. */
const DECLARATION = /<meta\s[^>]*?charset[^>]*>/i;

/** Returns an index behind the declaration of an encoding that the text would move out of sight. */
function behindDeclaration(text: string, at: number, length: number): number {
  const declared = DECLARATION.exec(text.slice(0, DECLARED_BYTES));
  if (declared === null || declared.index < at) return at;
  const end = declared.index + declared[0].length;
  return end + length > DECLARED_BYTES ? end : at;
}
