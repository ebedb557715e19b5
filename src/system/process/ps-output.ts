import { type Pid, parsePid } from "../../domain/session/pid.ts"
import { parseTerminal } from "../../domain/session/terminal.ts"
import type { ProcessEntry } from "./processes.ts"

/** One line of `ps` with `rowColumns`. Zombies are included: `isAlive` filters them. */
export type PsRow = Omit<ProcessEntry, "parent" | "uid">

/**
 * One `-o` per column, because POSIX lets an empty header swallow the rest of its option. The name is last because
 * only it may contain spaces. `ucomm` is the kernel's short name on both systems; macOS's `comm` is argv[0].
 */
export const rowColumns = columns("pid", "tty", "stat", "time", "rss", "lstart", "ucomm")

/** Reads `ps` with `rowColumns`, run in UTC and the C locale; other lines are skipped. */
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
    memoryBytes: /^\d+$/.test(rss) ? Number(rss) * 1024 : null, // in KiB on both systems (man ps)
  }
}

export function isAlive(row: PsRow): boolean {
  return row.letter !== "Z" && row.letter !== "X"
}

/** macOS uses U for uninterruptible sleep (man ps); Linux and this interface use D. */
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

/** The command line is last; the state identifies zombies, which have no command line, only `<defunct>`. */
export const commandColumns = columns("pid", "stat", "args")

/** Reads `ps` with `commandColumns`. Trailing spaces are kept: with `-E` the environment follows. */
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
 * `ps` joins the arguments with spaces, so an argument that contains one is split. Only the program's own path can be
 * restored, if the program was called by the path in `executable`.
 */
export function splitCommand(command: string, executable: string | null): string[] {
  const line = command.trimEnd()
  if (executable === null || !`${line} `.startsWith(`${executable} `)) return line.split(" ")
  const rest = line.slice(executable.length + 1)
  return rest === "" ? [executable] : [executable, ...rest.split(" ")]
}

/**
 * Finds variables in the environment that `ps` prints after a command line, joined with spaces. A value may contain
 * spaces; it is cut off at ` word=`. A name found twice is omitted: one of the two is then inside another variable's
 * value, and it is unknown which.
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
