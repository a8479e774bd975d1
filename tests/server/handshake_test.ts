import { assertEquals } from "@std/assert";
import { errorReply } from "../../lib/http/reply.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { Server } from "../../lib/server/listener.ts";
import { FIRST_PAIR } from "../certificates.ts";
import { HAS_NETWORK, testWith, until } from "../helpers.ts";

/** What a client says before it stands still. */
const STALLS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["nothing at all", []],
  ["the beginning of a hello", [22, 3, 1, 2, 0, 1, 0, 1, 252]],
];

for (const [name, bytes] of STALLS) {
  testWith(
    HAS_NETWORK,
    `nobody waits for a handshake with ${name} after the deadline of a head`,
    async () => {
      const { cert, key } = FIRST_PAIR;
      const listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert,
        key,
      });
      const { port } = listener.addr as Deno.NetAddr;
      const reports: unknown[] = [];
      const timeouts: string[] = [];
      const server = new Server(listener, {
        respond: () => errorReply(404),
        report: (error) => reports.push(error),
        deadlines: { ...DEADLINES, head: 100 },
        counters: {
          accepted: () => {},
          refused: () => {},
          timedOut: (phase) => timeouts.push(phase),
          connections: () => {},
        },
      });
      const served = server.serve();
      using socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await socket.write(Uint8Array.from(bytes));
      await until(() => timeouts.length > 0, "the deadline");
      await until(() => server.connections === 0, "the end");
      await server.stop(0);
      await served;
      assertEquals([timeouts, reports], [["head"], []]);
    },
  );
}
