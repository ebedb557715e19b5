/** The exports in the data folder, pending and archived: listing, reading and removing them. */
import { accessSync, constants } from "node:fs"
import { dirname } from "node:path"
import { errnoOf } from "../../domain/errors.ts"
import { idInName, parseExportName, type SavedExport } from "../../domain/export/export.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { listDir } from "../../system/fs/list-dir.ts"
import { isBeingRemoved } from "./remove-export.ts"
import { readArchived, readPending, readSavedExports } from "./saved-exports.ts"

interface Named {
  readonly place: SavedExport["place"]
  /** The name without any ending. */
  readonly name: string
  readonly id: SessionId | null
  /** The path a user would name it by. */
  readonly path: string
}

/** An entry of the data folder that is an export, was one, or looks like one. */
export type CatalogEntry =
  | (Named & { readonly kind: "export"; readonly id: SessionId; readonly saved: SavedExport })
  /** A `.jsonl` without a manifest, copied there manually; or files found among those of an archived export. */
  | (Named & { readonly kind: "foreign"; readonly why: string })
  /**
   * An incomplete export; `lacking` says what is missing or unreadable. `end`: archiving or removal of this export is
   * in progress or was interrupted.
   */
  | (Named & {
      readonly kind: "broken"
      readonly lacking: "manifest" | "transcript" | "permission" | "end"
      readonly why: string
    })

const endings = [".manifest.json", ".archive.json", ".jsonl.zst", ".jsonl", ".files"] as const
type Ending = (typeof endings)[number]

const readOne = { pending: readPending, archived: readArchived }

/** All entries of the two folders, newest first. A missing folder is empty; an unreadable one throws. */
export function readCatalog(pending: string, archive: string): readonly CatalogEntry[] {
  const saved = new Map(
    readSavedExports(pending, archive)
      .all()
      .map((each) => [`${each.place}/${each.name}`, each]),
  )
  const places = [
    { place: "pending", folder: pending },
    { place: "archived", folder: archive },
  ] as const
  return places
    .flatMap(({ place, folder }) =>
      [...groups(folder)].map(([name, parts]) => {
        const id = idInName(name)
        const made = parts.has(".manifest.json") && parseExportName(name) !== null // new since the others were read
        const known = saved.get(`${place}/${name}`) ?? (made ? readOne[place](folder, name) : null)
        if (known !== null && id !== null) {
          return { kind: "export", place, name, id, path: known.path, saved: known } as const
        }
        const elsewhere = saved.has(place === "pending" ? `archived/${name}` : `pending/${name}`)
        return describeIncomplete({ place, name, id, path: `${folder}/${name}` }, parts, elsewhere)
      }),
    )
    .toSorted((a, b) => (a.name < b.name ? 1 : -1))
}

/** Whether the file exists but this user may not read it. */
function isForbidden(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return false
  } catch (error) {
    return ["EACCES", "EPERM"].includes(errnoOf(error))
  }
}

function groups(folder: string): ReadonlyMap<string, ReadonlySet<Ending>> {
  const found = new Map<string, Set<Ending>>()
  for (const each of listDir(folder)) {
    const ending = endings.find((one) => each.endsWith(one))
    if (ending === undefined || each.startsWith(".")) continue
    const name = each.slice(0, -ending.length)
    found.set(name, (found.get(name) ?? new Set<Ending>()).add(ending))
  }
  return found
}

/** `elsewhere`: the other folder holds an export of this name. */
function describeIncomplete(named: Named, parts: ReadonlySet<Ending>, elsewhere: boolean): CatalogEntry {
  const path = (ending: Ending) => `${named.path}${ending}`
  const first = path(endings.find((ending) => parts.has(ending)) ?? ".jsonl")
  const unfinished = { ...named, kind: "broken", lacking: "end", path: first } as const
  if (named.place === "archived" && elsewhere && !parts.has(".archive.json"))
    return { ...unfinished, why: "an unfinished archive: its export is still pending" }
  if (named.place === "pending" && isBeingRemoved(dirname(named.path), named.name))
    return { ...unfinished, why: "it is being removed: another export contains all of it" }
  if (parts.has(".jsonl") && parts.size === 1) {
    const why = "not made by session-rescue: it has no manifest to verify it with"
    return { ...named, kind: "foreign", path: path(".jsonl"), why }
  }
  if (parts.has(".files") && parts.size === 1 && elsewhere) {
    const why = "foreign files: its export is archived and does not include them"
    return { ...named, kind: "foreign", path: path(".files"), why }
  }
  if (!parts.has(".manifest.json")) {
    return { ...named, kind: "broken", lacking: "manifest", path: first, why: "its manifest is missing" }
  }
  const manifest = { ...named, kind: "broken", path: path(".manifest.json") } as const
  if (!parts.has(".jsonl") && !parts.has(".archive.json")) {
    return { ...manifest, lacking: "transcript", why: "its .jsonl is missing" }
  }
  const closed = [path(".manifest.json"), path(".archive.json")].find(isForbidden)
  if (closed !== undefined) {
    const why = "this user may not read it: another user made it, or its permissions were changed"
    return { ...manifest, lacking: "permission", path: closed, why }
  }
  const renamed = parseExportName(named.name) === null
  const why = renamed
    ? "its name is not that of an export"
    : "its manifest or record cannot be read, or they do not belong together"
  return { ...manifest, lacking: "manifest", why }
}
