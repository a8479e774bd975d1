import { assertEquals, assertThrows } from "@std/assert";
import { PlanError } from "../../lib/service/plan.ts";
import { openReleases } from "../../lib/service/release_roots.ts";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { releaseAt, setOf } from "./plans.ts";

testWith(
  HAS_FILES,
  "openReleases() opens all, and says which one is served",
  () => {
    using directory = new TemporaryDirectory();
    const opened: [string, boolean][] = [];
    openReleases(
      setOf(["v3", "v2", "v1"].map((name) => releaseAt(directory.path, name))),
      ({ name }, isServed) => {
        opened.push([name, isServed]);
        return new DirectorySite(directory.path);
      },
      () => {},
    ).close();
    assertEquals(opened, [["v3", true], ["v2", false], ["v1", false]]);
  },
);

testWith(
  HAS_FILES,
  "openReleases() leaves out an older release that cannot be opened, and says so",
  () => {
    using directory = new TemporaryDirectory();
    const warnings: string[] = [];
    const open = (bad: string) =>
      openReleases(
        setOf(["v2", "v1"].map((name) => releaseAt(directory.path, name))),
        ({ name }) => {
          if (name === bad) throw new PlanError("it is damaged");
          return new DirectorySite(directory.path);
        },
        (text) => warnings.push(text),
      );
    open("v1").close();
    assertEquals(warnings, ['Left out release "v1": it is damaged']);
    assertThrows(() => open("v2"), PlanError, "it is damaged");
  },
);
