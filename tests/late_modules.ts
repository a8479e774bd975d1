/**
 * What only some options and commands need, so that a plain start does not pay
 * for it.
 *
 * @module
 */

/** Modules and packages that are loaded when they are first needed. */
export const LATE: readonly string[] = [
  "@csstools/css-tokenizer",
  "jsonc-parser",
  "lib/check/checker.ts",
  "lib/check/finding_rules.ts",
  "lib/check/probe_run.ts",
  "lib/cli/completions.ts",
  "lib/cli/config_file.ts",
  "lib/cli/help.ts",
  "lib/cli/qr_code.ts",
  "lib/cli/start_screen.ts",
  "lib/observe/admin/responder.ts",
  "lib/observe/terminal_log.ts",
  "lib/server/tls/connection.ts",
  "lib/server/tls/listener.ts",
  "lib/service/admin.ts",
  "lib/service/archives.ts",
  "lib/service/browser.ts",
  "lib/service/check.ts",
  "lib/service/check_log.ts",
  "lib/service/check_server.ts",
  "lib/service/checked_site.ts",
  "lib/service/console.ts",
  "lib/service/explain.ts",
  "lib/service/external_links.ts",
  "lib/service/file_roots.ts",
  "lib/service/file_watch.ts",
  "lib/service/https_redirect.ts",
  "lib/service/live.ts",
  "lib/service/looks.ts",
  "lib/service/made_certificate.ts",
  "lib/service/made_keys.ts",
  "lib/service/preview_choice.ts",
  "lib/service/previews.ts",
  "lib/service/prompt.ts",
  "lib/service/release_events.ts",
  "lib/service/release_roots.ts",
  "lib/service/release_watch.ts",
  "lib/service/releases.ts",
  "lib/service/workers.ts",
  "lib/site/bundle/bundle.ts",
  "lib/site/bundle/format.ts",
  "lib/site/bundle/reader.ts",
  "lib/site/folder_requests.ts",
  "lib/site/folder_resources.ts",
  "lib/site/listing/lister.ts",
  "lib/site/markdown/markdown.ts",
  "lib/site/releases/releases_site.ts",
  "lib/site/suggestions.ts",
  "lib/site/tree.ts",
  "lib/site/zip/archiver.ts",
  "lib/site/zip/zip_site.ts",
  "markdown-it",
  "node:process",
  "node:tls",
  "node:zlib",
  "qr",
];

/** All that a plain start loads beside skiff's own modules: nothing from npm, and of Node what nothing cheaper can do. */
export const PLAIN: readonly string[] = [
  "node:crypto",
  "node:fs",
  "node:path",
  "node:util",
];
