/**
 * The responses for a folder without an index: its listing, or the archive or
 * search that the query names instead.
 *
 * @module
 */

import { preferredType } from "../http/media_range.ts";
import type { FolderRequests } from "./folder_requests.ts";
import { parseFolderQuery, wantsGrid } from "./listing/folder_query.ts";
import { Lister } from "./listing/lister.ts";
import type { ListingFormat } from "./listing/listing.ts";
import { parseListingOrder } from "./listing/order.ts";
import type { Policy } from "./policy.ts";
import { readReadme } from "./readmes.ts";
import type { FileResource, Site, UnavailableResource } from "./site.ts";
import type { TreeRequest } from "./tree.ts";

/** A request for a folder, or for what is below it. */
export interface FolderRequest extends TreeRequest {
  readonly query: string | undefined;
  readonly accept: string | undefined;
}

/** The formats by their media types; a client without a preference gets the first. */
const FORMATS: ReadonlyMap<string, ListingFormat> = new Map([
  ["text/html", "html"],
  ["application/json", "json"],
  ["text/plain", "text"],
]);

const TYPES = [...FORMATS.keys()];

export class FolderResources {
  readonly #site: Site;
  readonly #policy: Policy;
  readonly #lister: Lister;
  /** Loaded for the first request that needs it. */
  #requests: Promise<FolderRequests> | undefined;

  constructor(site: Site, policy: Policy) {
    this.#site = site;
    this.#policy = policy;
    const { zip: canDownload, pages } = policy.options;
    this.#lister = new Lister(site, {
      getViewer: (isPrivate) => policy.nameViewer(isPrivate),
      canDownload,
      getVersion: () => pages?.version ?? 0,
      readReadme: (request) => readReadme(site, policy, request),
    });
  }

  /** Returns the listing of a folder, a search below it, or all of it as an archive. */
  async get(
    request: FolderRequest,
  ): Promise<FileResource | UnavailableResource> {
    const { path, query = "", accept, now, isPrivate } = request;
    const order = parseListingOrder(query);
    const preferred = FORMATS.get(preferredType(accept, TYPES))!;
    const isGrid = preferred === "html" && wantsGrid(query);
    const format = isGrid ? "grid" : preferred;
    const wanted = parseFolderQuery(query);
    if (wanted?.kind === "search") {
      const { text } = wanted;
      const requests = await this.#load();
      return requests.search({ ...request, order, format, text });
    }
    if (wanted?.kind === "zip" && this.#policy.options.zip) {
      return (await this.#load()).archive(request);
    }
    return this.#lister.list(path, order, format, now, isPrivate);
  }

  #load(): Promise<FolderRequests> {
    return this.#requests ??= import("./folder_requests.ts")
      .then(({ FolderRequests }) =>
        new FolderRequests(this.#site, this.#policy)
      );
  }
}
