import { nameEnd } from "../../domain/export/export.ts"
import { idForm } from "../../domain/session/session-id.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

/** File names in the pending folder and in the archive folder. */
export interface ExportNames {
  readonly pending: readonly string[]
  readonly archive: readonly string[]
}

/** Lists both folders now; `only`: just the names that contain it. */
export function listNames(pending: string, archive: string, only = ""): ExportNames {
  const named = (folder: string) => listDirOrEmpty(folder).filter((name) => name.includes(only))
  return { pending: named(pending), archive: named(archive) }
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
/** Where names of our own have an id: an export's (whatever stands before and after it), and a staging folder's. */
const named = new RegExp(`\\d\\dZ-(${idForm})${nameEnd}|^\\.(${idForm})\\.[0-9a-f]{8}-\\d+-\\d+\\.`)

/**
 * The same for runs that save thousands of sessions: both folders are listed once per run, because listing them for
 * each session took longer than everything else. Names that another run adds later are not seen: a session that both
 * runs saved is then exported twice, and leftovers are swept by the next run.
 */
export class NameIndex {
  readonly #pending: Map<string, string[]>
  readonly #archive: ReadonlyMap<string, string[]>

  constructor(pending: string, archive: string) {
    this.#pending = byId(listDirOrEmpty(pending))
    this.#archive = byId(listDirOrEmpty(archive))
  }

  /** All names that contain the id. */
  of(id: string): ExportNames {
    return { pending: this.#pending.get(id) ?? [], archive: this.#archive.get(id) ?? [] }
  }

  /** Records an export that this run has published. */
  add(id: string, name: string): void {
    const names = this.#pending.get(id) ?? []
    names.push(`${name}.manifest.json`, `${name}.jsonl`)
    this.#pending.set(id, names)
  }
}

function byId(names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const name of names) {
    const own = named.exec(name)
    const other = [...name.matchAll(uuid)].map(([id]) => id)
    for (const id of new Set([...other, own?.[1] ?? own?.[2] ?? []].flat())) {
      const others = found.get(id)
      if (others === undefined) found.set(id, [name])
      else others.push(name)
    }
  }
  return found
}
