import { assertEquals } from "@std/assert";
import { request, TemporaryDirectory, within } from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import { Skiff } from "../skiff.ts";

/** The text of /a.txt, as skiff serves it in time. */
async function textAt(port: number): Promise<string> {
  const reply = request(port, "GET", "/a.txt");
  return (await within(reply, "a reply")).body;
}

testAgainst(
  "mkfifo",
  "a FIFO that appears in the site does not stop the program",
  async (mkfifo) => {
    using directory = new TemporaryDirectory({ "a.txt": "before" });
    await using skiff = new Skiff(["--port=0", directory.path]);
    const port = await skiff.listening();
    assertEquals(await textAt(port), "before");
    const args = [directory.join("fifo")];
    const { success } = await new Deno.Command(mkfifo, { args }).output();
    assertEquals(success, true);
    // The runtime may tell of no change any more. Then skiff looks itself, and gives up waiting for news.
    const follows = async (content: string) => {
      directory.write("a.txt", content);
      const end = Date.now() + 2_000;
      let last = "";
      while (Date.now() < end) {
        last = await textAt(port);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assertEquals(last, content);
    };
    await follows("after that");
    await follows("and then");
    await skiff.reload();
    await follows("after a reload");
  },
);

testAgainst(
  "mkfifo",
  "a FIFO that appears just before a reload does not stop the program",
  async (mkfifo) => {
    using directory = new TemporaryDirectory({ "a.txt": "before" });
    await using skiff = new Skiff(["--port=0", directory.path]);
    const port = await skiff.listening();
    const args = [directory.join("fifo")];
    assertEquals((await new Deno.Command(mkfifo, { args }).output()).code, 0);
    await skiff.reload();
    assertEquals(await textAt(port), "before");
    await skiff.reload();
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
  },
);

testAgainst(
  "mkfifo",
  "a FIFO that came and went before a reload does not stop the program",
  async (mkfifo) => {
    using directory = new TemporaryDirectory({ "a.txt": "before" });
    using elsewhere = new TemporaryDirectory();
    await using skiff = new Skiff(["--port=0", directory.path]);
    const port = await skiff.listening();
    assertEquals(await textAt(port), "before");
    const args = [elsewhere.join("fifo")];
    assertEquals((await new Deno.Command(mkfifo, { args }).output()).code, 0);
    Deno.linkSync(elsewhere.join("fifo"), directory.join("fifo"));
    // Until the runtime waits for it, and has had the time to tell that it came and went.
    await new Promise((resolve) => setTimeout(resolve, 200));
    Deno.removeSync(directory.join("fifo"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await skiff.reload();
    assertEquals(await textAt(port), "before");
    await skiff.reload();
    assertEquals(await textAt(port), "before");
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
  },
);
