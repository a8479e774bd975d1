import { TARGET_PROBES } from "../../lib/check/probes_target.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(TARGET_PROBES, [
  [
    "HTTP/1.1 421 No\r\nContent-Length: 0\r\n\r\n",
    'the Host "a b" is refused',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: today",
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: Xyz, 99 Abc 2026 99:99:99 GMT\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: Xyz, 99 Abc 2026 99:99:99 GMT",
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: Mon, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: Mon, 06 Nov 1994 08:49:37 GMT",
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: Sunday, 06-Nov-94 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: Sunday, 06-Nov-94 08:49:37 GMT",
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: Sat, 31 Dec 2016 23:59:60 GMT\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    undefined,
  ],
]);
