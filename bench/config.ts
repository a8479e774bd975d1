/**
 * Configuration of the peers that need a file: each set up to be as fast as it
 * can be on one core, with nothing switched on that skiff does not do as well.
 *
 * @module
 */

import { TARGETS } from "./files.ts";
import type { PairFiles } from "./tls_client.ts";

/** What a configuration is made of. */
export interface Setting {
  /** The directory to serve. */
  readonly root: string;
  /** A directory of the server's own, for all that it writes. */
  readonly directory: string;
  readonly port: number;
  /** Most file descriptors. */
  readonly descriptors: number;
  /** Whether an access log is written to standard output; only skiff is asked for one. */
  readonly isLogging: boolean;
  /** Bytes of the one answer of a canned server, head and body; undefined for the small file. */
  readonly answerBytes?: number | undefined;
  /** What TLS is served with, and then HTTP/2 as well; undefined for plain HTTP/1.1. */
  readonly pair?: PairFiles | undefined;
}

/** Idle connections stay for the length of any measuring, and serve any number of requests. */
const FOR_EVER_SECONDS = 3600;
const ANY_NUMBER = 2_000_000_000;

/**
 * nginx.conf: one worker, descriptors of files kept open, no log. With
 * sendfile, tcp_nopush is faster for small files and slower for large ones.
 */
export function nginxConf(setting: Setting, hasSendfile: boolean): string {
  const { root, directory, port, descriptors, pair } = setting;
  const tls = pair === undefined ? "" : `    ssl_certificate ${pair.cert};
    ssl_certificate_key ${pair.key};
    ssl_protocols TLSv1.2 TLSv1.3;
`;
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${directory}/${name};\n`).join("");
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile ${descriptors};
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events {
  worker_connections ${Math.floor(descriptors * 0.6)};
}
http {
${scratch}  types {
    text/plain txt;
    image/png png;
  }
  default_type application/octet-stream;
  access_log off;
  log_not_found off;
  sendfile ${hasSendfile ? "on" : "off"};
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout ${FOR_EVER_SECONDS}s;
  keepalive_requests ${ANY_NUMBER};
  open_file_cache max=${Math.floor(descriptors * 0.6)} inactive=1h;
  open_file_cache_valid 60s;
  open_file_cache_min_uses 1;
  open_file_cache_errors on;
  server {
    listen 127.0.0.1:${port}${
    pair === undefined ? "" : " ssl http2"
  } backlog=4096;
${tls}    root ${root};
    gzip_static on;
    location = ${TARGETS.medium} {
      tcp_nopush off;
    }
  }
}
`;
}

/** h2o.conf: one thread; compressed siblings are sent where they are. */
export function h2oConf(setting: Setting): string {
  const { root, directory, port, descriptors, pair } = setting;
  const tls = pair === undefined ? "" : `  ssl:
    certificate-file: ${pair.cert}
    key-file: ${pair.key}
`;
  return `num-threads: 1
max-connections: ${Math.floor(descriptors * 0.8)}
listen:
  host: 127.0.0.1
  port: ${port}
${tls}error-log: ${directory}/error.log
http1-request-timeout: ${FOR_EVER_SECONDS}
http2-idle-timeout: ${FOR_EVER_SECONDS}
file.send-compressed: ON
hosts:
  default:
    paths:
      "/":
        file.dir: ${root}
`;
}

/** lighttpd.conf: one process, sendfile, compressed files kept on disk. */
export function lighttpdConf(setting: Setting): string {
  const { root, directory, port, descriptors, pair } = setting;
  const tls = pair === undefined ? "" : `server.modules += ("mod_openssl")
ssl.engine = "enable"
ssl.pemfile = "${pair.cert}"
ssl.privkey = "${pair.key}"
`;
  return `server.modules = ("mod_deflate")
${tls}server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${root}"
server.errorlog = "${directory}/error.log"
server.max-fds = ${descriptors}
server.max-connections = ${Math.floor(descriptors * 0.6)}
server.listen-backlog = 4096
server.max-keep-alive-requests = ${ANY_NUMBER}
server.max-keep-alive-idle = ${FOR_EVER_SECONDS}
server.network-backend = "sendfile"
mimetype.assign = (".txt" => "text/plain", ".png" => "image/png", "" => "application/octet-stream")
deflate.mimetypes = ("text/plain")
deflate.allowed-encodings = ("gzip")
deflate.cache-dir = "${directory}"
`;
}

/** Caddyfile: no HTTP/3, compressed siblings are sent where they are. */
export function caddyfile(setting: Setting): string {
  const { root, port, pair } = setting;
  const address = `${
    pair === undefined ? "http" : "https"
  }://127.0.0.1:${port}`;
  const tls = pair === undefined ? "" : `  tls ${pair.cert} ${pair.key}\n`;
  return `{
  admin off
  auto_https off
  servers {
    protocols h1 h2
  }
}
${address} {
${tls}  root * ${root}
  file_server {
    precompressed gzip
  }
}
`;
}
