import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Reply } from "../../../lib/http/reply.ts";
import {
  ALL_WHOLE_BYTES_MAX,
  WATCHED_REPLIES_MAX,
  WHOLE_BYTES_MAX,
  WHOLE_BYTES_MIN,
  type WholeMessage,
  WholeMessages,
} from "../../../lib/server/http1/messages.ts";
import {
  bytesOf,
  parseResponses,
  textOf,
  untilCollected,
} from "../../helpers.ts";
import { FakeSource, NOW, replyOf } from "./output_fakes.ts";

const CONTENT = bytesOf("0123456789abcdef".repeat(1000));

const LONG_CONTENT = new Uint8Array(WHOLE_BYTES_MAX);

/** Takes the message of a reply twice: the first time there is none. */
function takeTwice(
  messages: WholeMessages,
  reply: Reply,
  now: number = NOW,
): WholeMessage | undefined {
  assertEquals(messages.take(reply, "persistent", now), undefined);
  return messages.take(reply, "persistent", now);
}

Deno.test("WholeMessages has the head and the content of a reply that is sent again", () => {
  const messages = new WholeMessages();
  const message = takeTwice(messages, replyOf(CONTENT))!;
  const [response] = parseResponses(textOf(message.bytes), ["GET"]);
  assertEquals(response!.status, 200);
  assertEquals(response!.body, textOf(CONTENT));
  assertEquals(response!.fields.get("date"), new Date(NOW).toUTCString());
  assertEquals(response!.fields.get("connection"), undefined);
  assertStrictEquals(message.content, CONTENT);
});

Deno.test("WholeMessages has one message for all writes in a second, and makes another in the next", () => {
  const messages = new WholeMessages();
  const reply = replyOf(CONTENT);
  const first = takeTwice(messages, reply)!;
  assertStrictEquals(messages.take(reply, "persistent", NOW + 999), first);
  const later = takeTwice(messages, reply, NOW + 1000)!;
  assert(textOf(later.bytes).includes(new Date(NOW + 1000).toUTCString()));
  // A clock that is set back.
  const earlier = takeTwice(messages, reply, NOW)!;
  assert(textOf(earlier.bytes).includes(new Date(NOW).toUTCString()));
});

const OTHERS: Readonly<Record<string, Reply>> = {
  "without a body": replyOf(),
  "with a short content": replyOf(CONTENT.subarray(0, WHOLE_BYTES_MIN - 1)),
  "with two segments": replyOf(CONTENT, CONTENT),
  "with a source": replyOf(new FakeSource(CONTENT.length)),
};

for (const [name, reply] of Object.entries(OTHERS)) {
  Deno.test(`WholeMessages has no message of a reply ${name}`, () => {
    const messages = new WholeMessages();
    assertEquals(takeTwice(messages, reply), undefined);
    assertEquals(messages.bytes, 0);
  });
}

Deno.test("WholeMessages has no message that is too long", () => {
  const messages = new WholeMessages();
  const reply = replyOf(LONG_CONTENT);
  assertEquals(takeTwice(messages, reply), undefined);
  assertEquals(messages.bytes, 0);
});

for (const connection of ["close", "keepAlive"] as const) {
  Deno.test(`WholeMessages has no message that says "${connection}"`, () => {
    const messages = new WholeMessages();
    const reply = replyOf(CONTENT);
    takeTwice(messages, reply);
    assertEquals(messages.take(reply, connection, NOW), undefined);
  });
}

Deno.test("WholeMessages keeps to its memory, whoever still writes", () => {
  const messages = new WholeMessages();
  const content = new Uint8Array(200 * 1024);
  const held: WholeMessage[] = [];
  for (let index = 0; index < 50; index++) {
    // Each in a second of its own, so that only writes hold the messages.
    const message = takeTwice(messages, replyOf(content), NOW + 1000 * index);
    if (message !== undefined) held.push(message);
    assert(messages.bytes <= ALL_WHOLE_BYTES_MAX);
  }
  assertEquals(held.length, 20);
  for (const message of held) messages.release(message);
  assertEquals(messages.bytes, 0);
  assert(takeTwice(messages, replyOf(content)) !== undefined);
});

Deno.test("WholeMessages holds a message until its second and all its writes are over", () => {
  const messages = new WholeMessages();
  const reply = replyOf(CONTENT);
  const message = takeTwice(messages, reply)!;
  messages.take(reply, "persistent", NOW);
  messages.release(message);
  messages.release(message);
  const { bytes } = messages;
  assert(bytes > CONTENT.length);
  messages.take(reply, "persistent", NOW);
  messages.take(replyOf(CONTENT), "persistent", NOW + 1000);
  assertEquals(messages.bytes, bytes);
  messages.release(message);
  assertEquals(messages.bytes, 0);
});

Deno.test("WholeMessages watches only so many replies in a second", () => {
  const messages = new WholeMessages();
  for (let index = 0; index < WATCHED_REPLIES_MAX; index++) {
    messages.take(replyOf(CONTENT), "persistent", NOW);
  }
  const reply = replyOf(CONTENT);
  assertEquals(takeTwice(messages, reply), undefined);
  assert(takeTwice(messages, reply, NOW + 1000) !== undefined);
});

Deno.test("WholeMessages watches no reply that is too long for a message", () => {
  const messages = new WholeMessages();
  for (let index = 0; index < WATCHED_REPLIES_MAX; index++) {
    messages.take(replyOf(LONG_CONTENT), "persistent", NOW);
  }
  assert(takeTwice(messages, replyOf(CONTENT)) !== undefined);
});

Deno.test("WholeMessages keeps no reply in memory that was sent once", async () => {
  const messages = new WholeMessages();
  const sent = new WeakRef(replyOf(CONTENT.slice()));
  messages.take(sent.deref()!, "persistent", NOW);
  await untilCollected([sent]);
  assertEquals(messages.bytes, 0);
});
