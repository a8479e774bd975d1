/**
 * Sites of a single file: the file itself, or what is in it. Loaded when a root
 * is no directory.
 *
 * @module
 */

import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { Decoder } from "../site/disk/decoder.ts";
import type { DirectoryOptions } from "../site/disk/directory_options.ts";
import { FileSource, SingleFileSite } from "../site/disk/single_file.ts";
import { isMarkdown, markdownPage } from "../site/markdown/page.ts";
import { ZipError } from "../site/zip/reader.ts";
import { ZipSite } from "../site/zip/zip_site.ts";
import { type Plan, PlanError } from "./plan.ts";

/** Opens the file that is a root. Throws a PlanError if it cannot be served. */
export function openFileRoot(
  plan: Pick<Plan, "root" | "kind" | "options">,
  options: DirectoryOptions,
): SingleFileSite | ZipSite {
  const { root, kind } = plan;
  const isRendered = plan.options.live && isMarkdown(root);
  const edit = isRendered ? markdownPage : undefined;
  const real = Deno.realPathSync(root);
  const [directory, name] = [dirname(real), basename(real)];
  return kind === "zip"
    ? openZip(root, directory, name, options)
    : new SingleFileSite(directory, name, basename(root), options, edit);
}

function openZip(
  root: string,
  directory: string,
  name: string,
  { isProtected, pools }: DirectoryOptions,
): ZipSite {
  const source = FileSource.open(directory, name);
  if (source === undefined) {
    throw new PlanError(`Cannot serve "${root}": skiff cannot read it`);
  }
  const decoder = new Decoder(pools?.decoded);
  try {
    return new ZipSite(source, isProtected, decoder);
  } catch (error) {
    source.close();
    decoder.close();
    if (!(error instanceof ZipError)) throw error;
    throw new PlanError(`Cannot serve "${root}": ${error.message}`);
  }
}
