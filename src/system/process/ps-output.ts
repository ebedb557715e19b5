import { type Pid, parsePid } from "../../domain/session/pid.ts"
import { parseTerminal } from "../../domain/session/terminal.ts"
import type { ProcessEntry } from "./processes.ts"

/** What one line of `ps` with `rowColumns` tells. Zombies are rows too: `isAlive` sorts them out. */
export type PsRow = Omit<ProcessEntry, "parent" | "uid">

/**
 * One `-o` a column, because POSIX lets an empty header swallow the rest of its option. The name comes last:
 * it alone may hold spaces. `ucomm` is the kernel's short name on both systems; macOS's `comm` is argv[0].
 */
export const rowColumns = columns("pid", "tty", "stat", "time", "rss", "lstart", "ucomm")

/** Reads `ps` with `rowColumns`, run in UTC and in the C locale; a line that is no row is passed over. */
export function readRows(output: string): Map<Pid, PsRow> {
  const rows = new Map<Pid, PsRow>()
  for (const line of output.split("\n")) {
    const row = readRow(line)
    if (row !== null) rows.set(row.pid, row)
  }
  return rows
}

const rowPattern = /^\s*(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})\s+(.*)$/

function readRow(line: string): PsRow | null {
  const [, id = "", terminal = "", stat = "", time = "", rss = "", started = "", name = ""] =
    rowPattern.exec(line) ?? []
  const pid = parsePid(id)
  const cpuMs = readCpuTime(time)
  const startedAt = Date.parse(`${started} UTC`)
  if (pid === null || cpuMs === null || Number.isNaN(startedAt)) return null
  return {
    pid,
    name: name.trimEnd(),
    letter: readLetter(stat),
    terminal: parseTerminal(terminal),
    foreground: stat.includes("+"),
    startedAt,
    startMark: String(startedAt / 1000),
    cpuMs,
    memoryBytes: /^\d+$/.test(rss) ? Number(rss) * 1024 : null, // both systems count it in units of 1024 bytes (man ps)
  }
}

export function isAlive(row: PsRow): boolean {
  return row.letter !== "Z" && row.letter !== "X"
}

/** macOS says U for a wait that cannot be interrupted (man ps); Linux, and so the interface, says D. */
function readLetter(stat: string): string {
  const letter = stat.slice(0, 1)
  return letter === "U" ? "D" : letter
}

/** Milliseconds from macOS's `minutes:ss.hh` or Linux's `[[days-]hours:]mm:ss`. */
export function readCpuTime(time: string): number | null {
  const match = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d\d)(?:\.(\d\d))?$/.exec(time)
  if (match === null) return null
  const [days, hours, minutes, seconds, hundredths] = match.slice(1).map((part) => Number(part ?? 0))
  return (
    ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000 +
    (hundredths ?? 0) * 10
  )
}

/** The command line comes last; the state is there because a zombie has none, only `<defunct>`. */
export const commandColumns = columns("pid", "stat", "args")

/** Reads `ps` with `commandColumns`. Lines are kept to the last space: with `-E` the environment follows. */
export function readCommandLines(output: string): Map<Pid, string> {
  const found = new Map<Pid, string>()
  for (const line of output.split("\n")) {
    const [, id = "", stat = "", command = ""] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    const pid = parsePid(id)
    if (pid !== null && !/^[ZX]/.test(stat)) found.set(pid, command)
  }
  return found
}

/**
 * `ps` joins the arguments with spaces, so an argument that holds one comes out in pieces. Only the program's
 * own path can be put together again, when `executable` is how it was called.
 */
export function splitCommand(command: string, executable: string | null): string[] {
  const line = command.trimEnd()
  if (executable === null || !`${line} `.startsWith(`${executable} `)) return line.split(" ")
  const rest = line.slice(executable.length + 1)
  return rest === "" ? [executable] : [executable, ...rest.split(" ")]
}

/**
 * Finds variables in the environment that `ps` prints behind a command line, entries joined with spaces. A
 * value may hold spaces; it is cut short where it holds ` word=`. A name found twice is left out: one of the
 * two then stands inside another variable's value, and there is no telling which.
 */
export function readEnvironment(text: string, wanted: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  const starts = [...text.matchAll(/(?<=^| )([A-Za-z_][^\s=]*)=/g)]
  for (const [index, start] of starts.entries()) {
    const name = start[1] ?? ""
    if (!wanted.includes(name) || starts.filter((other) => other[1] === name).length > 1) continue
    const end = starts[index + 1]?.index
    found[name] = text.slice(start.index + start[0].length, end === undefined ? undefined : end - 1)
  }
  return found
}

function columns(...names: readonly string[]): string[] {
  return names.flatMap((name) => ["-o", `${name}=`])
}
