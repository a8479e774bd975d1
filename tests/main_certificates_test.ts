/**
 * Certificates that change while the program runs.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { CAN_SERVE_TLS } from "../lib/server/tls/listener.ts";
import {
  certificateOf,
  FIRST_PAIR,
  type NamedPair,
  PAIRS,
  putPair,
  replaceFile,
  requestTls,
  tlsArgs,
  tlsClient,
  untilCertificate,
} from "./certificates.ts";
import {
  type Files,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "./helpers.ts";
import { IS_UNIX } from "./place.ts";
import * as pairs from "./service/pairs.ts";
import { Skiff, testTable } from "./skiff.ts";

const [FIRST, SECOND, THIRD, FOURTH] = PAIRS as readonly [
  NamedPair,
  NamedPair,
  NamedPair,
  NamedPair,
];

/** With a listener of the runtime's own, only Linux can change certificates. */
const CAN_CHANGE = CAN_SERVE_TLS || Deno.build.os === "linux";
const IS_POSSIBLE = HAS_PROGRAMS && IS_UNIX && CAN_CHANGE;
const NEEDS = CAN_CHANGE ? "" : " (needs Linux, or servers of node:tls)";

/** A test of certificates that change. */
function testChange(name: string, fn: () => Promise<void>): void {
  testWith(IS_POSSIBLE, name + NEEDS, fn);
}

/** The same with each kind of crew. */
function testChanges(
  title: string,
  crews: readonly string[],
  nameOf: (crew: string) => string,
  fn: (crew: string) => Promise<void>,
): void {
  testTable(IS_POSSIBLE, title + NEEDS, crews, nameOf, fn);
}

/** With one isolate and with several. */
const CREWS = ["--workers=1", "--workers=2"];

function createYard(files: Files = {}) {
  return new TemporaryDirectory({ "site/a.txt": "first", ...files });
}

testChanges(
  "certificates that change are shown by themselves, however they change",
  CREWS,
  (crew) =>
    `certificates that change are shown by themselves, however they change (${crew})`,
  async (crew) => {
    using yard = createYard();
    for (const { name, cert, key } of [FIRST, SECOND]) {
      yard.write(`archive/${name}/live.pem`, cert);
      yard.write(`archive/${name}/live.key`, key);
    }
    // As certbot has them: links to where the files of the day are.
    for (const file of ["live.pem", "live.key"]) {
      Deno.symlinkSync(`archive/${FIRST.name}/${file}`, yard.join(file));
    }
    await using skiff = new Skiff([
      yard.join("site"),
      ...tlsArgs(yard),
      crew,
    ]);
    const port = await skiff.listening();
    assertEquals(await certificateOf(port), FIRST.name);
    using open = await tlsClient(port);
    await open.get("/a.txt");
    await open.response();

    for (const file of ["live.key", "live.pem"]) {
      Deno.symlinkSync(`archive/${SECOND.name}/${file}`, yard.join("next"));
      Deno.renameSync(yard.join("next"), yard.join(file));
    }
    await untilCertificate(port, SECOND.name);
    putPair(yard, THIRD);
    await untilCertificate(port, THIRD.name);
    // In place, the one after the other.
    yard.write("live.pem", FOURTH.cert);
    yard.write("live.key", FOURTH.key);
    await untilCertificate(port, FOURTH.name);

    await open.get("/a.txt");
    assertEquals((await open.response()).body, "first");
    assert(!skiff.stderr.includes("skiff: "), skiff.stderr);
    const said = skiff.stderr.split("The certificate was reloaded\n");
    assertEquals(said.length, 4);
  },
);

testChanges(
  "a pair that cannot be used is refused, and the old one kept",
  CREWS,
  (crew) =>
    `a pair that cannot be used is refused, and the old one kept (${crew})`,
  async (crew) => {
    using yard = createYard();
    putPair(yard, FIRST);
    await using skiff = new Skiff([
      yard.join("site"),
      ...tlsArgs(yard),
      crew,
    ]);
    const port = await skiff.listening();
    const bad = [
      [SECOND.cert, FIRST.key, "it belongs to another certificate"],
      ["garbage", FIRST.key, "expected a chain in PEM"],
      [FIRST.cert, FIRST.key.slice(0, 100), "without a password"],
      [
        FIRST.cert + pairs.CA.repeat(200),
        FIRST.key,
        "clients reject a chain of more than 10 certificates",
      ],
      [
        pairs.CA + FIRST.cert,
        FIRST.key,
        "must be the first one of the chain",
      ],
      [
        FIRST.cert + SECOND.cert,
        FIRST.key,
        "certificate 2 has issued none before it",
      ],
      [
        FIRST.cert + pairs.CA.slice(0, 300),
        FIRST.key,
        "a chain in PEM that is whole",
      ],
    ] as const;
    for (const [cert, key, message] of bad) {
      putPair(yard, { name: "", cert, key });
      await skiff.reload("Nothing was reloaded: ");
      await until(() => skiff.stderr.includes(message), message);
      assertEquals(await certificateOf(port), FIRST.name);
    }
    // Without a signal it is found out as well.
    yard.write("live.pem", "nonsense");
    await until(
      () => skiff.stderr.includes("skiff: The certificate was not reloaded: "),
      "what is said of the certificate",
    );
    assertEquals(await certificateOf(port), FIRST.name);
    putPair(yard, SECOND);
    await untilCertificate(port, SECOND.name);
    assert(!skiff.stderr.includes("died"), skiff.stderr);
  },
);

testTable(
  HAS_PROGRAMS && IS_UNIX && CAN_SERVE_TLS,
  "no new connection is lost while certificates change five times" +
    (CAN_SERVE_TLS ? "" : " (needs servers of node:tls)"),
  CREWS,
  (crew) => crew,
  async (crew) => {
    using yard = createYard();
    putPair(yard, FIRST);
    await using skiff = new Skiff([
      yard.join("site"),
      ...tlsArgs(yard),
      "--log=off",
      crew,
    ]);
    const port = await skiff.listening();
    await using knocker = new Knocker(port);
    await knocker.made(20);
    for (const pair of [SECOND, THIRD, FOURTH, FIRST, SECOND]) {
      putPair(yard, pair);
      await skiff.reload();
      // All the time there are connections, and still the old pair is soon gone.
      await untilCertificate(port, pair.name, 12);
      await knocker.made(20);
    }
    assertEquals(await knocker.failures(), []);
  },
);

/** A process that makes one TLS connection after the other. */
class Knocker implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  #lines: string[] = [];

  constructor(port: number) {
    const script = `
      const [port] = Deno.args;
      const ca = ${JSON.stringify(pairs.CA)};
      const wish = new TextEncoder().encode(
        "GET /a.txt HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n",
      );
      async function knock() {
        const socket = await Deno.connectTls({ hostname: "127.0.0.1", port: Number(port), caCerts: [ca] });
        try {
          await socket.write(wish);
          const buffer = new Uint8Array(4096);
          let length = 0;
          for (let count; (count = await socket.read(buffer)) !== null;) length += count;
          return length > 0 ? "made" : "nothing came";
        } finally {
          socket.close();
        }
      }
      async function loop() {
        for (;;) {
          const outcome = await knock().catch((error) => String(error));
          Deno.stdout.writeSync(new TextEncoder().encode(outcome + "\\n"));
        }
      }
      await Promise.all([loop(), loop(), loop(), loop()]);`;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-lock",
        "--ext=js",
        script,
        String(port),
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#ended = this.#collect();
  }

  async #collect(): Promise<void> {
    let rest = "";
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      this.#lines.push(...lines);
    }
    await this.#child.status;
  }

  /** Waits until so many more have been made. */
  async made(count: number): Promise<void> {
    const before = this.#lines.length;
    await until(() => this.#lines.length >= before + count, "connections");
  }

  /** Ends it, and returns what went wrong before. */
  async failures(): Promise<string[]> {
    const lines = this.#lines;
    this.#lines = [];
    await this[Symbol.asyncDispose]();
    return lines.filter((line) => line !== "made");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#ended;
  }
}

testChange(
  "a certificate that changes does not bring a configuration that is being written",
  async () => {
    using yard = createYard({ "skiff.json": "{}" });
    putPair(yard, FIRST_PAIR);
    await using skiff = new Skiff([yard.join("site"), ...tlsArgs(yard)]);
    const port = await skiff.listening();
    replaceFile(yard, "skiff.json", '{ "cacheControl": ');
    putPair(yard, SECOND);
    await untilCertificate(port, SECOND.name);
    assertEquals((await requestTls(port, "GET", "/a.txt")).status, 200);
    assert(!skiff.stderr.includes("skiff: "), skiff.stderr);
  },
);

testChange(
  "SIGHUP goes over to other files of a pair, and these are watched",
  async () => {
    using yard = createYard({
      "other.pem": THIRD.cert,
      "other.key": THIRD.key,
    });
    putPair(yard, FIRST_PAIR);
    const config = (name: string) =>
      JSON.stringify({
        tlsCert: yard.join(`${name}.pem`),
        tlsKey: yard.join(`${name}.key`),
      });
    yard.write("skiff.json", config("live"));
    await using skiff = new Skiff([
      yard.join("site"),
      "--port=0",
      `--config=${yard.join("skiff.json")}`,
    ]);
    const port = await skiff.listening();
    assertEquals(await certificateOf(port), FIRST.name);
    replaceFile(yard, "skiff.json", config("other"));
    await skiff.reload();
    await untilCertificate(port, THIRD.name);
    replaceFile(yard, "other.pem", FOURTH.cert);
    replaceFile(yard, "other.key", FOURTH.key);
    await untilCertificate(port, FOURTH.name);
  },
);

testChange("a download goes on while everything is read anew", async () => {
  using yard = createYard();
  putPair(yard, FIRST_PAIR);
  const length = 24 * 1024 * 1024;
  yard.write("site/big.bin", "");
  Deno.truncateSync(yard.join("site/big.bin"), length);
  await using skiff = new Skiff([yard.join("site"), ...tlsArgs(yard)]);
  const port = await skiff.listening();
  using client = await tlsClient(port);
  await client.get("/big.bin");
  await client.head();
  putPair(yard, SECOND);
  await skiff.reload();
  await untilCertificate(port, SECOND.name);
  const bytes = await within(client.bytes(length), "the download");
  assertEquals(bytes.length, length);
  await client.get("/a.txt");
  assertEquals((await client.response()).body, "first");
});
