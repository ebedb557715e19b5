import type { SessionId } from "../../domain/session/session-id.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type CatalogEntry, readCatalog } from "./catalog.ts"
import { everyFolders } from "./folders.ts"
import { type ExportNames, listNames } from "./name-index.ts"
import { readSavedExports, type SavedExports } from "./saved-exports.ts"

type DataFolder = Pick<Paths, "data">

/** The entries of every agent's two folders, newest first. Throws as `readCatalog` does. */
export function readWholeCatalog({ data }: DataFolder): readonly CatalogEntry[] {
  return newestFirst(everyFolders(data).map(({ pending, archive }) => readCatalog(pending, archive)))
}

/** The exports in every agent's two folders. */
export function readEverySaved({ data }: DataFolder): SavedExports {
  const each = everyFolders(data).map(({ pending, archive }) => readSavedExports(pending, archive))
  const [only, ...others] = each
  if (only !== undefined && others.length === 0) return only
  return {
    of: (id: SessionId) => newestFirst(each.map((saved) => saved.of(id))),
    all: () => newestFirst(each.map((saved) => saved.all())),
    *each(except) {
      for (const saved of each) yield* saved.each(except)
    },
  }
}

/** The file names in every agent's two folders. */
export function listEveryName({ data }: DataFolder, only = ""): ExportNames {
  const each = everyFolders(data).map(({ pending, archive }) => listNames(pending, archive, only))
  return {
    pending: each.flatMap(({ pending }) => pending),
    archive: each.flatMap(({ archive }) => archive),
  }
}

/** Names begin with the time of the export. */
function newestFirst<T extends { readonly name: string }>(lists: readonly (readonly T[])[]): readonly T[] {
  const [only, ...others] = lists
  if (only !== undefined && others.length === 0) return only
  return lists.flat().toSorted((a, b) => (a.name < b.name ? 1 : -1))
}
