import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { columnsOf } from "../../lib/http/columns.ts";
import {
  keysText,
  type Screen,
  siteUrls,
  type StartDetails,
  startScreen,
} from "../../lib/cli/start_screen.ts";

const DETAILS: StartDetails = {
  version: "1.2.3",
  root: "/home/ann/site",
  features: ["listing", "spa /index.html"],
  urls: [
    { name: "Local", url: "http://localhost:8000/" },
    { name: "Network", url: "http://192.168.1.7:8000/" },
  ],
  notes: [],
  fingerprint: undefined,
  hasKeys: true,
};

const PLAIN: Screen = {
  columns: 80,
  isColored: false,
  isUnicode: true,
  hasLinks: false,
};

Deno.test("startScreen() draws a box with the boat", () => {
  assertEquals(
    startScreen(DETAILS, PLAIN),
    `╭${"─".repeat(41)}╮
│       │╲                                │
│       │ ╲     skiff 1.2.3               │
│       │▁▁╲    /home/ann/site            │
│   ╲▁▁▁│▁▁▁▁╱  listing · spa /index.html │
│                                         │
│ ➜ Local:   http://localhost:8000/       │
│ ➜ Network: http://192.168.1.7:8000/     │
╰${"─".repeat(41)}╯
  Press h for help, q to quit
`,
  );
});

const FINGERPRINT = Array.from(
  { length: 32 },
  (_, i) => i.toString(16).padStart(2, "0").toUpperCase(),
).join(":");

const LONG: StartDetails = {
  ...DETAILS,
  root: `/home/ann/${"日本/".repeat(60)}site`,
  features: ["listing", "compression", "live", "password", "cors", "spa /a"],
  notes: [
    "Metrics and health on http://127.0.0.1:9000/",
    "For the addresses in your network, add --allow-sys=networkInterfaces",
  ],
  fingerprint: FINGERPRINT,
};

for (const columns of [40, 60, 80, 120, 200]) {
  for (const isUnicode of [true, false]) {
    const name = `${columns} columns${isUnicode ? "" : " of ASCII"}`;
    Deno.test(`startScreen() fits ${name}`, () => {
      const text = startScreen(LONG, { ...PLAIN, columns, isUnicode });
      const lines = text.split("\n");
      for (const line of lines) assert(columnsOf(line) <= columns, line);
      const box = lines.filter((line) => /^[│|]/.test(line));
      assertEquals(new Set(box.map(columnsOf)).size, 1, text);
      for (const { url } of DETAILS.urls) assertStringIncludes(text, url);
      if (!isUnicode) {
        assertEquals(
          /[^\n -~]/.test(text.replaceAll(/[日本]/g, "")),
          false,
        );
      }
      const shown = [...text.matchAll(/(?:[0-9A-F]{2}:)+[0-9A-F]{2}/g)];
      assertEquals(shown.map(([part]) => part).join(":"), FINGERPRINT);
    });
  }
}

Deno.test("startScreen() leaves the box out where a URL would not fit", () => {
  const url = "http://[2001:db8:1111:2222:3333:4444:5555:6666]:8000/";
  const text = startScreen({ ...DETAILS, urls: [{ name: "Network", url }] }, {
    ...PLAIN,
    columns: 50,
  });
  assertStringIncludes(text, url);
  assertEquals(text.includes("╭"), false);
});

Deno.test("startScreen() colours and links only where that is shown", () => {
  const text = startScreen(DETAILS, {
    ...PLAIN,
    isColored: true,
    hasLinks: true,
  });
  const url = "http://localhost:8000/";
  assertStringIncludes(
    text,
    `\x1b]8;;${url}\x1b\\\x1b[36m${url}\x1b[0m\x1b]8;;\x1b\\`,
  );
  // deno-lint-ignore no-control-regex
  const plain = text.replaceAll(/\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[\d+m/g, "");
  assertEquals(plain, startScreen(DETAILS, PLAIN));
});

Deno.test("startScreen() is harmless whatever the folder is called", () => {
  const root = "/tmp/\x1b[2J\u202e\nListening on\x9b";
  const text = startScreen({ ...DETAILS, root, hasKeys: false }, PLAIN);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), false);
  assertEquals(text.split("\n").length, 10);
});

Deno.test("startScreen() names the built-in site, and no keys where none are read", () => {
  const text = startScreen(
    { ...DETAILS, root: undefined, hasKeys: false },
    PLAIN,
  );
  assertStringIncludes(text, "the built-in site");
  assertEquals(text.includes("Press"), false);
});

const LAN = ["192.168.1.7", "fd00::7"];

const URLS: readonly (readonly [
  hostname: string,
  isTls: boolean,
  urls: readonly string[],
])[] = [
  ["127.0.0.1", false, ["Local http://localhost:80/"]],
  ["::1", true, ["Local https://localhost:80/"]],
  ["127.0.0.2", false, ["Local http://127.0.0.2:80/"]],
  ["a.localhost", false, ["Local http://a.localhost:80/"]],
  ["::ffff:127.0.0.1", false, ["Local http://[::ffff:127.0.0.1]:80/"]],
  ["0.0.0.0", false, [
    "Local http://localhost:80/",
    "Network http://192.168.1.7:80/",
  ]],
  ["::", false, [
    "Local http://localhost:80/",
    "Network http://192.168.1.7:80/",
    "Network http://[fd00::7]:80/",
  ]],
  ["192.168.1.7", false, ["Network http://192.168.1.7:80/"]],
  ["localhost.example", false, ["Network http://localhost.example:80/"]],
];

for (const [hostname, isTls, urls] of URLS) {
  Deno.test(`siteUrls() of ${hostname}`, () => {
    assertEquals(
      siteUrls({ hostname, port: 80, isTls }, LAN)
        .map(({ name, url }) => `${name} ${url}`),
      urls,
    );
  });
}

Deno.test("keysText() lists what works", () => {
  assertEquals(keysText({ reload: false }).includes("  r  "), false);
  assertEquals(keysText({ reload: true }).includes("  r  reload"), true);
});
