/**
 * The program with --releases: what tags vouch for.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { request, TemporaryDirectory, until } from "./helpers.ts";
import { Skiff, testProgram } from "./skiff.ts";

testProgram(
  "large files and archives of two releases have different tags, though their sizes and times are the same",
  async () => {
    using folder = new TemporaryDirectory();
    const time = new Date(Date.UTC(2024, 0, 1));
    const make = (name: string, letter: string) => {
      folder.write(`r/.${name}/d/large.bin`, letter.repeat(1024 * 1024 + 1));
      const path = folder.join(`r/.${name}/d/large.bin`);
      Deno.utimeSync(path, time, time);
      Deno.renameSync(folder.join(`r/.${name}`), folder.join(`r/${name}`));
    };
    make("v1", "a");
    await using skiff = new Skiff([
      `--releases=${folder.join("r")}`,
      "--port=0",
    ]);
    const port = await skiff.listening();
    const targets = ["/d/large.bin", "/d/?download=zip"];
    const before = await Promise.all(targets.map(async (target) => {
      const { status, fields } = await request(port, "HEAD", target);
      return { status, tag: fields.get("etag")! };
    }));
    assertEquals(before.map(({ status }) => status), [200, 200]);
    make("v2", "b");
    const said = 'Serving release "v2"';
    await until(() => skiff.stderr.includes(said), said);
    for (const [index, target] of targets.entries()) {
      const { tag } = before[index]!;
      const again = await request(port, "GET", target, {
        "If-None-Match": tag,
      });
      assertEquals(again.status, 200, target);
      const rest = await request(port, "GET", target, {
        "If-Range": tag,
        "Range": "bytes=100-",
      });
      assertEquals(rest.status, 200, target);
    }
  },
);
