/**
 * Runs tests once over a system that tells of changes, and once over each kind
 * of system that lies.
 *
 *     deno task watched FILES...
 *
 * @module
 */

import { WATCH_MODES } from "./watch_mode.ts";

if (import.meta.main) {
  for (const mode of WATCH_MODES) {
    if (mode === "off") continue;
    Deno.stdout.writeSync(new TextEncoder().encode(`WATCH=${mode}\n`));
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--quiet", "--no-check", "--parallel", "--allow-all"],
        ...Deno.args,
      ],
      env: { WATCH: mode },
    }).spawn().status;
    if (code !== 0) Deno.exit(code);
  }
}
