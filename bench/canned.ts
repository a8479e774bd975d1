/**
 * Servers that know one answer: what the runtime allows when nothing is
 * parsed, decided or looked up. Usage: canned.ts listen|serve PORT FILE [BYTES]
 *
 * `listen` reads, whatever it may be, and writes; `serve` is Deno.serve with
 * a handler that does nothing. With BYTES, the answer of `listen` has that many,
 * head and body, instead of those of the file.
 *
 * @module
 */

/** Fields as a file server gives them, so that the answer has the usual size. */
const FIELDS: readonly (readonly [name: string, value: string])[] = [
  ["Server", "canned"],
  ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["Content-Type", "text/plain; charset=UTF-8"],
  ["Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["ETag", '"0123456789abcdef-400"'],
  ["Cache-Control", "no-cache"],
  ["Accept-Ranges", "bytes"],
];

/** One answer's bytes. */
function answerWith(body: Uint8Array): Uint8Array<ArrayBuffer> {
  let head = "HTTP/1.1 200 OK\r\n";
  for (const [name, value] of FIELDS) head += `${name}: ${value}\r\n`;
  head += `Content-Length: ${body.length}\r\n\r\n`;
  const headBytes = new TextEncoder().encode(head);
  const answer = new Uint8Array(headBytes.length + body.length);
  answer.set(headBytes);
  answer.set(body, headBytes.length);
  return answer;
}

/** An answer of so many bytes in all, which are no fewer than its head. */
function answerOf(bytes: number): Uint8Array<ArrayBuffer> {
  const headOf = (length: number) =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  let length = bytes - headOf(0).length;
  while (headOf(length).length + length > bytes) length--;
  const text = headOf(length) + "x".repeat(length);
  return new TextEncoder().encode(text);
}

async function loop(conn: Deno.TcpConn, answer: Uint8Array): Promise<void> {
  const input = new Uint8Array(4096);
  try {
    conn.setNoDelay(true);
    while (await conn.read(input) !== null) {
      let at = await conn.write(answer);
      while (at < answer.length) at += await conn.write(answer.subarray(at));
    }
  } catch {
    // The client is gone.
  } finally {
    conn.close();
  }
}

async function listen(port: number, answer: Uint8Array): Promise<void> {
  for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
    loop(conn, answer);
  }
}

function serve(port: number, body: Uint8Array<ArrayBuffer>): void {
  // Deno.serve writes Date, Server's absence and Content-Length as it sees fit.
  const headers = FIELDS.filter(([name]) => name !== "Date")
    .map(([name, value]): [string, string] => [name, value]);
  const options = { hostname: "127.0.0.1", port, onListen: () => {} };
  Deno.serve(options, () => new Response(body, { headers }));
}

if (import.meta.main) {
  const [kind, port, file, bytes] = Deno.args;
  const body = Deno.readFileSync(file ?? "");
  if (kind === "serve") serve(Number(port), body);
  else {
    const answer = bytes === undefined
      ? answerWith(body)
      : answerOf(Number(bytes));
    await listen(Number(port), answer);
  }
}
