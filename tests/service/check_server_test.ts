import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { UsageError } from "../../lib/cli/options.ts";
import { checkServer } from "../../lib/service/check_server.ts";
import { StartError } from "../../lib/service/startup.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  utf8,
  writeAll,
} from "../helpers.ts";
import { planFor, TestService } from "./plans.ts";
import { SocketServer } from "./socket_server.ts";

for (
  const [url, flags] of [["ftp://a/", []], ["a", []], ["http://a/", [[
    "format",
    "sarif",
  ]]]] as const
) {
  Deno.test(`checkServer() refuses ${url} ${flags}`, async () => {
    await assertRejects(() => checkServer(url, flags), UsageError);
  });
}

testWith(HAS_NETWORK, "checkServer() finds no fault in skiff", async () => {
  using directory = new TemporaryDirectory({
    "f.txt": "some text that has parts and can be encoded\n".repeat(100),
  });
  await using service = new TestService(planFor(directory.path));
  const url = `http://127.0.0.1:${service.port}/f.txt`;
  const { text, code } = await checkServer(url, []);
  assertEquals([code, text.match(/^(?:FAULT|advice).*$/gm)], [0, null]);
  const json = JSON.parse((await checkServer(url, [["format", "json"]])).text);
  assertEquals(json.counts.passed > 240, true, JSON.stringify(json.counts));
  assertEquals(service.reports, []);
});

testWith(
  HAS_NETWORK,
  "checkServer() needs a file that the server sends",
  async () => {
    using directory = new TemporaryDirectory({});
    await using service = new TestService(planFor(directory.path));
    const error = await assertRejects(
      () => checkServer(`http://127.0.0.1:${service.port}/f.txt`, []),
      StartError,
    );
    assertStringIncludes(error.message, "answers /f.txt with 404");
  },
);

testWith(
  HAS_NETWORK,
  "checkServer() says that there is no server",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    await assertRejects(
      () => checkServer(`http://127.0.0.1:${port}/`, []),
      StartError,
      "Cannot probe",
    );
  },
);

testWith(
  HAS_NETWORK,
  "checkServer() takes a reset for the end of a connection",
  async () => {
    const server = createServer((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await assertRejects(
      () => checkServer(`http://127.0.0.1:${port}/`, []),
      StartError,
      "it sends no valid response",
    );
    server.close();
    await once(server, "close");
  },
);

testWith(
  HAS_NETWORK,
  "checkServer() finds the faults of a server that says yes to everything",
  async () => {
    const body = "yes ".repeat(10);
    const answer = utf8(
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await using server = new SocketServer(() => async (socket) => {
      const buffer = new Uint8Array(4096);
      while (await socket.read(buffer) !== null) await writeAll(socket, answer);
    });
    const { text, code } = await checkServer(
      `http://127.0.0.1:${server.port}/`,
      [],
      { responseMs: 50, endMs: 5 },
    );
    assertEquals(code, 1);
    assertStringIncludes(
      text,
      "HTTP/1.1 without Host is refused: expected 400, got 200",
    );
  },
);
