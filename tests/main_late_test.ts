import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { TemporaryDirectory } from "./helpers.ts";
import { LATE } from "./late_modules.ts";
import { ALL, MAIN, Skiff, testProgram } from "./skiff.ts";

/** Copies a file, or a directory with everything in it. */
function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) {
    copy(join(from, name), join(to, name));
  }
}

testProgram(
  "a plain start and its first answer need nothing that is loaded late",
  async () => {
    using site = new TemporaryDirectory({ "index.html": "<p>Here" });
    using program = new TemporaryDirectory();
    for (const name of ["deno.json", "lib", "main.ts", "static"]) {
      copy(join(dirname(MAIN), name), program.join(name));
    }
    for (const name of LATE.filter((name) => name.endsWith(".ts"))) {
      Deno.removeSync(program.join(name));
    }
    const args = [site.path, "--port", "0"];
    await using skiff = new Skiff(args, ALL, {}, program.join("main.ts"));
    const port = await skiff.listening();
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals([answer.status, await answer.text()], [200, "<p>Here"]);
  },
);
