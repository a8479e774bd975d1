/**
 * What is asked of a folder as a whole: names below it, and all of it as an
 * archive. Neither has more than direct requests of the same client would come
 * to; a search, like a listing, also names files that skiff may not read.
 *
 * @module
 */

import { findDirect } from "./find.ts";
import { mayBeNamed } from "./hidden.ts";
import { searchFile } from "./listing/files.ts";
import type { ListingFormat } from "./listing/listing.ts";
import type { ListingOrder } from "./listing/order.ts";
import { searchTree, wordsOf } from "./listing/search.ts";
import type { Policy } from "./policy.ts";
import type { FileResource, Site, UnavailableResource } from "./site.ts";
import { type IsShown, Trees } from "./tree.ts";
import { Archiver, type ArchiveRequest } from "./zip/archiver.ts";

/** Searches that wait for their turn. One runs at a time, so that many delay other clients no longer than one. */
export const SEARCHES_WAITING_MAX = 64;

/** A search below a folder. */
export interface SearchRequest extends Omit<ArchiveRequest, "address"> {
  /** What to search for, as the client wrote it. */
  readonly text: string;
  readonly order: ListingOrder;
  readonly format: ListingFormat;
}

export class FolderRequests {
  readonly #policy: Policy;
  readonly #trees: Trees;
  readonly #archiver: Archiver;
  /** Resolves when all searches before have ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #searching = 0;

  constructor(site: Site, policy: Policy) {
    this.#policy = policy;
    this.#trees = new Trees(site);
    this.#archiver = new Archiver({
      isReadable: (path) => site.isReadable(path, Date.now()),
      open: (path, isPrivate) => {
        const file = findDirect(site, policy, path, Date.now());
        if (file === undefined) return undefined;
        return isPrivate || !policy.isProtected(file) ? file : undefined;
      },
    });
  }

  /** Returns a folder as an archive; refuses one that is too large. */
  async archive(
    request: ArchiveRequest,
  ): Promise<FileResource | UnavailableResource> {
    const { path, isPrivate } = request;
    const tree = await this.#tree(request);
    if (tree.kind !== "tree") return tree;
    return this.#archiver.get(
      tree,
      request,
      () => this.#trees.forget(path, String(isPrivate)),
    );
  }

  /** Returns a page or document with what was found. */
  async search(
    request: SearchRequest,
  ): Promise<FileResource | UnavailableResource> {
    const tree = await this.#tree(request);
    if (tree.kind !== "tree") return tree;
    if (this.#searching > SEARCHES_WAITING_MAX) {
      return { kind: "refused", status: 503 };
    }
    this.#searching++;
    const results = this.#turn
      .then(() => searchTree(tree, wordsOf(request.text)))
      .finally(() => this.#searching--);
    this.#turn = results.catch(() => {});
    const { realPath } = tree;
    return searchFile({ ...request, realPath, results: await results });
  }

  #tree({ path, isPrivate, now }: Omit<ArchiveRequest, "address">) {
    const isShown = this.#isShown(isPrivate);
    return this.#trees.get(path, String(isPrivate), isShown, now);
  }

  /** Tells whether a direct request of a client for an entry would come to it. */
  #isShown(isPrivate: boolean): IsShown {
    const viewer = this.#policy.nameViewer(isPrivate);
    return (path, entry, realPath) => mayBeNamed(viewer, path, entry, realPath);
  }
}
