import { type DiskPath, joinPath, showPath } from "../../domain/disk-path.ts"
import { parsePid } from "../../domain/session/pid.ts"
import type { SessionSight } from "../../domain/watch/sight.ts"
import type { Files } from "../../system/fs/files.ts"
import type { Processes } from "../../system/process/processes.ts"

/** Of a folder with more files only its own time is looked at. */
const maxNames = 2000

/** Whether something has changed since the last look, found out with a few system calls: no event tells of a killed client. */
export class Changes {
  readonly #files: Files
  readonly #processes: Pick<Processes, "probe">
  #folders: readonly string[] = []
  #live: readonly SessionSight[] = []
  #marks = ""

  constructor(files: Files, processes: Pick<Processes, "probe">) {
    this.#files = files.quiet
    this.#processes = processes
  }

  /** A look begins: what changes from here on is new, also while it goes on. */
  begin(): void {
    this.#marks = this.#readMarks()
  }

  /** What the look showed; folders that it did not know at its beginning count as changed. */
  note(folders: readonly string[], live: readonly SessionSight[]): void {
    if (folders.join("\n") !== this.#folders.join("\n")) this.#marks = ""
    this.#folders = folders
    this.#live = live
  }

  async haveCome(): Promise<boolean> {
    if (this.#readMarks() !== this.#marks) return true
    for (const { client, transcript, size } of this.#live) {
      if (transcript !== null && (this.#files.stat(transcript)?.size ?? 0) !== size) return true
      const pid = parsePid(client?.pid ?? 0)
      const now = pid === null ? null : await this.#processes.probe(pid)
      const isSame = now?.startMark === client?.startMark
      if (!isSame || /^[Tt]/.test(now?.letter ?? "") !== client?.stopped) return true
    }
    return false
  }

  /** Names, sizes and times; the files themselves are not read: keys are among them. Behind a link, too. */
  #readMarks(): string {
    const marks: string[] = []
    const mark = (path: DiskPath) => {
      const stat = this.#files.stat(path)
      marks.push(stat === null ? "-" : `${stat.inode} ${stat.size} ${stat.modifiedAt}`)
    }
    for (const folder of this.#folders) {
      const names = this.#files.names(folder)
      mark(folder)
      for (const name of names.length > maxNames ? [] : names.toSorted(byName)) {
        marks.push(showPath(name))
        mark(joinPath(folder, name))
      }
    }
    return marks.join("\n")
  }
}

function byName(a: DiskPath, b: DiskPath): number {
  return showPath(a) < showPath(b) ? -1 : 1
}
