import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { TemporaryDirectory } from "../helpers.ts";
import { programPath } from "../programs.ts";
import { Probe } from "./crowd.ts";
import { Program, testLinux } from "./program.ts";

/** Clients of an attack. */
const CLIENTS = 500;

/** For how many seconds it goes on; for longer where the attacker has not brought his clients together by then. */
const SECONDS = [3, 12];

/** Longest time that anybody else may have to wait meanwhile, in ms. */
const ANSWER_MS_MAX = 1000;

/** For how many seconds the attacker's own probe waits for an answer. */
const PATIENCE = 2;

/** Longer than all ranges that are asked for. */
const MEDIUM_BYTES = 64 * 1024;

/** More than the system's buffers hold for a client that does not read. */
const LARGE_BYTES = 20 * 1024 * 1024;

/** The attacks that the program knows. */
const MODES: readonly (readonly [name: string, args: string, path: string])[] =
  [
    ["slow heads", "-H -i 1", "/a.txt"],
    ["slow bodies", "-B -i 1 -s 1000000", "/a.txt"],
    ["many ranges", "-R -t GET", "/medium.bin"],
    ["slow reading", "-X -w 1 -y 2 -n 1 -z 5", "/large.bin"],
  ];

/** What it says of one second. */
interface Second {
  readonly closed: number;
  readonly pending: number;
  readonly connected: number;
  /** 0 when its own probe was not answered in time. */
  readonly available: number;
}

function readTable(text: string): Second[] {
  return text.trim().split("\n").slice(1).map((line) => {
    const [, closed, pending, connected, available] = line.split(",").map(
      Number,
    );
    return {
      closed: closed!,
      pending: pending!,
      connected: connected!,
      available: available!,
    };
  });
}

async function attackFor(
  seconds: number,
  args: string,
  url: string,
  directory: string,
): Promise<Second[]> {
  const given =
    `${args} -c ${CLIENTS} -r ${CLIENTS} -l ${seconds} -p ${PATIENCE} -g -o`;
  const prefix = `${directory}/attack`;
  const { success, stdout } = await new Deno.Command("slowhttptest", {
    args: [...given.split(" "), prefix, "-u", url],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stdout));
  return readTable(Deno.readTextFileSync(`${prefix}.csv`));
}

/** Attacks until nearly all clients have been there. */
async function attack(
  args: string,
  url: string,
  directory: string,
): Promise<Second[]> {
  const told: Second[] = [];
  for (const seconds of SECONDS) {
    told.push(...await attackFor(seconds, args, url, directory));
    const reached = told.map(({ closed, connected }) => closed + connected);
    if (Math.max(...reached) > 0.8 * CLIENTS) return told;
  }
  throw new Error(`No attack: ${JSON.stringify(told)}`);
}

for (const [name, args, path] of MODES) {
  testLinux(
    `others are served during ${name} of slowhttptest (needs slowhttptest)`,
    async () => {
      using site = new TemporaryDirectory({
        "a.txt": "a",
        "medium.bin": new Uint8Array(MEDIUM_BYTES),
        "large.bin": new Uint8Array(LARGE_BYTES),
      });
      using results = new TemporaryDirectory();
      await using program = new Program([site.path, "--port=0", "--log=off"]);
      const port = await program.listening();
      const probe = new Probe(port, "/a.txt");
      const url = `http://localhost:${port}${path}`;
      const seconds = await attack(args, url, results.path);
      await probe.end();

      const unavailable = seconds.filter(({ available }) => available === 0);
      assertEquals(unavailable, []);
      assertLess(probe.worst, ANSWER_MS_MAX);
      assertGreater(probe.count, 5);
      assertEquals(program.stderr.includes("skiff:"), false, program.stderr);
    },
    programPath("slowhttptest") !== undefined,
  );
}
