/**
 * Clients of HTTP/2 for the soak test: many streams at once, some of which are
 * reset, some never read.
 *
 * @module
 */

import { ErrorCode } from "../../lib/http/http2/frames.ts";
import { bytesOf, type Response } from "../helpers.ts";
import { Http2Client } from "../http2_client.ts";
import { linesOf, StreamEnded } from "../http2_messages.ts";
import { Wrong } from "./client.ts";
import type { SoakFile } from "./files.ts";
import { check, pick, type World } from "./world.ts";

/** Most streams that a client begins at once. */
const STREAMS = 40;

/** How long a response may take, in ms: on a busy machine, many streams beside it have bytes too. */
const PATIENCE_MS = 120_000;

/** A request for a file, and the statuses that are legal for it. */
interface Request {
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly legal: readonly number[];
}

function requestFor(world: World, file: SoakFile): Request {
  const start = world.random(file.base);
  const end = start + world.random(200_000);
  return pick<Request>(world, [
    { method: "GET", fields: {}, legal: [200] },
    { method: "HEAD", fields: {}, legal: [200] },
    { method: "GET", fields: { "Accept-Encoding": "gzip" }, legal: [200] },
    {
      method: "GET",
      fields: { Range: `bytes=${start}-${end}` },
      legal: [206, 416],
    },
  ]);
}

/** The response on a stream; undefined if the file changed while it was sent. */
async function responseOn(
  client: Http2Client,
  id: number,
): Promise<Response | undefined> {
  try {
    return await client.response(id, PATIENCE_MS);
  } catch (error) {
    const hasChanged = error instanceof StreamEnded &&
      error.code === ErrorCode.InternalError;
    if (hasChanged) return undefined;
    throw new Wrong(`HTTP/2: ${error}`);
  }
}

/** One request and its response, which must be a true one. */
async function ask(world: World, client: Http2Client): Promise<void> {
  const file = pick(world, world.files);
  const { method, fields, legal } = requestFor(world, file);
  const askedAt = Date.now();
  const id = await client.begin(linesOf(method, file.path, fields));
  const response = await responseOn(client, id);
  if (response === undefined) {
    world.tally.ended++;
    return;
  }
  const body = bytesOf(response.body);
  check(world, file, { ...response, body, askedAt }, legal);
}

/** A request that the client takes back, before or after something has come. */
async function cancel(world: World, client: Http2Client): Promise<void> {
  const { path } = world.files[world.files.length - 1]!;
  const id = await client.begin(linesOf("GET", path, {}));
  await new Promise((resolve) => setTimeout(resolve, world.random(20)));
  await client.reset(id);
  world.tally.ended++;
}

/** A client that reads nothing of several downloads, and goes. */
async function stall(world: World): Promise<void> {
  await using client = await Http2Client.connect(world.port, {
    settings: [[4, 0]],
  });
  for (let count = 0; count < 10; count++) {
    await client.begin(linesOf("GET", pick(world, world.files).path, {}));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  world.tally.ended++;
}

/** One connection after the other, each with some rounds of streams, until the time is over. */
export async function beHttp2Client(
  world: World,
  deadline: number,
): Promise<void> {
  while (Date.now() < deadline) {
    try {
      await using client = await Http2Client.connect(world.port);
      for (let i = world.random(10); i >= 0 && Date.now() < deadline; i--) {
        const streams = 1 + world.random(STREAMS);
        await Promise.all(Array.from(
          { length: streams },
          (_, at) => at % 10 === 9 ? cancel(world, client) : ask(world, client),
        ));
        // What was seen is not looked at again.
        client.frames.length = 0;
      }
      if (world.random(4) === 0) await stall(world);
    } catch (error) {
      const text = error instanceof Wrong ? error.message : `HTTP/2: ${error}`;
      world.tally.wrongs.push(text);
    }
  }
}
