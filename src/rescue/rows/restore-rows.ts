/** Putting rows back: into a new database, or beside the sessions of one that is there. Never over a row. */
import { closeSync, createReadStream, lstatSync, openSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { closeFile, createFile, discard, flushFile, publishFile } from "../../system/fs/durable.ts"
import { fsPath } from "../../system/fs/files.ts"
import { type Database, openDatabaseInPlace } from "../../system/sqlite/database.ts"
import { openForeign } from "../../system/sqlite/snapshot.ts"
import { compareRows, type RowsFile, readRowsFile } from "./compare-rows.ts"
import { createTables, insertRows } from "./insert-rows.ts"

type Session = Pick<SessionRows, "key" | "relations">

export type RowsOutcome = "restored" | "equal" | "existing-is-longer"

const elsewhere = "unpack it elsewhere: --to /some/folder"

/** What a restore would do. Throws REFUSED when rows there differ. `force`: also adds to a session that went on. */
export async function planRows(
  database: string,
  stream: AsyncIterable<Uint8Array>,
  session: Session,
  force: boolean,
): Promise<RowsOutcome> {
  if (lstatSync(database, { throwIfNoEntry: false }) === undefined) {
    assertNoLog(database)
    return "restored"
  }
  const file = await readRowsFile(stream)
  const open = openOrRefuse(database)
  try {
    return outcomeOf(compareRows(open.database, file, session), database, force)
  } finally {
    open.close()
  }
}

function openOrRefuse(database: string) {
  try {
    const open = openForeign(database)
    if (open !== null) return open
  } catch (error) {
    throw refused(`${database} cannot be read (${(error as Error).message})`, "move it away")
  }
  throw refused(`${database} is not a plain file`, "move it away")
}

function outcomeOf(found: ReturnType<typeof compareRows>, database: string, force: boolean): RowsOutcome {
  const { missing, later, more, different } = found
  const [first] = different
  // safety: rows-never-over
  if (first !== undefined) {
    const others = different.length > 1 ? ` (and ${different.length - 1} more)` : ""
    throw refused(`${database} has another row of ${first.table} for this session${others}`, elsewhere)
  }
  if (missing.length === 0) return later > 0 || more > 0 ? "existing-is-longer" : "equal"
  if (later === 0 || force) return "restored"
  throw refused(
    `${database} has this session, which went on since (${later} rows were written again), and lacks ${missing.length} of its rows`,
    `add those with --force; nothing there is replaced. Or ${elsewhere}`,
  )
}

/** A log without its database would be taken for that of a new one. */
function assertNoLog(database: string): void {
  for (const end of ["-wal", "-journal"]) {
    if (lstatSync(database + end, { throwIfNoEntry: false }) === undefined) continue
    throw refused(
      `${database}${end} is there, and its database is not`,
      "move it away: it may hold the last sessions",
    )
  }
}

/** `file`: the verified lines, on the disk. `build`: where a new database may be made before it gets its name. */
export async function restoreRows(
  database: string,
  { file, build, session, force }: { file: DiskPath; build: string; session: Session; force: boolean },
): Promise<void> {
  const lines = await readRowsFile(createReadStream(fsPath(file)))
  if (lstatSync(database, { throwIfNoEntry: false }) === undefined)
    await makeDatabase(database, build, lines, session)
  else addRows(database, lines, session, force)
  assertAllThere(database, lines, session)
}

async function makeDatabase(path: string, build: string, lines: RowsFile, session: Session): Promise<void> {
  assertNoLog(path)
  closeFile(createFile(build))
  try {
    const database = openDatabaseInPlace(build)
    try {
      database.run("pragma journal_mode = delete")
      database.run("begin")
      createTables(database, lines)
      insertRows(database, lines.rows)
      database.run("commit")
    } finally {
      database.close()
    }
    const fd = openSync(build, "r")
    await flushFile(fd).finally(() => closeSync(fd))
    assertAllThere(build, lines, session)
    if ((await publishFile(build, path)) === "taken")
      throw refused(`${path} was created in the meantime`, "run it again")
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) discard(build + end)
  }
}

/** All or nothing, beside whatever a client writes in the meantime. */
function addRows(path: string, lines: RowsFile, session: Session, force: boolean): void {
  const database = openDatabaseInPlace(path)
  try {
    database.run("pragma synchronous = full")
    database.run("pragma foreign_keys = on")
    database.run("begin immediate")
    try {
      database.run("pragma defer_foreign_keys = on")
      const found = compareRows(database, lines, session)
      outcomeOf(found, path, force)
      insertRows(database, found.missing)
      database.run("commit")
    } catch (error) {
      rollBack(database)
      throw isRescueError(error)
        ? error
        : refused(`${path} did not take the rows (${(error as Error).message})`, elsewhere)
    }
  } finally {
    database.close()
  }
}

function rollBack(database: Database): void {
  try {
    database.run("rollback")
  } catch {
    // SQLite has done it
  }
}

/** Read by another connection, after the commit. */
function assertAllThere(path: string, lines: RowsFile, session: Session): void {
  const open = openOrRefuse(path)
  try {
    const { missing, different } = compareRows(open.database, lines, session)
    if (missing.length === 0 && different.length === 0) return
    const message = `${path} does not hold all rows that were put into it (${missing.length + different.length} lack)`
    throw new RescueError("COPY_MISMATCH", message, "try again; if it stays so, the disk may be failing")
  } finally {
    open.close()
  }
}

function refused(message: string, hint: string): RescueError {
  return new RescueError("REFUSED", `${message}: nothing was written`, hint)
}
