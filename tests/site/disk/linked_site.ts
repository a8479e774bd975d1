/**
 * A site on disk with links to directories.
 *
 * @module
 */

import type { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { watchedSite } from "./watched_site.ts";
import { TemporaryDirectory, until } from "../../helpers.ts";

/** A site with links to directories that the system watches. */
export class LinkedSite implements Disposable {
  readonly directory = new TemporaryDirectory({
    "root/a.txt": "a",
    "root/d/b.txt": "b",
    "root/d/e/c.txt": "c",
    "root/v1/x.txt": "1",
    "root/v2/x.txt": "2",
    "outside/o.txt": "o",
  });
  readonly root: string = this.directory.join("root");
  readonly losses: string[] = [];
  readonly told: (string | undefined)[] = [];
  readonly watcher: Watcher;
  readonly site: DirectorySite;

  constructor(links: Readonly<Record<string, string>>) {
    for (const [path, target] of Object.entries(links)) this.link(path, target);
    this.watcher = new Watcher(this.root, {
      onLoss: (text) => this.losses.push(text),
    });
    this.site = watchedSite(this.root, this.watcher, this.told);
    this.#age(this.root);
  }

  /** Makes a link, in place of one that is there. */
  link(path: string, target: string): void {
    const made = this.directory.join("link");
    Deno.symlinkSync(target, made);
    Deno.renameSync(made, this.root + path);
  }

  /** Writes a file in place, whose age makes its time final. */
  write(path: string, text: string): void {
    Deno.mkdirSync(this.root + path.slice(0, path.lastIndexOf("/")), {
      recursive: true,
    });
    Deno.writeTextFileSync(this.root + path, text);
    this.#age(this.root + path);
  }

  /** The text of a file as the site serves it. */
  text(path: string, now: number): string {
    const found = this.site.lookup(path, now);
    if (found.kind !== "file") return found.kind;
    const bytes = found.identity!.slice(0, found.identity!.length);
    return new TextDecoder().decode(bytes as Uint8Array);
  }

  /** Resolves once the site is watched. */
  async watched(): Promise<void> {
    await until(() => this.watcher.trusts(Date.now()), "the watch");
  }

  /** Whether a path is served without a look at the disk. */
  isTrusted(path: string): boolean {
    const { statSync, lstatSync } = Deno;
    const now = Date.now();
    this.text(path, now);
    this.text(path, now + 150);
    let looks = 0;
    Deno.statSync = (...args) => (looks++, statSync(...args));
    Deno.lstatSync = (...args) => (looks++, lstatSync(...args));
    try {
      // The root is looked at each 100 ms.
      this.watcher.trusts(now + 300);
      looks = 0;
      this.text(path, now + 300);
      return looks === 0;
    } finally {
      Object.assign(Deno, { statSync, lstatSync });
    }
  }

  /** Resolves once a path is served without a look at the disk: not while many events come at once. */
  async trusted(path: string): Promise<void> {
    await until(() => this.isTrusted(path), `trust in ${path}`);
  }

  /** Writes a file anew, and waits until the site serves that at a path, by one clock: it is told, not looked for. */
  async follows(file: string, path = file, text = `${Math.random()}`) {
    const now = Date.now();
    this.text(path, now);
    this.write(file, text);
    await until(() => this.text(path, now) === text, `${file} at ${path}`);
  }

  #age(path: string): void {
    const old = new Date(Date.UTC(2024, 4, 1));
    if (Deno.lstatSync(path).isDirectory) {
      for (const { name, isSymlink } of Deno.readDirSync(path)) {
        if (!isSymlink) this.#age(`${path}/${name}`);
      }
    }
    Deno.utimeSync(path, old, old);
  }

  [Symbol.dispose](): void {
    this.site.close();
    this.directory[Symbol.dispose]();
  }
}
