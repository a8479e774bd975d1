import { assertEquals, assertStringIncludes } from "@std/assert";
import { defaultOptions, type Options } from "../../lib/cli/options.ts";
import { featuresOf, openConsole } from "../../lib/service/console.ts";

const FEATURES: readonly (readonly [
  options: Partial<Options>,
  features: string,
])[] = [
  [{}, "listing, compression"],
  [
    { listing: false, spa: "/app.html", live: true },
    "spa /app.html, live",
  ],
  [
    { compression: false, cors: true, authFile: "/a" },
    "listing, cors, password",
  ],
  [{ compression: false, listing: false }, ""],
];

for (const [options, features] of FEATURES) {
  Deno.test(`featuresOf() of ${JSON.stringify(options)}`, () => {
    const all = { ...defaultOptions(), ...options };
    assertEquals(featuresOf(all).join(", "), features);
  });
}

async function textOf(hostname: string, options: Partial<Options>) {
  let text = "";
  const opened = await openConsole({
    version: "1.2.3",
    root: "/site",
    options: { ...defaultOptions(), keys: false, ...options },
    hostname,
    port: 8000,
    isTls: false,
    others: ["Metrics and health on http://127.0.0.1:9000/"],
  }, {
    look: {
      isScreen: true,
      isColored: false,
      isUnicode: true,
      hasLinks: false,
    },
    say: (more) => void (text += more),
    quit: () => {},
    toggleLog: () => true,
    reloadPages: undefined,
  });
  opened.close();
  return text;
}

Deno.test("openConsole() says what is served, and where", async () => {
  const text = await textOf("127.0.0.1", {});
  assertStringIncludes(text, "http://localhost:8000/");
  assertStringIncludes(text, "Metrics and health on");
  assertEquals(text.includes("Press"), false);
});

Deno.test("openConsole() draws a QR code only of an address in a network", async () => {
  const local = await textOf("127.0.0.1", { qr: true });
  assertStringIncludes(local, "skiff: Cannot draw a QR code: no other machine");
  const lan = await textOf("192.168.1.7", { qr: true });
  assertStringIncludes(lan, "▀");
});
