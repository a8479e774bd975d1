/**
 * The rules of `skiff check`: what each finding is called, how much it matters
 * and how to mend it. The names are stable: configurations of CI and `--ignore`
 * use them.
 *
 * @module
 */

/** How much a finding matters: an error breaks something for users, a warning may, a note costs speed or polish. */
export type Severity = "error" | "warning" | "note";

/** All severities, the worst first. */
export const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** What a rule says about its findings. */
export interface FindingRule {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What to do about it. */
  readonly mend: string;
}

const RULES = {
  "dead-link": {
    severity: "error",
    title: "a link leads to an error page",
    mend: "correct the address, add the page, or add a redirect",
  },
  "dead-resource": {
    severity: "error",
    title: "something that a page loads does not exist",
    mend: "correct the address, or add the file",
  },
  "outside-link": {
    severity: "error",
    title: "an address names a file-system link that leads out of the site",
    mend:
      "put the file itself into the site: skiff never follows a link out of it",
  },
  "unanswered-form": {
    severity: "warning",
    title: "a form is sent to this site with POST, which gets 405",
    mend: "send it to a server that takes it, or with GET",
  },
  "dead-anchor": {
    severity: "warning",
    title: "a link names an anchor that its page does not have",
    mend: "correct the part after #, or give the element that id",
  },
  "wrong-case": {
    severity: "error",
    title: "an address differs from the file in upper and lower case",
    mend: "write the address like the name of the file: on Linux they differ",
  },
  "redirected-link": {
    severity: "note",
    title: "a link leads to a redirect, which costs a round trip",
    mend: "link to where the redirect leads",
  },
  "redirect-loop": {
    severity: "error",
    title: "redirects form a loop",
    mend: "change one of the redirects so that it leads to a page",
  },
  "wrong-type": {
    severity: "error",
    title: "browsers refuse a file because of its Content-Type",
    mend:
      "give the file the extension of its type, or set Content-Type by a header rule",
  },
  "mixed-content": {
    severity: "error",
    title:
      "a page loads something over plain HTTP, which browsers block or change",
    mend: "use https:, or an address without a scheme",
  },
  "csp-blocked": {
    severity: "error",
    title: "the Content-Security-Policy of a page forbids what the page uses",
    mend: "allow it in the policy, or remove it from the page",
  },
  "invalid-address": {
    severity: "warning",
    title: "an address cannot be parsed, or no server accepts it",
    mend: "percent-encode special characters, and write / instead of \\",
  },
  "missing-title": {
    severity: "warning",
    title: "a page has no title",
    mend: "add a <title> with text to its <head>",
  },
  "missing-lang": {
    severity: "warning",
    title: "a page does not declare its language",
    mend: 'add lang to the <html> element, as in <html lang="en">',
  },
  "image-size": {
    severity: "note",
    title: "an image has no size, so the page shifts when it loads",
    mend: "add width and height to the <img> element",
  },
  "missing-404": {
    severity: "note",
    title: "the site has no error page of its own",
    mend: "add 404.html to the root of the site",
  },
  "rule-invalid": {
    severity: "error",
    title: "a rule is invalid, and skiff ignores it",
    mend: "correct the line; skiff's documentation of rules has the syntax",
  },
  "rule-dead-end": {
    severity: "error",
    title: "a rule leads to nothing",
    mend: "correct the destination, or add the file",
  },
  "rule-shadows-file": {
    severity: "warning",
    title: "a rule with force hides files",
    mend: 'remove the "!" or "force", or the files that no client can get',
  },
  "rule-unreachable": {
    severity: "warning",
    title: "a rule never applies",
    mend: "move it before the rule that matches first, or remove it",
  },
  "immutable-page": {
    severity: "error",
    title: "browsers cache a page and never revalidate it",
    mend:
      "limit the header rule to names with a hash: a page changes and keeps its name",
  },
  "immutable-unhashed": {
    severity: "warning",
    title:
      "browsers cache for good a file whose name does not change with its content",
    mend:
      "limit the header rule to names with a hash, or put a hash into the name",
  },
  "hashed-revalidated": {
    severity: "note",
    title: "browsers revalidate a file whose name has a hash",
    mend: "remove the rule or option that sets Cache-Control for it",
  },
  "public-key": {
    severity: "error",
    title: "a private key would be public",
    mend: "move it out of the site, and replace the key if it was ever served",
  },
  "public-secret": {
    severity: "error",
    title: "a file whose name suggests that it holds passwords would be public",
    mend:
      "move it out of the site, and change the passwords in it if it was ever served",
  },
  "public-leftover": {
    severity: "warning",
    title: "a backup, a dump or a file of an editor would be public",
    mend: "remove it from the site",
  },
  "public-source-map": {
    severity: "note",
    title: "a source map would show the sources of the site",
    mend: "turn source maps off in the build, if the sources are not public",
  },
  "not-compressed": {
    severity: "warning",
    title: "a file that compresses well is always sent as it is",
    mend: "put a .br or .gz file beside it, or turn compression on",
  },
  "stale-sibling": {
    severity: "error",
    title: "a precompressed file has other content than its file",
    mend: "compress the file again",
  },
  "unused-sibling": {
    severity: "warning",
    title: "a precompressed file is older than its file, and is never sent",
    mend: "compress the file again",
  },
  "invalid-import-map": {
    severity: "error",
    title: "an import map, or an entry of it, is not valid",
    mend: "correct it: browsers ignore it, and imports by these names fail",
  },
  "invalid-manifest": {
    severity: "error",
    title: "a web app manifest is not valid JSON",
    mend: "correct its syntax",
  },
  "undecodable-text": {
    severity: "warning",
    title: "a document contains bytes that are not text in its encoding",
    mend: "save it as UTF-8, or declare its encoding",
  },
  "sitemap-elsewhere": {
    severity: "note",
    title:
      "a sitemap or feed names only addresses that this site does not have",
    mend: "check the site below the path in its addresses",
  },
  "empty-site": {
    severity: "error",
    title: "the site has no files",
    mend: "name the directory that the build writes",
  },
  "unservable-name": {
    severity: "warning",
    title: "a name is not UTF-8, or has a backslash, and is never served",
    mend: "give the file another name",
  },
  "unreadable-file": {
    severity: "warning",
    title: "a file of the site cannot be read by the server",
    mend: "give the user who runs skiff permission to read it",
  },
  "document-cut": {
    severity: "note",
    title: "a document is too large; skiff checked only a part of it",
    mend: "split it",
  },
  "too-many-files": {
    severity: "warning",
    title: "the site has more files than skiff checks",
    mend: "check parts of it",
  },
  "dead-external": {
    severity: "warning",
    title: "a link to another server leads to an error or to no server",
    mend: "correct or remove the link",
  },
  "external-unchecked": {
    severity: "note",
    title: "a link to another server was not checked",
    mend: "check it yourself",
  },
} as const satisfies Readonly<Record<string, FindingRule>>;

/** The name of a rule. */
export type RuleId = keyof typeof RULES;

/** All rules by their names, in the order of the documentation. */
export const FINDING_RULES: Readonly<Record<RuleId, FindingRule>> = RULES;

/** Their names. */
export const RULE_IDS: readonly RuleId[] = Object.keys(RULES) as RuleId[];

/** Whether a text is the name of a rule. */
export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(RULES, text);
}
