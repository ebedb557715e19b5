import { Database } from "bun:sqlite"
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs"
import { basename, join } from "node:path"
import { closeFile, createFile } from "../fs/durable.ts"

/** A new database file, 0600. It has no journal: one that is not finished is thrown away. */
export function createDatabase(path: string, pageSize: number): Database {
  closeFile(createFile(path))
  const database = new Database(path, { readwrite: true, safeIntegers: true })
  database.run(`pragma page_size = ${pageSize}`)
  database.run("pragma journal_mode = off")
  database.run("pragma foreign_keys = off")
  return database
}

/** What the copy is given so that SQLite opens it at all. */
interface Opening {
  readonly folder: string
  /** First bytes in place of lost ones. */
  readonly header: Uint8Array | null
  readonly pageSize: number
}

/** A damaged database as SQLite reads it, in a private copy that has no name any more; `why` it reads nothing of it. */
export function openDamaged(
  path: string,
  { folder, header, pageSize }: Opening,
): { database: Database } | { why: string } {
  const inside = mkdtempSync(join(folder, ".damaged-"))
  try {
    const copy = join(inside, basename(path))
    for (const end of ["", "-wal"]) if (existsSync(path + end)) copyFileSync(path + end, copy + end)
    completeCopy(copy, header, pageSize)
    const database = new Database(copy, { readwrite: true, safeIntegers: true })
    try {
      database.run("begin") // and its log is open, too
      database.query("select count(*) from sqlite_master").get()
      return { database }
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  } finally {
    rmSync(inside, { recursive: true, force: true }) // what is open stays readable
  }
}

/** SQLite reads nothing of a file that is shorter than its first page says: the rest becomes empty pages. */
function completeCopy(copy: string, header: Uint8Array | null, pageSize: number): void {
  const fd = openSync(copy, "r+")
  try {
    if (header !== null) writeSync(fd, header, 0, header.length, 0)
    const head = Buffer.alloc(32)
    readSync(fd, head, 0, 32, 0)
    const said = head.readUInt32BE(28) * pageSize
    const { size } = fstatSync(fd)
    const maxGrowth = 1 << 30 // a number of pages that is damaged itself must not fill the disk
    if (size < said && said - size < maxGrowth) ftruncateSync(fd, said)
  } finally {
    closeSync(fd)
  }
}
