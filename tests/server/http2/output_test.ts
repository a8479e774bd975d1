import { assert, assertEquals } from "@std/assert";
import {
  CONTROL_BYTES_MAX,
  Http2Output,
} from "../../../lib/server/http2/output.ts";

Deno.test("Http2Output is flooded when too many control frames wait for a client that does not read", () => {
  const { promise } = Promise.withResolvers<number>();
  const socket = { write: () => promise } as unknown as Deno.Conn;
  const owner = {
    streams: [],
    window: 0,
    onContent: () => {},
    onSent: () => {},
    onFailed: () => {},
  };
  const output = new Http2Output(socket, owner, () => undefined);
  output.settingsAck();
  output.flush();
  let bytes = 0;
  for (; !output.isFlooded; bytes += 9) output.settingsAck();
  assertEquals(bytes, Math.floor(CONTROL_BYTES_MAX / 9 + 1) * 9);
  assert(output.isWriting);
});
