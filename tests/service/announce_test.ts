import { assertEquals } from "@std/assert";
import { announce } from "../../lib/service/announce.ts";
import { testWith } from "../helpers.ts";
import { planFor } from "./plans.ts";

testWith(
  !Deno.stderr.isTerminal(),
  "announce() writes lines for programs where there is no terminal",
  async () => {
    let text = "";
    const opened = await announce(
      planFor("/site", { options: { port: 8000 } }),
      { hostname: "127.0.0.1", port: 8001 },
      {
        version: "1.2.3",
        defaultPort: 8000,
        others: ["Metrics and health on http://127.0.0.1:9000/"],
        say: (more) => void (text += more),
        quit: () => {},
        toggleLog: () => true,
        reloadPages: undefined,
      },
    );
    assertEquals(opened, undefined);
    // deno-lint-ignore no-control-regex
    assertEquals(text.replaceAll(/\x1b\[\d+m/g, "").split("\n"), [
      "Port 8000 is taken, using 8001 instead",
      "Serving /site (Ctrl-C to stop)",
      "Metrics and health on http://127.0.0.1:9000/",
      "Listening on http://127.0.0.1:8001/",
      "",
    ]);
  },
);
