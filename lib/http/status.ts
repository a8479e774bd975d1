/**
 * The status codes that skiff answers with, and their reason phrases (RFC 9110 §15).
 *
 * @module
 */

/** Reason phrases by status code. */
export const REASON_PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  304: "Not Modified",
  308: "Permanent Redirect",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** What an error page says under its title: what happened and what the reader can do. */
export const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: "The request was not valid HTTP, or its address was malformed.",
  403: "The server is not allowed to read this file.",
  404: "There is nothing at this address.",
  405: "This address can be read, not written to.",
  408: "The request took too long to arrive.",
  412: "The file has changed since the version the request named.",
  413: "The request carried more data than this server accepts.",
  414: "The address is longer than this server accepts.",
  416: "The file does not have the part that was asked for.",
  417: "The request expects something this server does not do.",
  431: "The request carried more header fields than this server accepts.",
  500: "Something went wrong on the server. The cause is in its log.",
  501: "The server does not know this kind of request.",
  503: "The server has too much to do just now. Try again in a moment.",
  505: "The server speaks HTTP/1.1.",
};
