/**
 * Derives facts about a file's type from its first bytes. Pure. It recognises
 * text, tells a video format from a language with the same extension, and finds
 * out whether a page declares its own encoding. It never recognises HTML, SVG
 * or scripts: content alone must not become something that a browser runs.
 *
 * @module
 */

/** Number of bytes to look at: as many as browsers do for the encoding of a page (HTML §13.2.3.2). */
export const BEGINNING_BYTES_MAX = 1024;

const CONTROL = /(?![\t\n\f\r])\p{Cc}/u;

/**
 * Whether the bytes are valid UTF-8 without control characters. The last character may be cut unless the file ends
 * there.
 */
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

/** The first byte of every packet of an MPEG transport stream (ISO/IEC 13818-1 §2.4.3.2). */
const SYNC_BYTE = 0x47;

/**
 * Position of the first sync byte, and distance to the next: plain, with a time code (Blu-ray), with error
 * correction.
 */
const PACKETS: readonly (readonly [first: number, length: number])[] = [
  [0, 188],
  [4, 192],
  [0, 204],
];

/** Whether the bytes begin an MPEG transport stream: at least two sync bytes, none missing, and not text. */
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

/**
 * Whether the bytes begin with a byte order mark of UTF-16, which overrides every field in browsers (Encoding §6).
 */
export function isUtf16(beginning: Uint8Array): boolean {
  const [first, second] = beginning;
  return first === 0xfe && second === 0xff || first === 0xff && second === 0xfe;
}

function hasUtf8Mark(beginning: Uint8Array): boolean {
  return beginning[0] === 0xef && beginning[1] === 0xbb &&
    beginning[2] === 0xbf;
}

/*
 * The alternatives, in order: a comment, or the rest if it does not end; a `meta` with its attributes; another tag;
 * the rest if a tag does not end; a declaration or the like. A quote counts only after "=". The alternatives exclude
 * each other, so matching takes linear time.
 */
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
 * Whether a page declares an encoding other than UTF-8 in its first bytes: by a byte order mark or, outside comments,
 * by a `meta` with an encoding that browsers know (HTML §13.2.3.2).
 */
export function namesOtherEncoding(beginning: Uint8Array): boolean {
  if (isUtf16(beginning)) return true;
  if (hasUtf8Mark(beginning)) return false;
  const text = new TextDecoder("latin1").decode(beginning);
  for (const [, attributes] of text.matchAll(TOKEN)) {
    if (attributes === undefined) continue;
    const encoding = encodingOf(labelIn(attributes));
    // A readable `meta` proves that the page is not in UTF-16; browsers then use UTF-8.
    if (encoding !== undefined) return !encoding.startsWith("utf-");
  }
  return false;
}

/** Returns the encoding label in the attributes of a `meta`. The first of two equal attributes counts. */
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

/** Returns the name of the encoding with this label; undefined if unknown (Encoding §4.2). */
function encodingOf(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
