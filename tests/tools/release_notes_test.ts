import { assertEquals, assertThrows } from "@std/assert";
import { releaseNotes } from "../../tools/release_notes.ts";

const CHANGELOG = `# Changelog

Text.

## Unreleased

### Added

- Something new.

## [1.10.0] - 2026-02-01

- \`## 1.1.0\` in a line is no heading.

## 1.1.0 (2026-01-01)

### Fixed

- A bug.

## 1.0.0
`;

const NOTES: readonly (readonly [version: string, notes: string])[] = [
  ["Unreleased", "### Added\n\n- Something new.\n"],
  ["1.10.0", "- `## 1.1.0` in a line is no heading.\n"],
  ["1.1.0", "### Fixed\n\n- A bug.\n"],
];

for (const [version, notes] of NOTES) {
  Deno.test(`releaseNotes() of ${version}`, () => {
    assertEquals(releaseNotes(CHANGELOG, version), notes);
  });
}

for (const version of ["1.0.0", "1.1", "1", "", "2.0.0", "v1.1.0"]) {
  Deno.test(`releaseNotes() fails for version "${version}"`, () => {
    assertThrows(() => releaseNotes(CHANGELOG, version), Error, version);
  });
}
