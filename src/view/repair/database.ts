import type { RepairedDatabase } from "../../operations/repair/database.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

const margin = " ".repeat(10)

/** `doctor` of a database: what is wrong with it, and what a new one would hold. */
export function showDatabase(found: RepairedDatabase, home: string, out: SystemOutput): void {
  const word = found.isNeeded ? out.paint.red("damaged   ") : out.paint.green("sound     ")
  printFindings(found, { label: word, home }, out)
  const name = sanitize(shortPath(found.path, home))
  out.print(
    found.isNeeded
      ? `Next: session-rescue repair ${name} --dry-run   (writes nothing; a repair only writes a new file)`
      : "Nothing is to be repaired.",
  )
}

export function showDatabaseRepair(
  found: RepairedDatabase,
  { home, dryRun }: { readonly home: string; readonly dryRun: boolean },
  out: SystemOutput,
): void {
  if (!found.isNeeded) {
    showDatabase(found, home, out)
    return
  }
  const isProven = isUsable(found)
  const label = dryRun ? "dry run   " : isProven ? "repaired  " : "UNSURE    "
  printFindings(found, { label: (isProven ? out.paint.green : out.paint.yellow)(label), home }, out)
  for (const line of proofLines(found)) out.print(margin + line)
  const { folder, confirmed, path } = found
  const name = sanitize(shortPath(path, home))
  if (folder === null) {
    out.print(`Nothing was changed. Next: session-rescue repair ${name}`)
    return
  }
  out.print(
    `${margin}new database, with what could not be read beside it: ${sanitize(shortPath(folder, home))}`,
  )
  if (!confirmed) out.print(`${margin}a folder could not be flushed: it may not survive a power cut`)
  out.print(`${margin}the damaged one was not touched`)
  out.print(
    isProven
      ? `Next: end its client, keep ${name} and the -wal and -shm files beside it elsewhere, then put the new one in its place`
      : "Next: keep the damaged one; the new one is not proven to hold all of it",
  )
}

/** Whether the new database may take the place of the damaged one. */
export function isUsable({ isSound, proof }: RepairedDatabase): boolean {
  return isSound && proof.holds
}

function printFindings(
  found: RepairedDatabase,
  { label, home }: { readonly label: string; readonly home: string },
  out: SystemOutput,
): void {
  const { path, bytes, logBytes } = found
  const log = logBytes === 0 ? "" : ` · log ${formatSize(logBytes)}`
  out.print(`${label}${sanitize(shortPath(path, home))} · ${formatSize(bytes)}${log}`)
  for (const line of describeDamage(found)) out.print(`${margin}${out.paint.red(pad("LOST", 10))}${line}`)
  for (const line of describeTables(found)) out.print(margin + line)
}

function describeDamage(found: RepairedDatabase): readonly string[] {
  const { damagedPages, cutRows, rest, hasHeader, tornFrames, stray, unplaced, left } = found
  const broken = found.tables.reduce((sum, { brokenJson }) => sum + brokenJson, 0)
  const some = damagedPages.slice(0, 5).join(", ") + (damagedPages.length > 5 ? ", …" : "")
  const lines: readonly (readonly [number | boolean, string])[] = [
    [!hasHeader, "the first bytes are not those of a database"],
    [damagedPages.length, `${count(damagedPages.length, "page")} that cannot be read whole (${some})`],
    [cutRows.length, `the end of ${count(cutRows.length, "row")}`],
    [rest, `the file ends within a page, ${formatSize(rest)} after its start`],
    [tornFrames, `${count(tornFrames, "frame")} of the log: SQLite ignores all that was written behind`],
    [broken, `${count(broken, "row")} with JSON that is broken; kept as found`],
    [unplaced, `${count(unplaced, "row")} on pages that nothing leads to, deleted or unclear; not put back`],
    [left.length, `not created again: ${left.map((each) => sanitize(each)).join(", ")}`],
    ...stray.map(({ table, count: number }) => {
      const rows = `${count(number, "row")} of ${sanitize(table)}`
      return [number, `what ${rows} belong to: no client shows them`] as const
    }),
  ]
  const said = lines.flatMap(([is, line]) => (is === false || is === 0 ? [] : [line]))
  return said.length === 0 && found.isNeeded ? ["its indexes: SQLite's own check finds them wrong"] : said
}

const main = ["session", "message", "part"]

function describeTables({ tables }: RepairedDatabase): readonly string[] {
  return tables.flatMap(({ name, rows, found, older, missing }) => {
    if (missing + found + older === 0 && (rows === 0 || !main.includes(name))) return []
    const facts = [
      count(rows, "row"),
      missing > 0 ? `${missing} more are known to be missing` : "",
      found > 0 ? `${found} of them from pages that nothing leads to` : "",
      older > 0 ? `${older} of them as they were before the log's tear` : "",
    ]
    return [`${pad(sanitize(name), 10)}${facts.filter((each) => each !== "").join(", ")}`]
  })
}

function proofLines({ proof, isSound }: RepairedDatabase): readonly string[] {
  const { records, lost, newer, odd, isWhole, unread } = proof
  const sound = isSound
    ? "SQLite's own check finds the new one sound"
    : "NOT SOUND: SQLite's own check finds the new one damaged"
  if (unread !== null)
    return [`not compared: SQLite reads nothing of the damaged one (${sanitize(unread)})`, sound]
  const than = newer > 0 ? `, ${newer} of them in a newer version from the log` : ""
  const proven = `proven by a second reader: all ${count(records, "row")} that SQLite reads are in it${than}`
  const some = `NOT PROVEN: SQLite could not be asked for every row`
  const misses = `NOT PROVEN: of ${count(records, "row")} that SQLite reads, ${lost} are not in it`
  return [
    lost > 0 ? misses : isWhole ? proven : some,
    ...(odd === 0 ? [] : [`SQLite takes damaged bytes for ${count(odd, "more row")}: these are left out`]),
    sound,
  ]
}

export function databaseDocument(found: RepairedDatabase, dryRun: boolean, warnings: readonly string[]) {
  const { tables, damagedPages, unplaced, left, stray, proof } = found
  return {
    schemaVersion,
    database: {
      path: found.path,
      bytes: found.bytes,
      logBytes: found.logBytes,
      needsRepair: found.isNeeded,
      damagedPages,
      cutRows: found.cutRows.length,
      cutOffWithinPage: found.rest,
      hasHeader: found.hasHeader,
      tornFrames: found.tornFrames,
      tables: tables.map((table) => ({ ...table })),
      strayRows: stray.map((each) => ({ ...each })),
      unplacedRows: unplaced,
      notCreated: left,
      sound: found.isSound,
      proof: { ...proof },
    },
    dryRun,
    copy: found.folder === null ? null : { folder: found.folder, confirmed: found.confirmed },
    warnings,
  }
}
