/**
 * What a directory site learns about changes without looking at the disk.
 *
 * @module
 */

/**
 * What happened to a path. "written": a writer closed the file, so its content was whole then. "changed": anything else
 * that may change a reply, such as a write in progress, another mode, a name that came or went.
 */
export type ChangeKind = "changed" | "written";

/**
 * Tells about changes below a directory.
 *
 * What a site has read while {@linkcode Changes.trusts} is current until `onChange` names it. A path that leads through
 * a link, or a file with several names (hard links), can change under another name: no one tells of that, so the site
 * must look at those itself.
 */
export interface Changes {
  /**
   * Whether every change is told, so that nothing must be looked up again to stay current. False until the watch
   * stands; false again as soon as it may have missed something. `now` is in milliseconds since the epoch.
   */
  trusts(now: number): boolean;

  /**
   * Called with the decoded path below the root that changed, without a "/" at its end. If it is a directory, anything
   * in and below it may have changed. A name that came or went is told as its own path, and the list of names of its
   * directory is out of date with it. An undefined path says that anything may have changed: also when trust begins,
   * because what was read before is not covered, and before it ends.
   */
  onChange: (path: string | undefined, kind: ChangeKind) => void;

  /**
   * Whether to compare something that is about to be used on trust with the disk after all. Not every file system tells
   * of every change, so a site asks this about what it has not compared for {@linkcode LOOK_MS}; a yes uses up one of a
   * bounded number of looks. `now` is in milliseconds since the epoch.
   */
  mayLook(now: number): boolean;

  /**
   * Called by the site when such a look found a change that was not told, at a decoded path without a "/" at its end.
   * If no one tells of it soon, trust ends for good. For the list of names of a directory, it is the directory's path.
   */
  found(path: string): void;

  /** Whether the watch stands, without a look: as it was when {@linkcode Changes.trusts} was last asked. */
  readonly isWatching: boolean;

  /** Stops telling. Nothing is trusted afterwards. */
  close(): void;
}

/** How long a site uses something on trust without {@linkcode Changes.mayLook}, in milliseconds. */
export const LOOK_MS = 1000;

/** Tells nothing, and is never trusted. */
export class NoChanges implements Changes {
  readonly isWatching = false;
  onChange: Changes["onChange"] = () => {};

  trusts(_now: number): boolean {
    return false;
  }

  mayLook(_now: number): boolean {
    return false;
  }

  found(_path: string): void {}

  close(): void {}
}
