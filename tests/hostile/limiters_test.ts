import net from "node:net";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { RATE_BYTES } from "../../lib/access/limits.ts";
import {
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
  within,
} from "../helpers.ts";
import { Skiff } from "../skiff.ts";
import { ADDRESSES, BUSY, type FloodFigures, REQUESTS } from "./flood.ts";
import { testLinux } from "./program.ts";

const FLOOD = fromFileUrl(new URL("flood.ts", import.meta.url));

testWith(
  HAS_PROGRAMS,
  "a gate takes a million requests of 50,000 addresses in memory that does not grow",
  async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--v8-flags=--expose-gc", FLOOD],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { grown, took, limiterBytes, statuses } = JSON.parse(
      new TextDecoder().decode(stdout),
    ) as FloodFigures;
    // So little that there is nothing in it for each address.
    assertLess(grown, 20 * ADDRESSES);
    assertLess(took, 15_000);
    assertEquals(limiterBytes, RATE_BYTES);
    assertEquals(Object.keys(statuses), ["200", "403", "429"]);
    // Each of the busy ones that are let in may pass 70 times in this minute; all others ask 10 times each.
    const passed = statuses["200"]!;
    const most = 0.9 * BUSY * 70 + 0.9 * 0.98 * 0.4 * REQUESTS;
    assertLess(passed, 1.01 * most);
    assertGreater(passed, 0.99 * most);
  },
);

/** A connection to skiff from an address of this machine: 127.0.0.0/8 has more than enough of them. */
class Visitor implements Disposable {
  readonly #socket: net.Socket;
  readonly #ended: Promise<void>;
  #text = "";

  constructor(port: number, address: string) {
    this.#socket = net.connect({
      host: "127.0.0.1",
      port,
      localAddress: address,
    });
    this.#ended = new Promise((resolve) => {
      this.#socket.on("close", () => resolve());
      this.#socket.on("error", () => resolve());
    });
    this.#socket.on("data", (bytes) => this.#text += bytes.toString("latin1"));
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** All that came, once this is in it or the connection has ended. */
  async until(text: string): Promise<string> {
    const isThere = new Promise<void>((resolve) => {
      if (this.#text.includes(text)) resolve();
      this.#socket.on("data", () => {
        if (this.#text.includes(text)) resolve();
      });
    });
    await within(Promise.race([isThere, this.#ended]), "an answer");
    return this.#text;
  }

  /** All that came, once the connection has ended. */
  async rest(): Promise<string> {
    await within(this.#ended, "the end of a connection");
    return this.#text;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Deno 2.5 lets the system choose the address that a connection comes from. */
const CAN_CHOOSE_ADDRESS = !Deno.version.deno.startsWith("2.5.");

const VISITORS = Array.from({ length: 60 }, (_, i) => `127.${i + 1}.0.9`);

function get(fields: string = ""): string {
  return `GET /a.txt HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
}

function statusesIn(text: string): string[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, code]) => code!);
}

testLinux(
  "60 addresses that ask too often get what they may, each for itself, and 429 for the rest (not on Deno 2.5)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a\n" });
    const burst = 10;
    const asked = 25;
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      "--log=off",
      "--requests-per-second=1",
    ]);
    const port = await skiff.listening();
    const start = performance.now();
    const answers = await Promise.all(VISITORS.map(async (address) => {
      using visitor = new Visitor(port, address);
      visitor.send(get().repeat(asked - 1) + get("Connection: close\r\n"));
      return await visitor.rest();
    }));
    const seconds = Math.ceil((performance.now() - start) / 1000);
    for (const text of answers) {
      const statuses = statusesIn(text);
      assertEquals(statuses.length, asked);
      const passed = statuses.filter((each) => each === "200").length;
      assertGreater(passed, burst - 1);
      assertLess(passed, burst + seconds + 1);
      assertEquals(
        text.split("\r\nRetry-After: 1\r\n").length - 1,
        asked - passed,
      );
    }
    assertEquals(skiff.stderr.includes("skiff:"), false, skiff.stderr);
  },
  CAN_CHOOSE_ADDRESS,
);

testLinux(
  "60 addresses have as many connections as each may, and more when some have left (not on Deno 2.5)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const max = 3;
    const wished = 5;
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      "--log=off",
      `--connections-per-address=${max}`,
    ]);
    const port = await skiff.listening();
    const open = async (address: string): Promise<[Visitor, string]> => {
      const visitor = new Visitor(port, address);
      visitor.send(get());
      return [visitor, await visitor.until("\r\n\r\n")];
    };
    await Promise.all(VISITORS.map(async (address) => {
      const opened: [Visitor, string][] = [];
      for (let i = 0; i < wished; i++) opened.push(await open(address));
      const statuses = opened.flatMap(([, text]) => statusesIn(text));
      assertEquals(statuses, ["200", "200", "200", "429", "429"]);

      // The place is free when the server has seen the end of the connection.
      opened[0]![0].send(get("Connection: close\r\n"));
      await opened[0]![0].rest();
      let status: string | undefined;
      for (let i = 0; i < 20 && status !== "200"; i++) {
        using again = (await open(address))[0];
        [status] = statusesIn(await again.until("\r\n\r\n"));
      }
      assertEquals(status, "200");
      for (const [visitor] of opened) visitor[Symbol.dispose]();
    }));
    assertEquals(skiff.stderr.includes("skiff:"), false, skiff.stderr);
  },
  CAN_CHOOSE_ADDRESS,
);
