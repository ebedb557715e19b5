import { constants, Database } from "bun:sqlite"
import { copyFileSync, lstatSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { isSameVersion } from "../../domain/session/file-stat.ts"
import { systemFiles } from "../fs/files.ts"
import { openUntouched } from "./untouched.ts"

/** A database of another program, for reading. */
export interface ForeignDatabase {
  readonly database: Database
  /** Whether everything read so far was of one state, or of states that the database really had. */
  isIntact(): boolean
  close(): void
}

/** Two readers that see the database as it was at one commit, whatever is written in the meantime. */
export interface SnapshotPair {
  readonly first: Database
  readonly second: Database
  /** Whether both have seen one and the same state. */
  isIntact(): boolean
  close(): void
}

const quiet = systemFiles(() => {})
/** A change within this time may not show in the file's times. */
const settleMs = 120
const maxTries = 50

/** null when there is no such file. Throws what SQLite says of one that is not a database, or is damaged. */
export function openForeign(path: string): ForeignDatabase | null {
  if (quiet.stat(path)?.kind !== "file") return null
  const beside = tryBeside(path)
  if (beside !== null) return beside
  const copy = openCopy(path, 1)
  const [database] = copy.databases
  if (database === undefined) throw new Error("no connection was opened")
  return { database, isIntact: copy.isIntact, close: copy.close }
}

/** null when there is no such file, or when no two readers came to see the same commit. */
export function openPair(path: string): SnapshotPair | null {
  if (quiet.stat(path)?.kind !== "file") return null
  for (let tries = 0; tries < maxTries; tries++) {
    const pair = tryPair(path)
    if (pair !== null) return pair
    Bun.sleepSync(tries)
  }
  return null
}

function tryPair(path: string): SnapshotPair | null {
  const opened: ForeignDatabase[] = []
  const closeAll = () => {
    for (const each of opened) each.close()
  }
  for (let count = 0; count < 3; count++) {
    const beside = tryBeside(path)
    if (beside === null) {
      closeAll()
      return copiedPair(path)
    }
    opened.push(beside)
  }
  const [first, second, watch] = opened.map(({ database }) => database)
  if (first === undefined || second === undefined || watch === undefined) return null
  try {
    const before = versionSeen(watch)
    for (const each of [first, second]) beginReading(each)
    // a commit between the two would have changed it
    if (versionSeen(watch) !== before) {
      closeAll()
      return null
    }
  } catch (error) {
    closeAll()
    throw error
  }
  return { first, second, isIntact: () => opened.every((each) => each.isIntact()), close: closeAll }
}

/** A number that changes whenever another connection has committed. */
function versionSeen(database: Database): number | undefined {
  return database.query<{ data_version: number }, []>("pragma data_version").get()?.data_version
}

/** From the first read on, a transaction sees the database as it is now. */
function beginReading(database: Database): void {
  database.run("begin")
  database.query("select count(*) from sqlite_master").get()
}

/** Reads in place, and leaves nothing there; null when that is not possible. */
function tryBeside(path: string): ForeignDatabase | null {
  if (quiet.stat(`${path}-journal`) !== null) return null // a transaction that was cut off: SQLite undoes it in a copy
  for (let tries = 0; tries < 2; tries++) {
    const opened = openOrNull(path)
    if (opened !== null) {
      const { database, isIntact } = opened
      return { database, isIntact, close: () => database.close() }
    }
    if (hasLog(path)) return null
    Bun.sleepSync(settleMs)
  }
  return null
}

function openOrNull(path: string): ReturnType<typeof openUntouched> {
  const opened = openUntouched(path)
  try {
    opened?.database.query("select count(*) from sqlite_master").get()
    return opened
  } catch (error) {
    opened?.database.close()
    if (hasLog(path)) return null // its shared memory cannot be used from here
    throw error
  }
}

function hasLog(path: string): boolean {
  return (quiet.stat(`${path}-wal`)?.size ?? 0) > 0
}

function copiedPair(path: string): SnapshotPair | null {
  const copies = [openCopy(path, 1), openCopy(path, 1)] as const
  const [first, second] = copies.map(({ databases }) => databases[0])
  const close = () => {
    for (const each of copies) each.close()
  }
  if (first !== undefined && second !== undefined && copies.every((each) => each.isIntact()))
    return { first, second, isIntact: () => copies.every((each) => each.isIntact()), close }
  close()
  return null
}

const companions = ["", "-wal", "-journal"]

/**
 * Opens a copy in a private folder, which is gone again before anything is read: for a database whose folder cannot be
 * written, and which SQLite can therefore not read in place. Only a copy of the file and its log together is whole.
 */
function openCopy(path: string, count: number) {
  const look = () => companions.map((end) => quiet.stat(path + end))
  const before = look()
  const folder = mkdtempSync(join(tmpdir(), "session-rescue-"))
  const databases: Database[] = []
  const close = () => {
    for (const each of databases) each.close()
  }
  try {
    const target = join(folder, basename(path))
    for (const end of companions)
      if (lstatSync(path + end, { throwIfNoEntry: false })?.isFile()) copyFileSync(path + end, target + end)
    for (let opened = 0; opened < count; opened++) {
      const database = new Database(target, constants.SQLITE_OPEN_READWRITE)
      databases.push(database)
      beginReading(database)
    }
  } catch (error) {
    close()
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true }) // what is open stays readable
  }
  const isIntact = () => {
    const after = look()
    return before.every((was, index) => {
      const now = after[index] ?? null
      return was === null ? now === null : now !== null && isSameVersion(was, now)
    })
  }
  return { databases, isIntact, close }
}
