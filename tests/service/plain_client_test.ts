import { assertEquals, assertRejects } from "@std/assert";
import {
  requestOnce,
  RESPONSE_HEAD_BYTES_MAX,
} from "../../lib/service/plain_client.ts";
import { HAS_NETWORK, testWith, utf8, writeAll } from "../helpers.ts";

/** Serves one connection, and asks it. */
async function ask(answer: string | undefined, ms = 5_000) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const socket = await listener.accept();
    if (answer === undefined) return socket;
    await writeAll(socket, utf8(answer)).catch(() => {});
    socket.close();
    return undefined;
  })();
  const target = {
    address: "127.0.0.1",
    hostname: "localhost",
    port: listener.addr.port,
    isTls: false,
  };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await requestOnce(
      target,
      "GET / HTTP/1.1\r\n\r\n",
      controller.signal,
    );
  } finally {
    clearTimeout(timer);
    (await serving)?.close();
  }
}

testWith(HAS_NETWORK, "requestOnce() keeps the bytes of values", async () => {
  // The second byte of this letter in UTF-8 is 0x80, which Windows-1252 ("latin1" for TextDecoder) takes for "€".
  const { fields } = await ask(
    "HTTP/1.1 301 Moved\r\nLocation: /\u00c0\r\n\r\n",
  );
  assertEquals(fields.get("location"), "/\xc3\x80");
});

testWith(HAS_NETWORK, "requestOnce() reads a head", async () => {
  assertEquals((await ask("HTTP/1.1 204 No Content\r\n\r\n")).status, 204);
});

testWith(
  HAS_NETWORK,
  "requestOnce() refuses what is no response",
  async () => {
    const request = () => ask("HTTP/2 200\r\n\r\n");
    await assertRejects(request, Error, "does not speak HTTP/1");
  },
);

testWith(HAS_NETWORK, "requestOnce() gives up on a silent server", async () => {
  await assertRejects(() => ask(undefined, 50), Error, "no response in time");
});

testWith(
  HAS_NETWORK,
  "requestOnce() gives up on a head without end",
  async () => {
    await assertRejects(
      () =>
        ask(
          "HTTP/1.1 200 OK\r\n" + `A: ${"x".repeat(RESPONSE_HEAD_BYTES_MAX)}`,
        ),
      Error,
      "no response head",
    );
  },
);
