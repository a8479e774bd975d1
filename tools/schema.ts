/**
 * The JSON Schema of the configuration file, for editors that complete and check it.
 *
 * @module
 */

import { SITE_ERRORS } from "../lib/http/status.ts";
import { REDIRECT_STATUS } from "../lib/cli/file_rules.ts";
import {
  isFrom,
  isOn,
  isOptional,
  shownDefault,
  valueOf,
} from "../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionRow,
} from "../lib/cli/options.ts";

/** A schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** Makes the schema of the file, in draft 7: the newest that common editors fully support. */
export function configSchema(): Schema {
  const options = OPTION_TABLE.filter((row) => isFrom(row, "file"));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "skiff.json",
    description: "Configuration of skiff, a static file web server",
    type: "object",
    additionalProperties: false,
    allowComments: true,
    allowTrailingCommas: true,
    properties: {
      $schema: {
        type: "string",
        description: "The path or URL of this schema",
      },
      ...Object.fromEntries(options.map((row) => [row.key, optionSchema(row)])),
      headers: HEADERS,
      redirects: REDIRECTS,
      errorPages: ERROR_PAGES,
    },
  };
}

/** The text of the schema file. */
export function schemaText(): string {
  return `${JSON.stringify(configSchema(), undefined, 2)}\n`;
}

function optionSchema(row: OptionRow): Schema {
  const preset = valueOf(row, defaultOptions());
  const what = isOn(row) ? `false: ${row.help}` : row.help;
  return {
    description: preset === undefined ? `${what} [${shownDefault(row)}]` : what,
    ...typeOf(row),
    ...preset !== undefined && { default: preset },
  };
}

function typeOf(row: OptionRow): Schema {
  if (row.type === "switch") return { type: "boolean" };
  if (row.type === "list") {
    return { type: ["array", "string"], items: { type: "string" } };
  }
  if (row.type === "number") {
    const [minimum, maximum] = row.range ?? [];
    const type = row.isFractional ? "number" : "integer";
    const number = { type, minimum, maximum };
    return row.choices === undefined
      ? number
      : { anyOf: [number, { enum: row.choices }] };
  }
  if (row.choices !== undefined) return { enum: row.choices };
  const type = isOptional(row) ? ["string", "boolean"] : "string";
  return { type, minLength: 1 };
}

const HEADERS: Schema = {
  description: "Headers for the paths that a pattern matches",
  type: "array",
  items: {
    type: "object",
    additionalProperties: false,
    required: ["for", "values"],
    properties: {
      for: { description: "The pattern: /assets/*", type: "string" },
      values: {
        description: "The headers: names and values",
        type: "object",
        additionalProperties: { type: "string" },
      },
    },
  },
};

const REDIRECTS: Schema = {
  description: "Redirects, and rewrites with status 200; the first match wins",
  type: "array",
  items: {
    type: "object",
    additionalProperties: false,
    required: ["from"],
    properties: {
      from: {
        description: "The pattern: /old/*, /blog/:year/:name",
        type: "string",
      },
      to: {
        description: "The destination: /new/:splat, https://example.com/:name",
        type: "string",
      },
      status: {
        description: "301, 302, 303, 307 or 308; 200 for a rewrite",
        type: "integer",
        minimum: 100,
        maximum: 599,
        default: REDIRECT_STATUS,
      },
      force: {
        description: "Apply the rule even if there is a file",
        type: "boolean",
        default: false,
      },
    },
  },
};

const ERROR_PAGES: Schema = {
  description: "Pages of the site for error statuses",
  type: "object",
  additionalProperties: false,
  patternProperties: {
    [`^(?:${SITE_ERRORS.join("|")})$`]: {
      description: "The path of the page: /errors/404.html",
      type: "string",
    },
  },
};
