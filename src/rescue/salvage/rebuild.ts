/** A damaged database, and a new one with every row that can be read. */
import { existsSync } from "node:fs"
import { basename } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { silent } from "../../domain/progress.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolder,
  makeFolders,
  publishFolder,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { createDatabase, openDamaged } from "../../system/sqlite/rebuilt.ts"
import { digestFile } from "../io/digest.ts"
import { openTranscript } from "../repair/file-source.ts"
import { countStray, isSound } from "./checks.ts"
import { madeHeader, type OpenedPages, openPages } from "./pages.ts"
import { type Salvage, salvageInto } from "./salvage.ts"
import { compareWithSqlite, type RowProof } from "./second-reader.ts"

/** What is wrong with a database, and what a new one would hold. */
export interface Rebuilt extends Salvage {
  readonly path: string
  readonly bytes: number
  readonly logBytes: number
  /** Bytes at the end of the file that are no whole page. */
  readonly rest: number
  readonly hasHeader: boolean
  /** Frames of the log that are wrong before whole transactions, which SQLite ignores from there on. */
  readonly tornFrames: number
  /** Rows whose parent is lost, by table. */
  readonly stray: ReturnType<typeof countStray>
  /** Whether SQLite finds nothing wrong with the damaged database. */
  readonly isSoundNow: boolean
  /** The same of the new one. */
  readonly isSound: boolean
  readonly isNeeded: boolean
  readonly proof: RowProof
  /** The folder of the new database; null where none was kept. */
  readonly folder: string | null
  readonly confirmed: boolean
}

export interface RebuildOptions {
  /** Where the folder of the new database goes; null: it is not kept. */
  readonly into: string | null
  /** A folder for what is only needed for a moment. */
  readonly scratch: string
  readonly version: string
  readonly at: Date
}

export async function rebuildDatabase(path: string, options: RebuildOptions): Promise<Rebuilt> {
  const { into, scratch, at } = options
  const place = into ?? scratch
  const staging = `${place}/.rebuilding-${process.pid}-${at.getTime()}`
  makePlace(place, staging)
  const file = openTranscript(path)
  const log = existsSync(`${path}-wal`) ? openTranscript(`${path}-wal`) : null
  try {
    const opened = openPages(file, log)
    const found = fill(`${staging}/${basename(path)}`, path, opened, staging)
    if (file.wasWritten() || log?.wasWritten() === true)
      throw new RescueError(
        "SOURCE_CHANGED",
        `${path} was written to while it was read: what was found is not used`,
        "end its client first: session-rescue status, then session-rescue kill ID",
      )
    const { hasHeader } = opened.newest
    const isNeeded =
      !found.isSoundNow ||
      !hasHeader ||
      found.damagedPages.length > 0 ||
      found.cutRows.length > 0 ||
      opened.rest > 0
    const facts = { path, bytes: file.length, logBytes: log?.length ?? 0, rest: opened.rest, hasHeader }
    const whole = { ...facts, ...found, isNeeded: isNeeded || (opened.log?.tornFrames ?? 0) > 0 }
    const rebuilt = { ...whole, tornFrames: opened.log?.tornFrames ?? 0 }
    if (into === null || !rebuilt.isNeeded) return { ...rebuilt, folder: null, confirmed: true }
    const beside = await keepBeside(staging, opened, rebuilt)
    return { ...rebuilt, ...(await publishRebuilt(rebuilt, { staging, into, beside, options })) }
  } finally {
    file.close()
    log?.close()
    discard(staging)
  }
}

function makePlace(place: string, staging: string): void {
  try {
    makeFolders(place, true)
    makeFolder(staging)
  } catch (error) {
    throw toWriteError(error, place, "name another folder: --to /some/folder")
  }
}

function fill(target: string, path: string, opened: OpenedPages, scratch: string) {
  const database = createDatabase(target, opened.newest.size)
  try {
    const salvage = salvageInto(database, opened)
    if (salvage.schema.entries.length === 0)
      throw new RescueError(
        "NOTHING_FOUND",
        `${path}: nothing that says which tables it had can be read`,
        "restore its sessions from their exports: session-rescue restore --all",
      )
    const { userVersion, applicationId } = opened.newest
    database.run(`pragma user_version = ${userVersion | 0}`)
    database.run(`pragma application_id = ${applicationId | 0}`)
    const damaged = openDamaged(path, {
      folder: scratch,
      header: opened.committed.hasHeader ? null : madeHeader(opened.committed),
      pageSize: opened.committed.size,
    })
    const nothing = { holds: true, records: 0, lost: 0, newer: 0, odd: 0, isWhole: true }
    if ("why" in damaged)
      return {
        ...salvage,
        stray: countStray(database),
        isSound: isSound(database),
        isSoundNow: false,
        proof: { ...nothing, unread: damaged.why },
      }
    try {
      const tables = salvage.shapes.map((shape) => {
        const own = salvage.cutRows.filter(({ table }) => table === shape.entry.name)
        return { shape, cut: new Set(own.map(({ rowid }) => rowid)) }
      })
      const hasNewer = opened.committed !== opened.newest
      return {
        ...salvage,
        stray: countStray(database),
        isSound: isSound(database),
        isSoundNow: soundOrNot(damaged.database),
        proof: compareWithSqlite(damaged.database, database, {
          tables,
          hasNewer,
          damagedPages: salvage.damagedPages.length,
        }),
      }
    } finally {
      damaged.database.close()
    }
  } finally {
    database.close()
  }
}

function soundOrNot(database: Parameters<typeof isSound>[0]): boolean {
  try {
    return isSound(database)
  } catch {
    return false
  }
}

interface KeptStretch {
  /** The number of the page; 0 for the end of the file. */
  readonly page: number
  readonly table: string | null
  readonly rowid: number | null
  readonly at: number
  readonly length: number
}

const besideName = "unreadable-pages.bin"

/** Damaged pages and what is left of rows that were cut off, byte for byte. */
async function keepBeside(
  staging: string,
  { newest }: OpenedPages,
  { damagedPages, cutRows }: Salvage,
): Promise<readonly KeptStretch[]> {
  const stretches: KeptStretch[] = []
  let at = 0
  const fd = createFile(`${staging}/${besideName}`)
  try {
    const add = (bytes: Uint8Array, facts: Pick<KeptStretch, "page" | "table" | "rowid">) => {
      writeAll(fd, bytes, at)
      stretches.push({ ...facts, at, length: bytes.length })
      at += bytes.length
    }
    for (const page of damagedPages) {
      const bytes = newest.page(page)
      if (bytes !== null) add(bytes, { page, table: null, rowid: null })
    }
    for (const { table, rowid, bytes } of cutRows) add(bytes, { page: 0, table, rowid })
    await flushFile(fd)
  } finally {
    closeFile(fd)
  }
  return stretches
}

interface Publishing {
  readonly staging: string
  readonly into: string
  readonly beside: readonly KeptStretch[]
  readonly options: RebuildOptions
}

async function publishRebuilt(
  rebuilt: Omit<Rebuilt, "folder" | "confirmed">,
  { staging, into, beside, options }: Publishing,
) {
  const { version, at } = options
  const name = basename(rebuilt.path)
  const progress = silent(new AbortController().signal)
  const digest = (file: string) => digestFile(file, progress)
  const { schema: _, shapes: _shapes, cutRows: _rows, ...facts } = rebuilt
  const manifest = {
    format: "session-rescue-database-repair",
    formatVersion: 1,
    tool: { name: "session-rescue", version },
    madeAt: at.toISOString(),
    source: { path: rebuilt.path, length: rebuilt.bytes, sha256: await digest(rebuilt.path) },
    database: { path: name, sha256: await digest(`${staging}/${name}`) },
    beside: { path: besideName, stretches: beside },
    ...facts,
  }
  const fd = createFile(`${staging}/manifest.json`)
  try {
    writeAll(fd, new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`), 0)
    await flushFile(fd)
  } finally {
    closeFile(fd)
  }
  const flushed = flushFolder(staging)
  for (let time = at.getTime(); ; time += 1000) {
    const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(":", "-")
    const folder = `${into}/${stamp}Z-${name}-REPAIRED`
    if (publishFolder(staging, folder) === "taken") continue
    return { folder, confirmed: flushFolder(into) && flushed }
  }
}
