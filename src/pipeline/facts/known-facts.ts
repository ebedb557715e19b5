import { type FileStat, isSameVersion } from "../../domain/session/file-stat.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { version } from "../../domain/version.ts"
import type { FileFactsReader } from "../../index/facts-reader.ts"
import type { FileFactsRow } from "../../index/index.ts"
import type { FileFacts } from "../../sdk/context.ts"
import { indexPath } from "../../system/config/paths.ts"

/** For fewer sessions, reading them takes no longer than opening the index. */
const minSessions = 150

/** How facts are labelled in the index: another version may read the same file differently. */
export function labelFormat(format: string): string {
  return `${version} ${format}`
}

/** The facts that the index has about files, as far as they were prepared. Reads only. */
export class KnownFacts implements FileFacts {
  readonly #index: string
  /** undefined: not opened yet; null: of no use. */
  #reader: FileFactsReader | null | undefined
  #known = new Map<string, FileFactsRow>()

  constructor(data: string) {
    this.#index = indexPath(data)
  }

  /** Loads what is known about the transcripts of these sessions, and forgets the others. `total`: how many are to be read. */
  async prepare(sessions: readonly FoundSession[], total = sessions.length): Promise<void> {
    this.#known = new Map()
    if (total < minSessions || this.#reader === null) return
    if (this.#reader === undefined) {
      const { FileFactsReader } = await import("../../index/facts-reader.ts")
      this.#reader = FileFactsReader.open(this.#index)
    }
    const paths = sessions.flatMap(({ transcript }) => (typeof transcript === "string" ? transcript : []))
    const rows = this.#reader?.read(paths) ?? null
    if (rows === null) this.close()
    else for (const row of rows) this.#known.set(row.path, row)
  }

  get(path: string, stat: FileStat, format: string): unknown {
    const known = this.#known.get(path)
    if (known === undefined || known.format !== labelFormat(format)) return undefined
    if (!isSameVersion(known, stat)) return undefined // safety: facts-current
    try {
      return JSON.parse(known.facts)
    } catch {
      return undefined
    }
  }

  /** Nothing of it is used again. */
  close(): void {
    this.#known = new Map()
    this.#reader?.close()
    this.#reader = null
  }
}
