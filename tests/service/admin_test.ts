import { assertEquals, assertMatch } from "@std/assert";
import { Metrics } from "../../lib/observe/metrics.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import { Admin } from "../../lib/service/admin.ts";
import {
  exchange,
  HAS_NETWORK,
  parseResponses,
  request,
  testWith,
} from "../helpers.ts";

/** An admin port, and the figures that it shows. */
class Stage implements AsyncDisposable {
  readonly figures = metricMemory(2);
  readonly reports: unknown[] = [];
  readonly admin: Admin;
  readonly port: number;

  constructor() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = listener.addr.port;
    this.admin = new Admin(listener, {
      metrics: this.figures,
      host: "admin.example",
      version: "1.2.3",
      report: (error) => this.reports.push(error),
    });
  }

  async metric(name: string): Promise<string | undefined> {
    const { status, body } = await request(this.port, "GET", "/metrics");
    assertEquals(status, 200);
    return body.split("\n").find((line) => line.startsWith(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin.close();
    assertEquals(this.reports, []);
  }
}

testWith(
  HAS_NETWORK,
  "Admin tells the figures of all isolates and the version",
  async () => {
    await using stage = new Stage();
    for (const index of [0, 1]) {
      new Metrics(stage.figures, index).countConnection();
    }
    assertMatch(
      await stage.metric("skiff_connections_accepted_total") ?? "",
      / 2$/,
    );
    assertMatch(
      await stage.metric("skiff_build_info{") ?? "",
      /version="1\.2\.3"/,
    );
    const { status, body } = await request(stage.port, "GET", "/figures.json");
    assertEquals([status, JSON.parse(body).isolates], [200, 2]);
    const page = await request(stage.port, "GET", "/");
    assertMatch(page.fields.get("content-type")!, /^text\/html/);
  },
);

testWith(
  HAS_NETWORK,
  "Admin is healthy from beginning to end, and ready from when it is told to when it is told otherwise",
  async () => {
    await using stage = new Stage();
    const statuses = async () => [
      (await request(stage.port, "GET", "/healthz")).status,
      (await request(stage.port, "GET", "/readyz")).status,
    ];
    assertEquals(await statuses(), [200, 503]);
    stage.admin.ready();
    assertEquals(await statuses(), [200, 200]);
    stage.admin.unready();
    assertEquals(await statuses(), [200, 503]);
    // The stop may have begun before the start was done.
    stage.admin.ready();
    assertEquals(await statuses(), [200, 503]);
  },
);

testWith(
  HAS_NETWORK,
  "Admin counts workers that died, and forgets what they had open",
  async () => {
    await using stage = new Stage();
    const metrics = new Metrics(stage.figures, 1);
    metrics.countConnection();
    metrics.setConnections({
      idle: 3,
      head: 0,
      body: 0,
      waiting: 0,
      reply: 0,
      events: 0,
      linger: 0,
    });
    const idle = () => stage.metric('skiff_connections{state="idle"}');
    assertMatch(await idle() ?? "", / 3$/);
    stage.admin.countRestart(1);
    stage.admin.countRestart(0);
    assertMatch(await idle() ?? "", / 0$/);
    assertMatch(await stage.metric("skiff_worker_restarts_total") ?? "", / 2$/);
    // Totals never fall.
    assertMatch(
      await stage.metric("skiff_connections_accepted_total") ?? "",
      / 1$/,
    );
  },
);

testWith(
  HAS_NETWORK,
  "Admin answers for the host it was asked for under, and for no page's",
  async () => {
    await using stage = new Stage();
    const ask = async (host: string) => {
      const text = await exchange(
        stage.port,
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      return parseResponses(text, ["GET"])[0]!.status;
    };
    assertEquals(await ask("admin.example"), 200);
    assertEquals(await ask("127.0.0.1"), 200);
    assertEquals(await ask("evil.example"), 421);
  },
);

testWith(
  HAS_NETWORK,
  "Admin lets go of its port when it is closed",
  async () => {
    let port: number;
    {
      await using stage = new Stage();
      port = stage.port;
      assertEquals((await request(port, "GET", "/healthz")).status, 200);
    }
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  },
);
