/**
 * Compares skiff with other servers on this machine:
 *
 *     deno task bench:compare [--peers a,b] [--workloads x,y] [--rounds N]
 *         [--seconds S] [--json FILE] [--into FILE] [--skiff OPTIONS]
 *         [--merge FILE,FILE]
 *
 * The figures go to stdout as Markdown, what happens to stderr. See
 * docs/benchmarks.md for how it is measured and what the figures do not show.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { WrongAnswer } from "./exchange.ts";
import { makeFiles } from "./files.ts";
import { thisMachine } from "./machine.ts";
import type { Measures, Run } from "./measure_requests.ts";
import {
  CANNED_LOOP,
  type Peer,
  PEER_NAMES,
  peerNamed,
  RIVALS,
  thisSkiff,
} from "./peers.ts";
import {
  descriptorLimit,
  findProgram,
  killEverything,
  type Pinning,
  pinning,
  run,
} from "./process.ts";
import {
  mergedReport,
  type Report,
  reportJson,
  reportText,
  withFigures,
} from "./report.ts";
import { CannotStart, type Ground, startServer } from "./servers.ts";
import type { Sample } from "./table.ts";
import { type PairFiles, writePair } from "./tls_client.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

/** What was asked for. */
interface Options {
  /** skiff first. */
  readonly peers: readonly Peer[];
  /** Whether the peers were named, and so take part in everything that they can. */
  readonly arePeersNamed: boolean;
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly into: string | undefined;
  /** Files of earlier runs to put together, instead of measuring. */
  readonly merge: readonly string[];
}

/** A command line that cannot be followed. */
class UsageError extends Error {
  override name = "UsageError";
}

/** Descriptors for 10,000 open files or connections, and some to spare. */
const DESCRIPTORS = 20_000;

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      peers: { type: "string" },
      workloads: { type: "string" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      json: { type: "string" },
      into: { type: "string" },
      merge: { type: "string", default: "" },
      skiff: { type: "string", default: "" },
    },
  });
  const skiffOptions = listOf(values.skiff, " ");
  const names = values.peers === undefined
    ? PEER_NAMES
    : listOf(values.peers, ",").filter((name) => name !== "skiff");
  const others = names.map((name) =>
    peerNamed(name, skiffOptions) ?? unknown("peer", name, PEER_NAMES)
  );
  if (new Set(others.map(({ name }) => name)).size < others.length) {
    throw new UsageError("Two peers have the same name");
  }
  const known = WORKLOADS.map(({ name }) => name);
  const wanted = values.workloads === undefined
    ? known
    : listOf(values.workloads, ",");
  return {
    peers: [thisSkiff(skiffOptions), ...others],
    arePeersNamed: values.peers !== undefined,
    workloads: wanted.map((name) =>
      WORKLOADS.find((workload) => workload.name === name) ??
        unknown("workload", name, known)
    ),
    rounds: countOf("rounds", values.rounds),
    seconds: countOf("seconds", values.seconds),
    json: values.json,
    into: values.into,
    merge: listOf(values.merge, ","),
  };
}

function listOf(text: string, separator: string): string[] {
  return text.split(separator).filter((part) => part !== "");
}

function countOf(name: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} "${text}" is not a whole number from 1`);
}

function unknown(kind: string, name: string, known: readonly string[]): never {
  throw new UsageError(
    `There is no ${kind} "${name}". There are: ${known.join(", ")}`,
  );
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** One run, and all that it gathers. */
class Comparison {
  readonly #options: Options;
  readonly #directory: string;
  readonly #ground: Ground;
  readonly #versions = new Map<string, string>();
  readonly #notes = new Set<string>();
  /** Bytes of skiff's answer in each workload, which the canned servers answer as well. */
  readonly #answerBytes = new Map<string, number>();
  /** Who is left out of what: names of workload and peer. */
  readonly #excluded = new Set<string>();
  readonly #pair: PairFiles;
  #samples: Sample[] = [];
  #hasBroken = false;

  /** A run in a directory of its own. */
  constructor(options: Options, directory: string, pinning: Pinning) {
    this.#options = options;
    this.#directory = directory;
    this.#pair = writePair(directory);
    this.#ground = {
      root: `${directory}/site`,
      directory: `${directory}/servers`,
      pinning,
      descriptors: descriptorLimit(DESCRIPTORS),
    };
  }

  /** Whether skiff itself has answered wrongly, or something here is broken. */
  get hasFailed(): boolean {
    return this.#hasBroken ||
      [...this.#excluded].some((pair) => pair.endsWith(" skiff"));
  }

  /** Measures everything. */
  async perform(): Promise<Report> {
    const { workloads, rounds, seconds } = this.#options;
    Deno.mkdirSync(this.#ground.directory);
    const peers = await this.#findPeers();
    await this.#makeFiles();
    for (const workload of workloads) {
      if (this.#lacksProgram(workload)) continue;
      const company = peers.filter((peer) => this.#isIn(workload, peer));
      for (let round = 0; round < rounds; round++) {
        const order = round % 2 === 0 ? company : company.toReversed();
        for (const peer of order) await this.#measure(workload, peer, round);
      }
    }
    return {
      date: new Date(),
      machine: await thisMachine(),
      pinning: this.#ground.pinning.text,
      rounds,
      seconds,
      versions: this.#versions,
      workloads,
      samples: this.#samples,
      notes: [...this.#notes],
    };
  }

  async #findPeers(): Promise<Peer[]> {
    const found: Peer[] = [];
    for (const peer of this.#options.peers) {
      const finding = await peer.find();
      if ("version" in finding) {
        this.#versions.set(peer.name, finding.version);
        found.push(peer);
      } else {
        this.#note(`${peer.name} is left out: ${finding.absence}`);
      }
    }
    return found;
  }

  async #makeFiles(): Promise<void> {
    // Every server is known to have started by its answer with the small file.
    const sites = Map.groupBy(this.#options.workloads, (it) => this.#root(it));
    for (const [root, workloads] of sites) {
      Deno.mkdirSync(root);
      const sets = new Set(workloads.flatMap(({ files }) => files));
      for (const set of sets.add("small")) {
        say(`making files: ${set}`);
        await makeFiles(root, set);
      }
    }
  }

  /** The site of a workload. The crowd has one of its own: beginning to watch it takes most of a second. */
  #root({ files }: Workload): string {
    const { root } = this.#ground;
    return files.includes("crowd") ? `${root}-crowd` : root;
  }

  #lacksProgram({ title, programs = [] }: Workload): boolean {
    const missing = programs.find((name) => findProgram(name) === undefined);
    if (missing === undefined) return false;
    this.#note(`“${title}” is left out: ${missing} is not installed`);
    return true;
  }

  #isIn(workload: Workload, peer: Peer): boolean {
    if (workload.isTls && !peer.hasTls) return false;
    if (peer.isCanned && !workload.isForCanned) return false;
    if (peer.isSkiff) return true;
    if (workload.company === "skiff") return false;
    return this.#options.arePeersNamed || workload.company === "everyone" ||
      isRivalOf(peer, workload);
  }

  async #measure(
    workload: Workload,
    peer: Peer,
    round: number,
  ): Promise<void> {
    const pair = `${workload.name} ${peer.name}`;
    if (this.#excluded.has(pair)) return;
    const place = `${workload.name} ${round + 1}/${this.#options.rounds}`;
    try {
      const measures = await this.#measureOnce(workload, peer);
      if (peer.name === "skiff" && measures.answerBytes !== undefined) {
        this.#answerBytes.set(workload.name, measures.answerBytes);
      }
      this.#samples.push({
        workload: workload.name,
        peer: peer.name,
        round,
        measures,
      });
      say(`${place} ${peer.name}: ${measuresText(workload, measures)}`);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (!isOfServer(error)) {
        this.#hasBroken = true;
        say(error.stack ?? "");
      }
      this.#excluded.add(pair);
      this.#samples = this.#samples.filter((sample) =>
        sample.workload !== workload.name || sample.peer !== peer.name
      );
      this.#note(
        `${peer.name} is left out of “${workload.title}”: ${error.message}`,
      );
    }
  }

  async #measureOnce(workload: Workload, peer: Peer): Promise<Measures> {
    const answerBytes = this.#answerBytes.get(workload.name);
    const pair = workload.isTls ? this.#pair : undefined;
    const root = this.#root(workload);
    const ground = { ...this.#ground, root, answerBytes, pair };
    const server = await startServer(peer, ground);
    const { pinning, descriptors } = ground;
    const context: Run = {
      root,
      seconds: this.#options.seconds,
      pair,
      load: { directory: this.#directory, pinning, descriptors },
      again: (logFile) => startServer(peer, ground, logFile),
      note: (text) => this.#note(`${workload.title}: ${text}`),
    };
    try {
      return await workload.measure(server, context);
    } catch (error) {
      const ending = server.ending();
      throw ending === undefined ? error : new WrongAnswer(ending);
    } finally {
      await server.stop();
    }
  }

  #note(text: string): void {
    this.#notes.add(text);
    say(`note: ${text}`);
  }
}

/** The canned loop is the ceiling for every workload that it can serve. */
function isRivalOf(peer: Peer, workload: Workload): boolean {
  return workload.company === "rivals" &&
    (RIVALS.includes(peer.name) || peer.name === CANNED_LOOP);
}

/** Whether an error tells of the server that is measured, rather than of a mistake here. */
function isOfServer(error: unknown): boolean {
  return error instanceof WrongAnswer || error instanceof CannotStart ||
    error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe;
}

function measuresText(workload: Workload, measures: Measures): string {
  const texts = workload.figures
    .filter(({ name }) => measures[name] !== undefined)
    .map(({ name, title, digits }) =>
      `${title} ${measures[name]!.toFixed(digits)}`
    );
  const { perCpuSecond } = measures;
  if (perCpuSecond !== undefined) {
    texts.push(`req/s of CPU time ${perCpuSecond.toFixed(0)}`);
  }
  return texts.join(", ");
}

/** Takes away what a run has made, whatever happens. Returns what does it. */
function cleanUpAtEnd(directory: string): () => void {
  const cleanUp = () => {
    killEverything();
    try {
      Deno.removeSync(directory, { recursive: true });
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      cleanUp();
      Deno.exit(130);
    });
  }
  addEventListener("unhandledrejection", cleanUp);
  return cleanUp;
}

async function writeReport(report: Report, options: Options): Promise<void> {
  const text = reportText(report);
  await Deno.stdout.write(new TextEncoder().encode(text));
  const { json, into } = options;
  if (json !== undefined) await Deno.writeTextFile(json, reportJson(report));
  if (into === undefined) return;
  const document = await Deno.readTextFile(into);
  await Deno.writeTextFile(into, withFigures(document, text));
  await run([Deno.execPath(), "fmt", "--quiet", into]);
}

async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }
  if (options.merge.length > 0) {
    const texts = options.merge.map((path) => Deno.readTextFileSync(path));
    await writeReport(mergedReport(texts), options);
    return 0;
  }
  if (findProgram("wrk") === undefined) {
    say("wrk is needed, and is not installed");
    return 1;
  }
  const directory = Deno.makeTempDirSync({ prefix: "skiff-bench-" });
  const cleanUp = cleanUpAtEnd(directory);
  try {
    // Servers that give up root's rights must reach the files.
    Deno.chmodSync(directory, 0o755);
    const comparison = new Comparison(options, directory, await pinning());
    await writeReport(await comparison.perform(), options);
    return comparison.hasFailed ? 1 : 0;
  } finally {
    cleanUp();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
