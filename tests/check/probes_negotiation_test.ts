import { NEGOTIATION_PROBES } from "../../lib/check/probes_negotiation.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(NEGOTIATION_PROBES, [
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    'Accept-Encoding "gzip;q=0" gets identity',
    "Content-Encoding: gzip",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno",
    'Accept-Encoding "GZIP" gets one of gzip, identity',
    "the content is not gzip",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    'Accept-Encoding "GZIP" gets one of gzip, identity',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
    "an encoded response varies by Accept-Encoding",
    "Vary: none",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nVary: Origin, accept-encoding\r\nContent-Length: 0\r\n\r\n",
    "an encoded response varies by Accept-Encoding",
    undefined,
  ],
  [
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n',
    "an encoded response has a strong ETag of its own, or a weak one",
    "both have the same strong ETag",
  ],
]);
