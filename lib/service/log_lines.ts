/**
 * Reads the lines of a log file, gzipped or not, without keeping more than one.
 *
 * @module
 */

/** How gzip begins (RFC 1952 §2.3.1). */
const GZIP = [0x1f, 0x8b];

/** Yields the lines of a stream of bytes; a line longer than `charactersMax` is cut there. */
export async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  charactersMax: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = "";
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    let at = 0;
    for (
      let feed = text.indexOf("\n");
      feed !== -1;
      feed = text.indexOf("\n", at)
    ) {
      yield (line + text.slice(at, feed)).replace(/\r$/, "");
      line = "";
      at = feed + 1;
    }
    // One character more than is allowed shows that the line was too long.
    line = (line + text.slice(at)).slice(0, charactersMax + 1);
  }
  if (line !== "") yield line;
}

/** Opens a log as a stream of bytes: what gzip holds, if it begins like gzip. The stream closes the file. */
export async function openLog(
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  const file = await Deno.open(path);
  const beginning = new Uint8Array(GZIP.length);
  let isGzip = false;
  try {
    const count = await file.read(beginning);
    isGzip = count === GZIP.length &&
      GZIP.every((byte, index) => beginning[index] === byte);
    await file.seek(0, Deno.SeekMode.Start);
  } catch (error) {
    file.close();
    throw error;
  }
  return isGzip
    ? file.readable.pipeThrough(new DecompressionStream("gzip"))
    : file.readable;
}
