/**
 * Bytes of a document → text, in the encoding that browsers would use.
 *
 * @module
 */

/** Bytes in which a document says its encoding (HTML standard §13.2.3.2). */
const PRESCAN_BYTES = 1024;

/** Text, and whether all bytes were text. */
export interface DecodedText {
  readonly text: string;
  readonly isClean: boolean;
}

/** Decodes a document. `isCut` allows a character to end beyond the bytes. Never throws. */
export function decodeDocument(
  bytes: Uint8Array,
  contentType: string,
  isCut: boolean,
): DecodedText {
  const label = labelOf(bytes, contentType);
  try {
    const text = decoderFor(label, true).decode(bytes, { stream: isCut });
    return { text, isClean: !text.includes("\0") };
  } catch {
    return { text: decoderFor(label, false).decode(bytes), isClean: false };
  }
}

function labelOf(bytes: Uint8Array, contentType: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const declared = /;\s*charset="?([\w.:-]+)/i.exec(contentType)?.[1];
  if (declared !== undefined) return declared;
  const beginning = new TextDecoder("latin1").decode(
    bytes.subarray(0, PRESCAN_BYTES),
  );
  const own = /<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(beginning) ??
    /^<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)/.exec(beginning) ??
    /^@charset "([\w.:-]+)";/.exec(beginning);
  return own?.[1] ?? "utf-8";
}

function decoderFor(label: string, fatal: boolean): TextDecoder {
  try {
    return new TextDecoder(label, { fatal });
  } catch {
    return new TextDecoder("utf-8", { fatal });
  }
}
