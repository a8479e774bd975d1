/**
 * Probes of content negotiation by Accept-Encoding (RFC 9110 §12).
 *
 * @module
 */

import {
  expectResponse,
  expectStatus,
  faultUnless,
  type Judge,
  type Probe,
  probesOf,
  type ProbeVerdict,
  shown,
} from "./probe.ts";
import { skip } from "./probe_values.ts";
import type { ProbeResponse } from "./responses.ts";

const { must, should } = probesOf("negotiation");

/** A request to which a server that encodes the file at all responds with an encoding. */
const WITH_GZIP = { lines: ["Accept-Encoding: gzip"] };

/** How bytes with a coding begin; brotli has no magic number. */
const MAGIC: Readonly<Record<string, string>> = {
  "gzip": "\x1f\x8b",
  "x-gzip": "\x1f\x8b",
  "zstd": "\x28\xb5\x2f\xfd",
};

function codingOf(response: ProbeResponse): string {
  return response.fields.get("content-encoding")?.toLowerCase() ?? "identity";
}

/** Values of Accept-Encoding, and the codings that may answer them. */
const VALUES:
  readonly (readonly [value: string, codings: readonly string[]])[] = [
    ["", ["identity"]],
    ["identity", ["identity"]],
    ["skiff-unknown", ["identity"]],
    ["gzip", ["gzip", "identity"]],
    ["GZIP", ["gzip", "identity"]],
    ["x-gzip", ["gzip", "x-gzip", "identity"]],
    ["gzip;q=0", ["identity"]],
    ["gzip; q=0.000", ["identity"]],
    ["gzip;q=0, br;q=0, zstd;q=0, deflate;q=0", ["identity"]],
    ["*;q=0, identity", ["identity"]],
    ["gzip;q=0.5, identity;q=1", ["identity", "gzip"]],
    ["gzip;q=0, *", ["br", "zstd", "deflate", "identity"]],
    ["br", ["br", "identity"]],
    ["br;q=0, gzip", ["gzip", "identity"]],
    ["zstd", ["zstd", "identity"]],
    ["deflate", ["deflate", "identity"]],
    ["gzip, deflate, br, zstd", ["gzip", "deflate", "br", "zstd", "identity"]],
    ["gzipx", ["identity"]],
    ["notgzip", ["identity"]],
  ];

function judgeCoding(codings: readonly string[]): Judge {
  return expectResponse(200, (response, file) => {
    const coding = codingOf(response);
    if (!codings.includes(coding)) return `Content-Encoding: ${coding}`;
    if (!response.body.startsWith(MAGIC[coding] ?? "")) {
      return `the content is not ${coding}`;
    }
    return faultUnless(
      coding !== "identity" || response.body === file.body,
      "the content is another",
    );
  });
}

/** Judges the response to {@linkcode WITH_GZIP}, if it is encoded. */
function ifEncoded(judge: Parameters<typeof expectResponse>[1]): Judge {
  return expectResponse(
    200,
    (response, file, exchange) =>
      codingOf(response) === "identity"
        ? skip("the server does not encode the file")
        : judge(response, file, exchange),
  );
}

/** Judges two responses on one connection with 200. */
function judgePair(
  judge: (one: ProbeResponse, two: ProbeResponse) => ProbeVerdict,
): Judge {
  return expectResponse(200, (one, _file, exchange) => {
    const [, two] = exchange.responses;
    if (two?.status === 200) return judge(one, two);
    return two === undefined && exchange.rest === "" && exchange.isClosed
      ? skip("the server closes after a response")
      : `the second response is ${shown(exchange, 1)}`;
  });
}

function variesByEncoding({ fields }: ProbeResponse): ProbeVerdict {
  const vary = fields.get("vary") ?? "none";
  return faultUnless(
    vary.split(",")
      .some((name) => /^(?:accept-encoding|\*)$/i.test(name.trim())),
    `Vary: ${vary}`,
  );
}

/** All probes of negotiation. */
export const NEGOTIATION_PROBES: readonly Probe[] = [
  ...VALUES.map(([value, codings]) =>
    must(
      "RFC 9110 §12.5.3",
      `Accept-Encoding "${value}" gets ${
        codings.length === 1 ? codings[0] : `one of ${codings.join(", ")}`
      }`,
      { lines: [`Accept-Encoding: ${value}`] },
      judgeCoding(codings),
    )
  ),
  ...["*;q=0", "identity;q=0"].map((value) =>
    must(
      "RFC 9110 §12.5.3",
      `Accept-Encoding "${value}" gets a response that is whole`,
      { lines: [`Accept-Encoding: ${value}`] },
      expectStatus(200, 406, 415),
    )
  ),
  ...["text/html", "application/x-skiff", "*/*;q=0", "not a type", ""].map((
    value,
  ) =>
    must("RFC 9110 §12.5.1", `Accept "${value}" is no error`, {
      lines: [`Accept: ${value}`],
    }, expectStatus(200, 406))
  ),
  should(
    "RFC 9110 §12.5.5",
    "an encoded response varies by Accept-Encoding",
    WITH_GZIP,
    ifEncoded(variesByEncoding),
  ),
  should(
    "RFC 9110 §12.5.5",
    "the response without a coding varies by Accept-Encoding, if there is one with a coding",
    [WITH_GZIP, {}],
    judgePair((one, two) =>
      codingOf(one) === "identity"
        ? skip("the server does not encode the file")
        : variesByEncoding(two)
    ),
  ),
  must(
    "RFC 9110 §8.8.3.3",
    "an encoded response has a strong ETag of its own, or a weak one",
    WITH_GZIP,
    ifEncoded(({ fields }, { etag }) => {
      const own = fields.get("etag");
      return faultUnless(
        own === undefined || own.startsWith("W/") || own !== etag,
        "both have the same strong ETag",
      );
    }),
  ),
  must(
    "RFC 9110 §8.6",
    "Content-Length is that of the encoded content",
    WITH_GZIP,
    ifEncoded(({ fields, body }, _file, { rest }) => {
      const length = fields.get("content-length");
      return faultUnless(
        rest === "" && (length === undefined || Number(length) === body.length),
        `Content-Length: ${length}`,
      );
    }),
  ),
  must(
    "RFC 9110 §8.3",
    "an encoded response has the Content-Type of the file",
    WITH_GZIP,
    ifEncoded(({ fields }, file) => {
      const type = fields.get("content-type");
      return faultUnless(
        type === file.fields.get("content-type"),
        `Content-Type: ${type}`,
      );
    }),
  ),
  should(
    "RFC 9110 §9.3.2",
    "HEAD has the Content-Encoding of GET",
    [{ method: "HEAD", ...WITH_GZIP }, WITH_GZIP],
    judgePair((one, two) => {
      const [head, get] = [codingOf(one), codingOf(two)];
      if (head !== get) return `${head} in place of ${get}`;
      return get === "identity"
        ? skip("the server does not encode the file")
        : undefined;
    }),
  ),
];
