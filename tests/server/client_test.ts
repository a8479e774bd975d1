import { assertEquals } from "@std/assert";
import { createClient } from "../../lib/server/client.ts";
import { HAS_NETWORK, testWith } from "../helpers.ts";

const CLIENTS: readonly (readonly [
  name: string,
  socket: unknown,
  peer: string,
  isTls: boolean,
])[] = [
  [
    "IPv4",
    { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } },
    "192.0.2.1",
    false,
  ],
  [
    "IPv6",
    { remoteAddr: { transport: "tcp", hostname: "2001:db8::1", port: 1 } },
    "2001:db8::1",
    false,
  ],
  [
    "TLS",
    {
      remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 },
      handshake: () => Promise.resolve({}),
    },
    "192.0.2.1",
    true,
  ],
  [
    "a Unix socket",
    { remoteAddr: { transport: "unix", path: "/run/x" } },
    "-",
    false,
  ],
];

for (const [name, socket, peer, isTls] of CLIENTS) {
  Deno.test(`createClient() tells who is at the other end: ${name}`, () => {
    const client = createClient(socket as Deno.Conn);
    assertEquals(client, { peer, address: peer, isTls, isSender: true });
  });
}

testWith(
  HAS_NETWORK,
  "createClient() knows the client of a real connection",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const connecting = Deno.connect({ hostname: "127.0.0.1", port });
    using accepted = await listener.accept();
    using _connection = await connecting;
    assertEquals(createClient(accepted), {
      peer: "127.0.0.1",
      address: "127.0.0.1",
      isTls: false,
      isSender: true,
    });
  },
);
