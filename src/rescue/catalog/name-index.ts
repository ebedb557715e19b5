import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

/** Names in the folder of the pending exports, and in that of the archive. */
export interface ExportNames {
  readonly pending: readonly string[]
  readonly archive: readonly string[]
}

/** What is there now; `only`: of the names that contain it. */
export function listNames(pending: string, archive: string, only = ""): ExportNames {
  const named = (folder: string) => listDirOrEmpty(folder).filter((name) => name.includes(only))
  return { pending: named(pending), archive: named(archive) }
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

/**
 * The same for thousands of sessions that are saved one after another: both folders are read once a run, since to
 * read them anew for each took longer than all else. What another run adds meanwhile is not seen: a session that
 * both have saved is then there twice, and what it leaves behind is swept by the next run.
 */
export class NameIndex {
  readonly #pending: Map<string, string[]>
  readonly #archive: ReadonlyMap<string, string[]>

  constructor(pending: string, archive: string) {
    this.#pending = byId(listDirOrEmpty(pending))
    this.#archive = byId(listDirOrEmpty(archive))
  }

  /** All names that contain that id. */
  of(id: string): ExportNames {
    return { pending: this.#pending.get(id) ?? [], archive: this.#archive.get(id) ?? [] }
  }

  /** What this run has published. */
  add(id: string, name: string): void {
    const names = this.#pending.get(id) ?? []
    names.push(`${name}.manifest.json`, `${name}.jsonl`)
    this.#pending.set(id, names)
  }
}

function byId(names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const name of names) {
    for (const [id] of name.matchAll(uuid)) {
      const others = found.get(id)
      if (others === undefined) found.set(id, [name])
      else others.push(name)
    }
  }
  return found
}
