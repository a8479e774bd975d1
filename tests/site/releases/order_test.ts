import { assertEquals } from "@std/assert";
import { resolve } from "@std/path";
import {
  compareNames,
  isReleaseName,
  orderReleases,
  siblingName,
} from "../../../lib/site/releases/order.ts";

Deno.test("compareNames() orders digits by their value, and is total", () => {
  const names = ["v10", "v9", "v1", "2024-10-01", "2024-9-30", "a", "A", "a "];
  assertEquals(names.toSorted(compareNames), [
    "2024-9-30",
    "2024-10-01",
    "a",
    "A",
    "a ",
    "v1",
    "v9",
    "v10",
  ]);
  assertEquals(compareNames("v1", "v01") !== 0, true);
});

const NAMES: readonly (readonly [name: string, is: boolean])[] = [
  ["v1", true],
  ["2024-01-01 12:00", true],
  ["Ünïcode", true],
  ["current", false],
  [".v2", false],
  ["v\n1", false],
  ["v\x1b[2J", false],
  ["v\x7f", false],
];

Deno.test("isReleaseName() takes visible names without control characters", () => {
  for (const [name, is] of NAMES) assertEquals(isReleaseName(name), is, name);
});

const ORDERS: readonly (readonly [
  names: string[],
  current: string | undefined,
  order: string[],
])[] = [
  [["v1", "v10", "v2"], undefined, ["v10", "v2", "v1"]],
  // Pages of the release that was taken back are still open.
  [["v1", "v2", "v3"], "v1", ["v1", "v3", "v2"]],
  [["v1", "v2"], "v3", ["v2", "v1"]],
  [[], "v3", []],
];

Deno.test("orderReleases() puts the current one first", () => {
  for (const [names, current, order] of ORDERS) {
    assertEquals(orderReleases(names, current), order);
  }
});

const TARGETS: readonly (readonly [
  target: string,
  name: string | undefined,
])[] = [
  ["v1", "v1"],
  ["./v1", "v1"],
  ["v1/", "v1"],
  ["v1\n", "v1"],
  ["/srv/releases/v1", "v1"],
  ["/link/v1", "v1"],
  ["../releases/v1", "v1"],
  ["..", undefined],
  [".", undefined],
  ["/", undefined],
  ["/srv/releases", undefined],
  ["/srv/releases2/v1", undefined],
  ["../v1", undefined],
  ["v1/sub", undefined],
  ["/etc", undefined],
  ["current", undefined],
  [".hidden", undefined],
  ["v1/../../x", undefined],
  ["v\\1", undefined],
];

Deno.test("siblingName() accepts nothing but a name beside the link", () => {
  const folders = ["/link", "/srv/releases"];
  for (const [target, name] of TARGETS) {
    const found = siblingName(
      target,
      folders,
      (target) => resolve("/srv/releases", target),
    );
    assertEquals(found, name, target);
  }
});

Deno.test("siblingName() accepts a name directly in the root of the system", () => {
  const find = (target: string) =>
    siblingName(target, ["/"], (target) => resolve("/", target));
  assertEquals(["v1", "/", "/v1/sub"].map(find), ["v1", undefined, undefined]);
});
