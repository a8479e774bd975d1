/**
 * Programs on chosen cores: how they are found, started, and above all ended,
 * whatever happens.
 *
 * @module
 */

import { familyOf, killAll, readProc, signal } from "./proc.ts";

/** Which commands stand before another so that it runs on its core. */
export interface Pinning {
  /** For servers. */
  readonly server: readonly string[];
  /** For what loads them. */
  readonly load: readonly string[];
  /** The core of the servers; undefined when they may run on any. */
  readonly serverCore: number | undefined;
  /** The same, for people. */
  readonly text: string;
}

/** What to start. */
export interface Launch {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** What stands before it, see {@linkcode Pinning}. */
  readonly pin: readonly string[];
  /** Most file descriptors it may open. */
  readonly descriptors: number;
  /** Variables beside the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd?: string;
  /** A file that takes its standard output; without one, the output is thrown away. */
  readonly outputFile?: string | undefined;
}

/** Most bytes that are kept of what a child says on stderr. */
const COMPLAINT_LENGTH_MAX = 4096;

/** How long a child may take to end after it was asked to, in ms. */
const STOP_MS = 3000;

const RUNNING = new Set<Child | LoadProcess>();

/** A server: it runs until it is stopped. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #drained: Promise<void>;
  #complaints = "";
  #code: number | undefined;
  #heard: () => void = () => {};

  /** Starts it. */
  constructor(launch: Launch) {
    const [program, ...args] = shellCommand(launch, '>"$out"');
    this.#process = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { ...launch.env },
      ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    }).spawn();
    RUNNING.add(this);
    this.#drained = this.#listen();
  }

  /** Its process id, also that of the program itself: what stands before it is replaced by it. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Its exit code; undefined while it runs. */
  get code(): number | undefined {
    return this.#code;
  }

  /** The line on stderr that tells of an error, or else the last one; "" when there was none. */
  get complaint(): string {
    // deno-lint-ignore no-control-regex
    const plain = this.#complaints.replace(/\x1b\[[0-9;]*m/g, "");
    const lines = plain.split("\n").filter((line) => line.trim() !== "");
    const told = lines.find((line) => /error|cannot|failed/i.test(line));
    return (told ?? lines.at(-1) ?? "").trim();
  }

  /** Waits for a line on stderr; undefined when the process ends, or the time in ms, before it comes. */
  async line(pattern: RegExp, timeout: number): Promise<string[] | undefined> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const found = pattern.exec(this.#complaints);
      if (found !== null) return found;
      const left = deadline - performance.now();
      if (this.#code !== undefined || left <= 0) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#heard = resolve;
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Ends it and what it has started: politely first. */
  async stop(): Promise<void> {
    const family = familyOf(this.pid);
    signal(this.pid, "SIGTERM");
    const timer = setTimeout(() => killAll(family), STOP_MS);
    await this.#process.status;
    clearTimeout(timer);
    // What it has started may outlive it, and holds its stderr open.
    killAll(family);
    await this.#drained;
    RUNNING.delete(this);
  }

  /** Ends it and what it has started, at once. */
  kill(): void {
    if (this.#code === undefined) killAll(familyOf(this.pid));
  }

  async #listen(): Promise<void> {
    this.#process.status.then(({ code }) => {
      this.#code = code;
      this.#heard();
    });
    const text = this.#process.stderr.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      this.#complaints = (this.#complaints + piece)
        .slice(-COMPLAINT_LENGTH_MAX);
      this.#heard();
    }
  }
}

/** Ends everything that runs; for the way out. */
export function killEverything(): void {
  for (const child of RUNNING) child.kill();
}

/** A generator of load: what it prints is read, and it may be told to finish. */
export class LoadProcess {
  readonly #process: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  /** Starts it. */
  constructor(launch: Launch) {
    const [program, ...args] = shellCommand(launch, "2>&1");
    this.#process = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    RUNNING.add(this);
    this.#output = this.#process.stdout
      .pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The first line that it prints. */
  async line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) break;
      this.#text += value;
    }
    return this.#text.split("\n")[0]!;
  }

  /** Ends its standard input, waits for its end, and returns all that it has printed. */
  async finish(): Promise<string> {
    await this.#process.stdin.close();
    for (;;) {
      const { value, done } = await this.#output.read();
      if (done) break;
      this.#text += value;
    }
    await this.#process.status;
    RUNNING.delete(this);
    return this.#text;
  }

  /** Ends it at once. */
  kill(): void {
    killAll(familyOf(this.#process.pid));
  }
}

/** The command behind its limit of descriptors and its core: each stage becomes the next (exec). */
function shellCommand(launch: Launch, redirection: string): string[] {
  const { command, pin, descriptors, outputFile = "/dev/null" } = launch;
  const script = `ulimit -n "$1"; out=$2; shift 2; exec "$@" ${redirection}`;
  return [
    ...["bash", "-c", script, "bash", String(descriptors), outputFile],
    ...pin,
    ...command,
  ];
}

/** Runs a command to its end; undefined when there is no such program. */
export async function run(
  command: readonly string[],
): Promise<{ success: boolean; text: string } | undefined> {
  const [program, ...args] = command;
  try {
    const { success, stdout, stderr } = await new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Where a program lies; servers are often outside an ordinary user's PATH. */
export function findProgram(name: string): string | undefined {
  const path = `${Deno.env.get("PATH") ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
  for (const directory of path.split(":").filter((part) => part !== "")) {
    try {
      const { isFile, mode } = Deno.statSync(`${directory}/${name}`);
      if (isFile && (mode ?? 0) & 0o111) return `${directory}/${name}`;
    } catch {
      // Not there: the next directory.
    }
  }
  return undefined;
}

/** Servers on core 0, load and this process on core 1, where there are two cores and `taskset`. */
export async function pinning(): Promise<Pinning> {
  if (
    navigator.hardwareConcurrency < 2 || findProgram("taskset") === undefined
  ) {
    return {
      server: [],
      load: [],
      serverCore: undefined,
      text: "servers and load not pinned to cores",
    };
  }
  await run(["taskset", "-a", "-cp", "1", String(Deno.pid)]);
  return {
    server: ["taskset", "-c", "0"],
    load: ["taskset", "-c", "1"],
    serverCore: 0,
    text: "servers on core 0, load on core 1",
  };
}

/** Descriptors that a process here may be given, up to what is wished. */
export function descriptorLimit(wish: number): number {
  const limits = readProc("self/limits");
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return Math.min(wish, hard === undefined ? wish : Number(hard));
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
