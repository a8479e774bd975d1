/**
 * Breaks the rules of `mutant_table.ts` on purpose, one at a time, in copies of
 * the project, and runs the tests that must notice it.
 *
 *     deno task mutants [WORDS OF A RULE]
 *
 * Fails when a mutant survives, when its code is not found exactly once, and
 * when its tests fail without it.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { type Mutant, MUTANTS } from "./mutant_table.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Copies that are worked in at the same time: more than cores where these are few, because many tests wait. */
const COPIES = Math.min(6, Math.ceil(1.5 * navigator.hardwareConcurrency));

/** How long the tests of a mutant may take. Endless loops are noticed too. */
const TIMEOUT_MS = 120_000;

/** What is copied of the project. */
const PARTS = [
  ...["bench", "docs", "lib", "static", "tests", "tools"],
  ...["deno.json", "deno.lock", "main.ts", "README.md", "CHANGELOG.md"],
];

/** What became of a mutant. */
type Outcome = "caught" | "survived" | "does not run" | "took too long";

/** A run of tests. */
interface TestRun {
  /** "survived" if all of them passed. */
  readonly outcome: Outcome;
  /** What the tests printed. */
  readonly output: string;
}

/** A copy of the project. */
class Copy implements Disposable {
  readonly #path = Deno.makeTempDirSync({ prefix: "skiff-mutants-" });

  constructor() {
    for (const part of PARTS) {
      copy(join(ROOT, part), join(this.#path, part));
    }
    Deno.mkdirSync(join(this.#path, "tmp"));
  }

  /** Runs the tests of a mutant with its rule broken, and restores the rule. */
  async judge(mutant: Mutant): Promise<Outcome> {
    const path = join(this.#path, mutant.file);
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, broken(mutant, text));
    try {
      // One failure is enough.
      return (await this.run(["--fail-fast", ...mutant.tests])).outcome;
    } finally {
      Deno.writeTextFileSync(path, text);
    }
  }

  /** Runs tests, with options of `deno test` before them. */
  async run(args: readonly string[]): Promise<TestRun> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: ["test", "--no-check", "--allow-all", ...args],
        cwd: this.#path,
        // Tests that are ended leave their files behind, here.
        env: { NO_COLOR: "1", TMPDIR: join(this.#path, "tmp") },
        stdout: "piped",
        stderr: "piped",
        signal: controller.signal,
      },
    ).output();
    clearTimeout(timer);
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    if (controller.signal.aborted) return { outcome: "took too long", output };
    if (success) return { outcome: "survived", output };
    const isOfTests = /^FAILED \| /m.test(output) &&
      !output.includes("(uncaught error)");
    return { outcome: isOfTests ? "caught" : "does not run", output };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#path, { recursive: true });
  }
}

function copy(from: string, to: string): void {
  const info = Deno.lstatSync(from);
  if (info.isFile) return Deno.copyFileSync(from, to);
  if (!info.isDirectory) return;
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) {
    copy(join(from, name), join(to, name));
  }
}

/** The text of a module with a rule broken. Throws when the rule is not found exactly once. */
export function broken({ rule, file, find, replace }: Mutant, text: string) {
  const pieces = text.split(find);
  if (pieces.length !== 2) {
    throw new Error(
      `Cannot break "${rule}": found ${pieces.length - 1} times in ${file}`,
    );
  }
  return pieces.join(replace);
}

/** What tests printed about those that failed: everything if none got so far. */
export function failuresIn(output: string): string {
  const start = output.indexOf("\n ERRORS \n");
  return output.slice(start + 1).trim();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Judges mutants, and returns how many were not caught. */
async function judgeAll(mutants: readonly Mutant[]): Promise<number> {
  using stack = new DisposableStack();
  const copies = Array.from({ length: COPIES }, () => stack.use(new Copy()));
  const tests = new Set(mutants.flatMap(({ tests }) => tests));
  const { outcome, output } = await copies[0]!.run(
    ["--parallel", ...tests],
  );
  if (outcome !== "survived") {
    print(failuresIn(output));
    throw new Error("The tests do not pass while every rule is kept");
  }
  const left = [...mutants];
  let survivors = 0;
  await Promise.all(copies.map(async (copy) => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const outcome = await copy.judge(mutant);
      const isCaught = outcome === "caught" || outcome === "took too long";
      if (!isCaught) survivors++;
      print(`${outcome.padEnd(13)}  ${mutant.file}: ${mutant.rule}`);
    }
  }));
  return survivors;
}

if (import.meta.main) {
  const words = Deno.args.join(" ");
  const chosen = MUTANTS.filter(({ rule }) => rule.includes(words));
  const survivors = await judgeAll(chosen);
  print(`mutants: ${chosen.length - survivors} of ${chosen.length} caught`);
  Deno.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1;
}
