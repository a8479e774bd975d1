/**
 * The admin page in a browser.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { adminHandler } from "../../lib/observe/admin/responder.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import { Metrics, readMetrics } from "../../lib/observe/metrics.ts";
import { Server } from "../../lib/server/server.ts";
import { exchangeOf, FACTS } from "../observe/snapshots.ts";
import { browserTest, type Visitor } from "./browser.ts";

/** An admin port over figures that the test makes. */
class AdminPort {
  readonly memory = metricMemory(1);
  readonly metrics = new Metrics(this.memory, 0);
  facts = { ...FACTS, startedAt: Date.now() };
  port = 0;
  #server: Server | undefined;
  #served: Promise<void> | undefined;

  open(): void {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.port = listener.addr.port;
    this.#server = new Server(listener, {
      respond: adminHandler({
        getMetrics: () => readMetrics(this.memory, this.facts),
        isOwnHost: () => true,
      }),
      report: (error) => {
        throw error;
      },
    });
    this.#served = this.#server.serve();
  }

  async close(): Promise<void> {
    await this.#server?.stop(0);
    await this.#served;
  }

  /** Answers so many requests, each as long as the others. */
  answer(count: number, duration: number): void {
    for (let i = 0; i < count; i++) {
      this.metrics.record(exchangeOf({ duration }));
    }
  }

  visit(visitor: Visitor): Promise<unknown> {
    return visitor.visit(`http://127.0.0.1:${this.port}/`);
  }
}

/** The figure that the page shows under a name. */
function shown(visitor: Visitor, name: string): Promise<string | null> {
  return visitor.page.locator(`#f-${name}`).textContent();
}

/** Waits until an expression holds in the page. */
async function holds(visitor: Visitor, expression: string): Promise<void> {
  const end = Date.now() + 10_000;
  // Not in the page: its policy allows no expression there that comes as text.
  while (await visitor.evaluate(expression) !== true) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const RATE = `document.querySelector("#f-rate").textContent`;
const STATUS = `document.querySelector("#status").textContent`;
/** How many pieces the only line of a chart is in. */
function piecesOf(chart: string): string {
  return `document.querySelector("[data-chart=${chart}] path.${chart}").getAttribute("d").split("M").length - 1`;
}

browserTest("the admin page shows what happens", async (visitor) => {
  const admin = new AdminPort();
  admin.answer(1000, 3);
  admin.open();
  await admin.visit(visitor);
  await holds(visitor, `${STATUS} === "Ready"`);
  await holds(visitor, `${RATE} === "0"`);
  admin.answer(500, 3);
  admin.metrics.record(exchangeOf({ status: 503, duration: 2e4 }));
  admin.metrics.setConnections({
    idle: 3,
    head: 0,
    body: 0,
    waiting: 0,
    reply: 1,
    events: 0,
    linger: 0,
  });
  admin.metrics.countRefusal("too_many_connections");
  await holds(visitor, `parseFloat(${RATE}) > 100`);
  assertEquals(await shown(visitor, "total"), "1,501");
  assertEquals(await shown(visitor, "open"), "4");
  assertEquals(await shown(visitor, "version"), "1.2.3");
  const quantiles = await visitor.texts("#quantiles td");
  // All are from 2.5 to 5 ms.
  assertMatch(quantiles[0]!, /^3\.[78] ms$/);
  assertMatch(quantiles[2]!, /^(?:4\.9|5) ms$/);
  assertEquals(await visitor.texts("#causes tr"), ["too many connections1"]);
  await visitor.page.locator('svg[aria-label^="Requests per second, last"]')
    .waitFor();
  assertEquals(visitor.problems, []);
  await admin.close();
});

browserTest(
  "the admin page says that the server is gone, and goes on",
  async (visitor) => {
    const admin = new AdminPort();
    admin.open();
    await admin.visit(visitor);
    await holds(visitor, `${RATE} === "0"`);
    await admin.close();
    await holds(visitor, `${STATUS}.startsWith("Not reachable since ")`);
    admin.facts.isReady = false;
    admin.open();
    await holds(visitor, `${STATUS}.startsWith("Stopping")`);
    // The line has a gap where nothing is known.
    await holds(visitor, `${piecesOf("memory")} === 2`);
    assertEquals(
      visitor.problems.filter((one) => !/REFUSED|RESET/.test(one)),
      [],
    );
    await admin.close();
  },
);

browserTest(
  "the admin page draws no fall below nothing when the server starts anew",
  async (visitor) => {
    const admin = new AdminPort();
    admin.answer(5000, 1);
    admin.open();
    await admin.visit(visitor);
    await holds(visitor, `${RATE} === "0"`);
    new Float64Array(admin.memory).fill(0);
    admin.facts.startedAt += 5000;
    await holds(visitor, `${piecesOf("rate")} === 2`);
    assertEquals(await shown(visitor, "total"), "0");
    // A new process that has already done more than the page knew of the old one.
    admin.answer(9000, 1);
    admin.facts.startedAt += 5000;
    await holds(visitor, `${piecesOf("rate")} === 3`);
    assertEquals(await shown(visitor, "total"), "9,000");
    const label = await visitor.page.locator("[data-chart=rate] svg")
      .getAttribute("aria-label");
    assertEquals(label, "Requests per second, last two minutes: 0 to 0");
    assertEquals(visitor.problems, []);
    await admin.close();
  },
);

browserTest("the admin page can be halted", async (visitor) => {
  const admin = new AdminPort();
  admin.open();
  await admin.visit(visitor);
  await holds(visitor, `${RATE} === "0"`);
  await visitor.page.getByRole("button", { name: "Pause" }).click();
  assertEquals(await visitor.evaluate(STATUS), "Paused");
  admin.answer(7, 1);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assertEquals(await shown(visitor, "total"), "0");
  await visitor.page.getByRole("button", { name: "Resume" }).click();
  await holds(visitor, `${STATUS} === "Ready"`);
  assertEquals(await shown(visitor, "total"), "7");
  assertEquals(visitor.problems, []);
  await admin.close();
});

for (const width of [320, 360, 720, 1280]) {
  browserTest(`the admin page fits ${width} pixels`, async (visitor) => {
    const admin = new AdminPort();
    admin.answer(1, 1);
    admin.metrics.countRefusal("connections_per_address");
    admin.open();
    await visitor.page.setViewportSize({ width, height: 800 });
    await admin.visit(visitor);
    await holds(visitor, `${RATE} === "0"`);
    assertEquals(
      await visitor.evaluate("document.documentElement.scrollWidth"),
      width,
    );
    await admin.close();
  });
}
