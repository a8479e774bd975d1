/**
 * A plan as it is made from files, and what becomes of it when they change.
 *
 * @module
 */

import { resolveSettings } from "../../lib/cli/settings.ts";
import { readKeyPair } from "../../lib/service/certificates.ts";
import type { Plan } from "../../lib/service/plan.ts";
import { readPlan } from "../../lib/service/reload.ts";
import {
  buildPlan,
  isolateCount,
  readSources,
  sharedMemory,
} from "../../lib/service/sources.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { TemporaryDirectory } from "../helpers.ts";
import { FIRST, FIRST_KEY } from "./pairs.ts";

/** A plan as it is made from files, and what becomes of it. */
export class Stage implements Disposable {
  /** The site, and the files beside it. */
  readonly directory: TemporaryDirectory;
  /** The command line. */
  readonly args: readonly string[];
  /** The plan at the beginning. */
  first!: Plan;

  private constructor(config: unknown) {
    this.directory = new TemporaryDirectory({
      "site/a.txt": "a",
      "other/b.txt": "b",
      "who": ANN_LINE,
      "a.pem": FIRST,
      "a.key": FIRST_KEY,
    });
    this.configure(config);
    this.args = [this.directory.join("site")];
  }

  static async open(config: unknown = {}): Promise<Stage> {
    const stage = new Stage(config);
    const { options } = await resolveSettings(readSources(stage.args));
    const memory = sharedMemory(isolateCount(options));
    const { keyPair } = readKeyPair(options);
    ({ plan: stage.first } = await buildPlan({
      options,
      home: "/home",
      memory,
      keyPair,
    }));
    return stage;
  }

  configure(config: unknown): void {
    const text = typeof config === "string"
      ? config
      : JSON.stringify(config, null, 1);
    this.directory.write("skiff.json", text);
  }

  next(plan = this.first, problems: readonly string[] = []) {
    return readPlan(plan, problems, { args: this.args, home: "/home" });
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}
