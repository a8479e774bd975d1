import { assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { symlinkSync } from "node:fs";
import {
  decodedBody,
  encode,
  MADE_TOKENS,
  PAST,
  type Stage,
  type StageOptions,
  testStage,
  textOfLength,
} from "./stage.ts";

const OLD = textOfLength(5000);
const NEW = OLD.replaceAll("line", "LINE");
const LATER = new Date(PAST.getTime() + 1000);
const GZIP = { "Accept-Encoding": "gzip" };
const WITHOUT_MAKING: StageOptions = { compress: false };
const MIB = 1024 * 1024;

/** The coding and the content of what is answered to who takes gzip. */
async function ask(stage: Stage, target = "/a.js"): Promise<[string, string]> {
  const response = await stage.get(target, GZIP);
  const coding = response.fields.get("content-encoding") ?? "identity";
  return [coding, decodedBody(response)];
}

testStage("a sibling that appears later is noticed with its folder", {
  "a.js": OLD,
}, async (stage) => {
  assertEquals(await ask(stage), ["identity", OLD]);
  stage.write("a.js.gz", encode("gzip", OLD));
  assertEquals(await ask(stage), ["gzip", OLD]);
}, WITHOUT_MAKING);

testStage("a sibling that is deleted is not used any more", {
  "a.js": OLD,
  "a.js.gz": encode("gzip", OLD),
}, async (stage) => {
  assertEquals(await ask(stage), ["gzip", OLD]);
  Deno.removeSync(stage.directory.join("a.js.gz"));
  assertEquals(await ask(stage), ["identity", OLD]);
}, WITHOUT_MAKING);

testStage("a sibling that changes is another variant", {
  "a.js": OLD,
  "a.js.gz": encode("gzip", OLD),
}, async (stage) => {
  const before = await stage.get("/a.js", GZIP);
  stage.write("a.js.gz", encode("gzip", NEW), LATER);
  const after = await stage.get("/a.js", GZIP);
  assertEquals(decodedBody(after), NEW);
  assertNotEquals(after.fields.get("etag"), before.fields.get("etag"));
}, WITHOUT_MAKING);

testStage("a sibling is not used when its file has changed since", {
  "a.js": OLD,
  "a.js.gz": encode("gzip", OLD),
}, async (stage) => {
  assertEquals(await ask(stage), ["gzip", OLD]);
  stage.write("a.js", NEW, LATER);
  assertEquals(await ask(stage), ["identity", NEW]);
  stage.write("a.js.gz", encode("gzip", NEW), LATER);
  stage.advance(2001);
  assertEquals(await ask(stage), ["gzip", NEW]);
}, WITHOUT_MAKING);

/** Things with a sibling's name that the resolver does not give to clients. */
const NO_SIBLINGS: Readonly<Record<string, (stage: Stage) => void>> = {
  "a link that leaves the site": (stage) =>
    symlinkSync(fromFileUrl(import.meta.url), stage.directory.join("a.js.gz")),
  "a link to nothing": (stage) =>
    symlinkSync("gone", stage.directory.join("a.js.gz")),
  "a directory": (stage) => Deno.mkdirSync(stage.directory.join("a.js.gz")),
};

for (const [name, make] of Object.entries(NO_SIBLINGS)) {
  testStage(`${name} is no sibling`, { "a.js": OLD }, async (stage) => {
    make(stage);
    assertEquals(await ask(stage), ["identity", OLD]);
    stage.advance(2001);
    assertEquals(await ask(stage), ["identity", OLD]);
  }, WITHOUT_MAKING);
}

for (const target of ["packed/a.gz", ".packed/a.gz", "..data/.a.gz"]) {
  testStage(`a link to ${target} inside the site can be a sibling`, {
    "a.js": OLD,
    [target]: encode("gzip", OLD),
  }, async (stage) => {
    symlinkSync(target, stage.directory.join("a.js.gz"));
    assertEquals(await ask(stage), ["gzip", OLD]);
  }, WITHOUT_MAKING);
}

for (const token of MADE_TOKENS) {
  testStage(
    `a file that changes while ${token} is made of it never has the old variant`,
    { "a.js": OLD },
    async (stage) => {
      const fields = { "Accept-Encoding": token };
      await stage.ask("GET", "/a.js", fields);
      stage.write("a.js", NEW, LATER);
      const between = await stage.ask("GET", "/a.js", fields);
      assertEquals(decodedBody(between), NEW);
      await stage.site.idle();
      const after = await stage.getMade("/a.js", token);
      assertEquals(after.fields.get("content-encoding"), token);
      assertEquals(decodedBody(after), NEW);
    },
  );
}

testStage(
  "a large file that changes while it is read to be compressed never has a variant of both",
  {
    "a.txt": OLD + "old".repeat(MIB),
  },
  async (stage) => {
    await stage.ask("HEAD", "/a.txt", GZIP);
    const changed = NEW + "new".repeat(MIB);
    stage.write("a.txt", changed, LATER);
    await stage.site.idle();
    const { fields } = await stage.ask("HEAD", "/a.txt", GZIP);
    assertEquals(fields.get("content-encoding"), undefined);
    const after = await stage.getMade("/a.txt", "gzip");
    assertEquals(after.fields.get("content-encoding"), "gzip");
    assertEquals(decodedBody(after), changed);
  },
);

testStage(
  "a file that is replaced by another one while it is compressed is the other one",
  {
    "a.js": OLD,
    "b.js": NEW,
  },
  async (stage) => {
    await stage.ask("GET", "/a.js", GZIP);
    Deno.renameSync(stage.directory.join("b.js"), stage.directory.join("a.js"));
    await stage.site.idle();
    const after = await stage.getMade("/a.js", "gzip");
    assertEquals(after.fields.get("content-encoding"), "gzip");
    assertEquals(decodedBody(after), NEW);
  },
);

testStage("a file that is deleted while it is compressed is gone", {
  "a.js": OLD,
}, async (stage) => {
  await stage.ask("GET", "/a.js", GZIP);
  Deno.removeSync(stage.directory.join("a.js"));
  await stage.site.idle();
  assertEquals((await stage.get("/a.js", GZIP)).status, 404);
});

testStage(
  "a variant that is made stays as long as its file",
  { "a.js": OLD },
  async (stage) => {
    const made = await stage.getMade("/a.js", "gzip");
    stage.advance(3_600_000);
    const later = await stage.get("/a.js", GZIP);
    assertEquals(later.fields.get("etag"), made.fields.get("etag"));
    assertEquals(later.body, made.body);
    stage.write("a.js", NEW, LATER);
    assertEquals((await stage.ask("GET", "/a.js", GZIP)).body, NEW);
  },
);
