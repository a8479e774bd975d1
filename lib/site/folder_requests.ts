/**
 * What is asked of a folder as a whole: names below it, and all of it as an
 * archive. Neither has more than direct requests of the same client would come
 * to; a search, like a listing, also names files that skiff may not read.
 *
 * @module
 */

import { Finder } from "./find.ts";
import { mayBeNamed } from "./hidden.ts";
import { searchFile } from "./listing/files.ts";
import type { ListingFormat } from "./listing/listing.ts";
import type { ListingOrder } from "./listing/order.ts";
import { searchTree, searchWordsOf } from "./listing/search.ts";
import type { Policy } from "./policy.ts";
import type { FileResource, Site, UnavailableResource } from "./site.ts";
import { type TreeRequest, Trees } from "./tree.ts";
import { Turns } from "./turns.ts";
import { Archiver } from "./zip/archiver.ts";

/** Searches that wait for their turn, of all clients. One runs at a time, so that many delay others no longer than one. */
export const SEARCHES_WAITING_MAX = 64;

/** A search below a folder. */
export interface SearchRequest extends TreeRequest {
  /** What to search for, as the client wrote it. */
  readonly text: string;
  readonly order: ListingOrder;
  readonly format: ListingFormat;
}

export class FolderRequests {
  readonly #trees: Trees;
  readonly #archiver: Archiver;
  readonly #turns = new Turns(SEARCHES_WAITING_MAX);

  constructor(site: Site, policy: Policy) {
    this.#trees = new Trees(site, (isPrivate) => {
      const viewer = policy.nameViewer(isPrivate);
      return (path, entry, realPath) =>
        mayBeNamed(viewer, path, entry, realPath);
    });
    const finder = new Finder(site, policy);
    this.#archiver = new Archiver({
      isReadable: (path) => site.isReadable(path, Date.now()),
      open: (path, isPrivate) => {
        const file = finder.findDirect(path, Date.now());
        if (file === undefined) return undefined;
        return isPrivate || !policy.isProtected(file) ? file : undefined;
      },
    });
  }

  /** Returns a folder as an archive; refuses one that is too large. */
  async archive(
    request: TreeRequest,
  ): Promise<FileResource | UnavailableResource> {
    const tree = await this.#trees.get(request);
    if (tree.kind !== "tree") return tree;
    return this.#archiver.get(
      tree,
      request,
      () => this.#trees.forget(request),
    );
  }

  /** Returns a page or document with what was found; refuses if too many searches of other clients go first. */
  async search(
    request: SearchRequest,
  ): Promise<FileResource | UnavailableResource> {
    const tree = await this.#trees.get(request);
    if (tree.kind !== "tree") return tree;
    const place = this.#turns.enter(request.address, request.isWanted);
    if (!await place?.begun) return { kind: "refused", status: 503 };
    try {
      const results = await searchTree(
        tree,
        searchWordsOf(request.text),
        request.isWanted,
      );
      return searchFile({ ...request, realPath: tree.realPath, results });
    } finally {
      this.#turns.leave();
    }
  }
}
