// Draws the admin page: fetches the metrics every second and shows the last two minutes. Rates are differences of
// totals, so there is none across a restart or a gap in the responses: there the lines have a gap.
const SPAN_MS = 120000;
const STEP_MS = 1000;
const PATIENCE_MS = 3000;
const GAP_MS = 10000;
const WINDOW = 5;
const STATUSES = ["s2", "s3", "s4", "s5"];
const QUANTILES = ["p50", "p90", "p99"];
const { ceil, floor, log10, max, min } = Math;
const byId = (id) => document.getElementById(id);
const main = byId("metrics");
const status = byId("status");
const pause = byId("pause");
const boxes = document.querySelectorAll(".chart");
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
// Totals since the last gap, and the points made of them since the page was opened. A gap is a point without values.
let totals = [];
let points = [];
let lostAt;
let timer;
let runs = 0;
let ticks = 0;

// Formats. An unknown value is a dash.
const known = (format) => (value) => value === undefined ? "–" : format(value);
const places = (value, digits) =>
  value.toLocaleString("en", { maximumFractionDigits: digits });
const digits = (value) => places(value, value < 10 ? 1 : 0);
const count = known((value) => places(value, 0));
const rate = known(digits);
const percent = known((value) =>
  places(value * 100, value > 0.99 && value < 1 ? 1 : 0) + " %"
);
const seconds = known((value) =>
  value === Infinity
    ? "over 10 s"
    : value < 1e-5
    ? "under 10 µs"
    : value < 0.00095
    ? places(value * 1e6, 0) + " µs"
    : value < 0.95
    ? digits(value * 1e3) + " ms"
    : digits(value) + " s"
);
const size = known((value) => {
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return digits(value) + " " + ["B", "KiB", "MiB", "GiB", "TiB"][unit];
});
const period = (ms) => {
  const s = max(0, floor(ms / 1000));
  const m = floor(s / 60);
  const h = floor(m / 60);
  if (m < 1) return s + " s";
  if (h < 1) return m + " min " + s % 60 + " s";
  if (h < 48) return h + " h " + m % 60 + " min";
  return floor(h / 24) + " d " + h % 24 + " h";
};

const sum = (list) => list.reduce((all, one) => all + one, 0);
const less = (list, before) =>
  list.map((value, index) => value - before[index]);

// Returns a quantile of values that are counted in classes, as if they were spread evenly within each class.
function quantile(share, bounds, counts) {
  let rank = share * sum(counts);
  if (rank === 0) return undefined;
  // Nothing is known about values below the first bound.
  if (rank <= counts[0]) return 0;
  for (let i = 0; i < bounds.length; i++) {
    if (rank <= counts[i]) {
      return bounds[i - 1] + (bounds[i] - bounds[i - 1]) * rank / counts[i];
    }
    rank -= counts[i];
  }
  return Infinity;
}

const totalsIn = ({ requests, durations, sizes, cache }) => [
  ...requests,
  ...durations.counts,
  sizes.sum,
  cache.hits,
  cache.misses,
  cache.evictions,
];

// Tells whether `now` can have grown from `before`.
function follows(now, before) {
  const ms = now.time - before.time;
  return now.startedAt === before.startedAt && ms > 0 && ms < GAP_MS &&
    less(totalsIn(now), totalsIn(before)).every((value) => value >= 0);
}

// Returns the point to draw. It lacks the values that need a difference when there is nothing to compare with.
function pointOf(now, at) {
  const before = totals.at(-1);
  const point = {
    at,
    open: sum(now.connections),
    lag: now.lag,
    memory: now.residentBytes,
  };
  if (before === undefined) return point;
  const per = (now.time - before.time) / 1000;
  const classes = now.names.statuses.length;
  const answers = less(now.requests, before.requests);
  point.answers = now.names.statuses.map((_, row) =>
    sum(answers.filter((_, i) => i % classes === row))
  );
  for (const name of STATUSES) point[name] = point.answers[name[1] - 1] / per;
  point.rate = sum(answers) / per;
  point.sent = (now.sizes.sum - before.sizes.sum) / per;
  point.evictions = (now.cache.evictions - before.cache.evictions) / per;
  const first = totals[0];
  const counts = less(now.durations.counts, first.durations.counts);
  for (const name of QUANTILES) {
    point[name] = quantile(name.slice(1) / 100, now.durations.bounds, counts);
  }
  const hits = now.cache.hits - first.cache.hits;
  const asked = hits + now.cache.misses - first.cache.misses;
  if (asked > 0) point.ratio = hits / asked;
  return point;
}

// Rounds up to 1, 2 or 5 with zeros, so that the scale seldom changes.
function ceiling(value) {
  const power = 10 ** floor(log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) =>
    step >= value * 0.999
  );
}

const linear = (least, unit = 1) => (values) => {
  const top = ceiling(max(least, ...values) / unit) * unit;
  return { top, bottom: 0, y: (value) => value / top, lines: [0.5] };
};
const bytes = (values) => {
  const most = max(1, ...values);
  return linear(1, 1024 ** floor(log10(most) / log10(1024)))(values);
};
const decades = (values) => {
  const powerOf = (value) => log10(min(10, max(1e-5, value)));
  const powers = values.map(powerOf);
  const high = ceil(max(-4, ...powers) - 1e-9);
  let low = floor(min(0, ...powers) + 1e-9);
  if (high - low < 2) low = high - 2;
  const lines = Array.from(
    { length: high - low - 1 },
    (_, i) => (i + 1) / (high - low),
  );
  return {
    top: 10 ** high,
    bottom: 10 ** low,
    lines,
    y: (value) => (powerOf(value) - low) / (high - low),
  };
};

const CHARTS = {
  rate: { names: ["rate"], scale: linear(10), word: rate },
  statuses: { names: STATUSES, scale: linear(10), word: rate },
  latency: { names: QUANTILES, scale: decades, word: seconds },
  open: { names: ["open"], scale: linear(10), word: count },
  ratio: { names: ["ratio"], scale: () => linear(1)([]), word: percent },
  lag: { names: ["lag"], scale: linear(0.01), word: seconds },
  memory: { names: ["memory"], scale: bytes, word: size },
};

// Splits a line at its gaps; points are [x, y] from 0 to 120 and 40.
function pieces(name, scale, now) {
  const all = [[]];
  for (const point of points) {
    const value = point[name];
    if (value === undefined) {
      all.push([]);
      continue;
    }
    const x = 120 - (now - point.at) / SPAN_MS * 120;
    all.at(-1).push([x.toFixed(2), (38.5 - scale.y(value) * 37).toFixed(2)]);
  }
  return all.filter((piece) => piece.length > 0);
}

const path = (name, d) => '<path class="' + name + '" d="' + d + '"/>';

function draw(box, now) {
  const { names, scale, word } = CHARTS[box.dataset.chart];
  const values = points.flatMap((point) => names.map((name) => point[name]))
    .filter((value) => value !== undefined);
  const fitted = scale(values);
  const elements = fitted.lines.map((at) =>
    path("grid", "M0 " + (38.5 - at * 37) + "H120")
  );
  for (const name of names) {
    const lines = pieces(name, fitted, now);
    const lineOf = (piece) =>
      "M" + piece.map((xy) => xy.join(" ")).join("L") +
      (piece.length === 1 ? "h.01" : "");
    if (names.length === 1) {
      elements.unshift(
        path(
          "area",
          lines.map((piece) =>
            lineOf(piece) + "L" + piece.at(-1)[0] + " 40L" + piece[0][0] +
            " 40Z"
          ).join(""),
        ),
      );
    }
    elements.push(path(name, lines.map(lineOf).join("")));
  }
  const svg = box.querySelector("svg");
  svg.innerHTML = elements.join("");
  const range = values.length === 0
    ? "no values yet"
    : word(min(...values)) + " to " + word(max(...values));
  svg.setAttribute(
    "aria-label",
    box.dataset.title + ", last two minutes: " + range,
  );
  box.querySelector(".top").textContent = word(fitted.top);
  box.querySelector(".bottom").textContent = fitted.bottom === 0
    ? "0"
    : word(fitted.bottom);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const KEY = '<svg class="key" viewBox="0 0 28 8" aria-hidden="true">';

// Makes a row for each name once, and updates its cells. A share becomes a bar.
function rows(body, list) {
  while (body.rows.length > list.length) body.deleteRow(-1);
  list.forEach(({ name, share, shown, value, key }, index) => {
    let row = body.rows[index];
    if (row === undefined) {
      row = body.insertRow();
      row.innerHTML = '<th scope="row">' +
        (key ? KEY + path(key, "M0 4h28") + "</svg> " : "") +
        "<span></span></th>" + (share === undefined
          ? ""
          : '<td><div class="bar"><i><b></b></i><span></span></div></td>') +
        "<td></td>";
    }
    write(row.querySelector("th span"), name);
    write(row.cells[row.cells.length - 1], value);
    if (share === undefined) return;
    row.querySelector("b").style.width = share * 100 + "%";
    write(row.querySelector("td span"), shown);
  });
}

const SHARES = ["half are faster", "9 of 10", "99 of 100"];
const MEANINGS = ["2xx sent", "3xx redirect", "4xx client", "5xx server"];
const STATES = {
  idle: "idle",
  head: "reading a head",
  body: "reading a body",
  waiting: "preparing a response",
  reply: "sending a response",
  events: "sending events",
  linger: "closing",
};

function tables(now, point) {
  const { names } = now;
  const recent = points.filter((one) => one.answers);
  const shares = STATUSES.map((name) =>
    sum(recent.map((one) => one.answers[name[1] - 1]))
  );
  const all = sum(shares);
  rows(
    byId("statuses"),
    STATUSES.map((key, row) => ({
      name: MEANINGS[row],
      share: all && shares[row] / all,
      shown: percent(all === 0 ? undefined : shares[row] / all),
      value: rate(point[key]),
      key,
    })),
  );
  rows(
    byId("quantiles"),
    QUANTILES.map((key, row) => ({
      name: key + ", " + SHARES[row],
      value: seconds(point[key]),
      key,
    })),
  );
  const open = max(1, point.open);
  rows(
    byId("phases"),
    now.connections.map((connections, row) => ({
      name: STATES[names.phases[row]],
      share: connections / open,
      shown: "",
      value: count(connections),
    })),
  );
  const causes = [
    ...now.timeouts.map((times, row) => ({
      name: "Time-out, " + STATES[names.phases[row]],
      times,
    })),
    ...now.refusals.map((times, row) => ({
      name: names.causes[row].replace("parse_", "unreadable, ")
        .replaceAll("_", " "),
      times,
    })),
  ].filter(({ times }) => times > 0).sort((a, b) => b.times - a.times);
  byId("calm").hidden = causes.length > 0;
  byId("causes-box").hidden = causes.length === 0;
  rows(
    byId("causes"),
    causes.map(({ name, times }) => ({ name, value: count(times) })),
  );
}

function show(now, point) {
  const { cache } = now;
  for (
    const [name, text] of Object.entries({
      version: now.versions.version,
      rate: rate(point.rate),
      total: count(sum(now.requests)),
      sent: size(point.sent),
      open: count(point.open),
      ratio: percent(point.ratio),
      cacheBytes: size(cache.bytes),
      entries: count(cache.entries),
      evictions: rate(point.evictions),
      files: count(cache.openFiles),
      lag: seconds(now.lag),
      lagMax: seconds(now.lagMax),
      isolates: count(now.isolates),
      restarts: count(now.restarts),
      memory: size(now.residentBytes),
      uptime: period(now.time - now.startedAt),
    })
  ) write(byId("f-" + name), text);
  tables(now, point);
}

function tell(className, text) {
  status.className = className;
  write(status, text);
  main.classList.toggle("lost-metrics", className === "lost");
}

function take(now) {
  const at = performance.now();
  const last = totals.at(-1);
  if (last !== undefined && !follows(now, last)) totals = [];
  if (totals.length === 0 && points.length > 0) points.push({ at });
  const point = pointOf(now, at);
  totals.push(now);
  if (totals.length > WINDOW) totals.shift();
  points.push(point);
  lostAt = undefined;
  if (now.isReady) tell("ready", "Ready");
  else tell("stopping", "Stopping: no longer accepting requests");
  show(now, point);
}

function lose() {
  totals = [];
  lostAt ??= new Date();
  tell(
    "lost",
    "Not reachable since " + lostAt.toLocaleTimeString() +
      ". Trying again every second.",
  );
}

async function ask() {
  try {
    const response = await fetch("figures.json", {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

async function tick() {
  const run = ++runs;
  const begin = performance.now();
  const now = await ask();
  if (run !== runs) return;
  if (now === undefined) lose();
  else take(now);
  const end = performance.now();
  points = points.filter((point) => end - point.at < SPAN_MS + 2 * STEP_MS);
  // With reduced motion the charts move every five seconds; the texts stay current.
  if (!reduced.matches || ticks++ % 5 === 0) {
    boxes.forEach((box) => draw(box, end));
  }
  timer = setTimeout(tick, max(50, STEP_MS - (end - begin)));
}

for (const box of boxes) {
  box.innerHTML =
    '<svg viewBox="0 0 120 40" preserveAspectRatio="none" role="img"></svg>' +
    '<div aria-hidden="true"><span class="top"></span><span class="bottom"></span>' +
    '<span class="from">2 min ago</span><span class="to">now</span></div>';
}
pause.hidden = false;
pause.addEventListener("click", () => {
  clearTimeout(timer);
  const resumes = pause.textContent !== "Pause";
  pause.textContent = resumes ? "Pause" : "Resume";
  if (resumes) return tick();
  runs++;
  tell("", "Paused");
});
tick();
