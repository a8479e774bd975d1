/**
 * The status codes that skiff answers with, and their reason phrases (RFC 9110 §15; RFC 6585 for 429 and 431, RFC 7725 for 451).
 *
 * @module
 */

/** Reason phrases by status code. */
export const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/**
 * Errors that the site itself causes, so their pages can be files in it. skiff answers all others before it
 * consults the site.
 */
export const SITE_ERRORS: readonly number[] = [
  403,
  404,
  406,
  410,
  412,
  416,
  451,
  503,
];

/** The text of an error page: what happened and what the reader can do. */
export const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: "The request was not valid HTTP, or its address was malformed.",
  401: "You need a name and a password to see this.",
  403: "The server has no permission to read this file, or to give it to you.",
  404: "There is nothing at this address.",
  405: "You can read this address, but not write to it.",
  406:
    "This file exists only in a compressed form that the request does not accept.",
  408: "The request took too long to arrive.",
  410: "What was at this address is gone for good.",
  412: "The file has changed since the version the request named.",
  413: "The request contained more data than this server accepts.",
  414: "The address is longer than this server accepts.",
  416: "The file does not have the requested part.",
  417: "The request expects something that this server does not do.",
  421: "This server does not serve the requested host.",
  429: "Too many requests came from your address. Try again in a moment.",
  431: "The request had more headers than this server accepts.",
  451: "The server may not show this, for legal reasons.",
  500: "Something went wrong on the server. The cause is in its log.",
  501: "The server does not know this kind of request.",
  503: "The server is too busy right now. Try again in a moment.",
  505: "The server does not support this version of HTTP.",
};
