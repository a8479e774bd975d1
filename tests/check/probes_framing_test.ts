import { FRAMING_PROBES } from "../../lib/check/probes_framing.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(FRAMING_PROBES, [
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    'Content-Length "-1" is refused',
    "expected a refusal, got 200",
  ],
  [
    "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n",
    'Content-Length "-1" is refused',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a request with Content-Length and Transfer-Encoding is refused, or ends the connection",
    "expected a refusal or the end of the connection, got 200 on an open one",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "fields without a value are taken",
    undefined,
  ],
  [
    "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n",
    "fields without a value are taken",
    "expected 200, got 400",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HEAD has no content",
    "there is content",
  ],
]);
