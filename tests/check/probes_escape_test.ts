import { ESCAPE_PROBES } from "../../lib/check/probes_escape.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(ESCAPE_PROBES, [
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nroot:",
    "//etc/passwd does not leave the site",
    "it sends /etc/passwd",
  ],
  [
    "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "//etc/passwd does not leave the site",
    undefined,
  ],
  [
    "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    "//etc/passwd does not leave the site",
    "got 500",
  ],
  [
    "HTTP/1.1 301 Go\r\nLocation: //example.com/\r\nContent-Length: 0\r\n\r\n",
    "//example.com// leads to no other host",
    "Location: //example.com/",
  ],
  [
    "HTTP/1.1 301 Go\r\nLocation: /example.com/\r\nContent-Length: 0\r\n\r\n",
    "//example.com// leads to no other host",
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nX-Probe: 1\r\nContent-Length: 0\r\n\r\n",
    "/x%0d%0aX-Probe:1 puts no line into the response",
    "there is X-Probe",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789",
    "/.env is not public",
    undefined,
  ],
]);
