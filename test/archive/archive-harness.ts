/** Exports of a session, and the archive stage called on them without the rest of the program. */

import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { SavedExport } from "../../src/domain/export/export.ts"
import type { ManifestFile } from "../../src/domain/export/manifest.ts"
import { silentReporter } from "../../src/domain/progress.ts"
import { readSavedExports } from "../../src/rescue/catalog/saved-exports.ts"
import { archiveOne } from "../fixtures/archive-one.ts"
import { builtInArchiver, readStored } from "../fixtures/built-in.ts"
import { SaveHarness } from "../unit/rescue/save-harness.ts"

export class ArchiveHarness extends SaveHarness {
  readonly archive = join(this.root, "data/archive")
  readonly paths = {
    home: this.home,
    config: join(this.root, "config"),
    data: join(this.root, "data"),
    pending: this.pending,
    archive: this.archive,
  }

  saved(place: SavedExport["place"]): SavedExport {
    const found = readSavedExports(this.pending, this.archive)
      .of(this.id)
      .find((each) => each.place === place)
    if (found === undefined) throw new Error(`nothing is ${place}`)
    return found
  }

  /** Saves the session, and archives what was saved. */
  async shelve(archiver = "archive-zstd", ...files: string[]): Promise<SavedExport> {
    await this.save(this.plan(...files), { readStored })
    return this.archiveIt(archiver)
  }

  async archiveIt(archiver = "archive-zstd", signal = new AbortController().signal): Promise<SavedExport> {
    const reporter = silentReporter
    return archiveOne(this.saved("pending"), await builtInArchiver(archiver), {
      paths: this.paths,
      version: "0",
      signal,
      warn: (message) => void this.warnings.push(message),
      readStored,
      reporter,
    })
  }

  /** What a file of the archive holds, from a byte on. */
  async decoded(saved: SavedExport, file: ManifestFile, from = 0): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of readStored(saved, file, from)) parts.push(Buffer.from(part))
    return Buffer.concat(parts)
  }

  archived(): string[] {
    return existsSync(this.archive)
      ? (readdirSync(this.archive, { recursive: true }) as string[]).toSorted()
      : []
  }
}
