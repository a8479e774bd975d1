/**
 * What the beginning of a file says about its type. Pure. It tells text from
 * other content, one video format from a language with the same extension, and
 * whether a page names its own encoding. Nothing here finds HTML, SVG or a
 * script: content alone must never become something that a browser runs.
 *
 * @module
 */

/** Bytes of a file that its type may depend on: as far as browsers look for the encoding of a page (HTML §13.2.3.2). */
export const BEGINNING_BYTES_MAX = 1024;

/** Controls that text does not have. */
const CONTROL = /(?![\t\n\f\r])\p{Cc}/u;

/** Whether the beginning is valid UTF-8 without controls. The last character may be cut, unless the file ends there. */
export function isText(beginning: Uint8Array): boolean {
  const isCut = beginning.length >= BEGINNING_BYTES_MAX;
  try {
    const text = new TextDecoder("utf-8", { fatal: true })
      .decode(beginning, { stream: isCut });
    return !CONTROL.test(text);
  } catch {
    return false;
  }
}

/** First byte of every packet of an MPEG transport stream (ISO/IEC 13818-1 §2.4.3.2). */
const SYNC_BYTE = 0x47;

/** Where the first sync byte is, and from there every next one: plain, with a time code (Blu-ray), with error correction. */
const PACKETS: readonly (readonly [first: number, length: number])[] = [
  [0, 188],
  [4, 192],
  [0, 204],
];

/** Whether the beginning is that of an MPEG transport stream: two sync bytes at least, none missing, and no text. */
export function isTransportStream(beginning: Uint8Array): boolean {
  const hasSync = PACKETS.some(([first, length]) => {
    if (beginning.length <= first + length) return false;
    for (let at = first; at < beginning.length; at += length) {
      if (beginning[at] !== SYNC_BYTE) return false;
    }
    return true;
  });
  return hasSync && !isText(beginning);
}

/** Whether the beginning is a byte order mark of UTF-16, which every browser believes before any field (Encoding §6). */
export function isUtf16(beginning: Uint8Array): boolean {
  const [first, second] = beginning;
  return first === 0xfe && second === 0xff || first === 0xff && second === 0xfe;
}

function hasUtf8Mark(beginning: Uint8Array): boolean {
  return beginning[0] === 0xef && beginning[1] === 0xbb &&
    beginning[2] === 0xbf;
}

/* In the order of the alternatives: a comment, or all the rest when it does
 * not end; a `meta`, with its attributes; another tag; all the rest when a tag
 * does not end; a declaration or the like. A quote counts only behind "=". The
 * alternatives exclude each other, so that no page makes this slow. */
const ATTRIBUTES = `((?:[^>=]|=(?:\\s*"[^"]*"|\\s*'[^']*'|(?!\\s*["'])))*)`;
const TOKEN = new RegExp(
  `<!--(?:-?>|[^]*?(?:-->|$))|<meta[\\s/]${ATTRIBUTES}>|` +
    `</?[a-z]${ATTRIBUTES}>|</?[a-z][^]*$|<[!/?][^>]*>`,
  "gi",
);

const ATTRIBUTE =
  /([^\s>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?/g;

const CHARSET = /charset\s*=\s*["']?\s*([^\s"';]+)/i;

/**
 * Whether a page says in its first bytes that its encoding is another than UTF-8: by a byte order mark or,
 * outside of comments, by a `meta` with an encoding that browsers know (HTML §13.2.3.2).
 */
export function namesOtherEncoding(beginning: Uint8Array): boolean {
  if (isUtf16(beginning)) return true;
  if (hasUtf8Mark(beginning)) return false;
  const text = new TextDecoder("latin1").decode(beginning);
  for (const [, attributes] of text.matchAll(TOKEN)) {
    if (attributes === undefined) continue;
    const encoding = encodingOf(labelIn(attributes));
    // A page whose meta can be read is not in UTF-16, and is read as UTF-8 then.
    if (encoding !== undefined) return !encoding.startsWith("utf-");
  }
  return false;
}

/** The label of an encoding in the attributes of a `meta`. Of two attributes with one name the first counts. */
function labelIn(attributes: string): string | undefined {
  const values = new Map<string, string>();
  for (
    const [, name, double, single, bare] of attributes.matchAll(ATTRIBUTE)
  ) {
    const key = name!.toLowerCase();
    if (!values.has(key)) values.set(key, double ?? single ?? bare ?? "");
  }
  const charset = values.get("charset");
  if (charset !== undefined) return charset;
  const isContentType =
    values.get("http-equiv")?.toLowerCase() === "content-type";
  return isContentType
    ? CHARSET.exec(values.get("content") ?? "")?.[1]
    : undefined;
}

/** The name of the encoding with this label; undefined when there is none (Encoding §4.2). */
function encodingOf(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
