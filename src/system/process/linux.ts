import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { type Pid, parsePid } from "../../domain/session/pid.ts"
import { parseTerminal, type Terminal } from "../../domain/session/terminal.ts"
import type { ProcessDetails, ProcessEntry, Processes } from "./processes.ts"

/** The kernel counts process times in hundredths of a second on every Linux that Bun runs on. */
const msPerTick = 10

/** Reads /proc directly: slim and BusyBox images have no suitable `ps`. */
export function linuxProcesses(proc = "/proc"): Processes {
  const machine = { bootAt: bootTime(proc), pageBytes: pageSize(proc), namespace: namespaceOf(proc, "self") }
  return {
    async list() {
      const entries: ProcessEntry[] = []
      for (const name of readdirSync(proc)) {
        const pid = parsePid(name)
        const entry = pid === null ? null : readEntry(proc, pid, machine)
        if (entry !== null) entries.push(entry)
      }
      return entries
    },
    async details(pids, variables) {
      const found = new Map<Pid, ProcessDetails>()
      for (const pid of pids) {
        const argv = attempt(() => split(readFileSync(`${proc}/${pid}/cmdline`, "utf8")))
        if (argv === null) continue
        found.set(pid, {
          executable: attempt(() => readlinkSync(`${proc}/${pid}/exe`).replace(/ \(deleted\)$/, "")),
          argv,
          cwd: attempt(() => readlinkSync(`${proc}/${pid}/cwd`).replace(/ \(deleted\)$/, "")),
          environment: readEnvironment(proc, pid, variables),
        })
      }
      return found
    },
    async openFiles(pids) {
      const found = new Map<Pid, readonly string[]>()
      for (const pid of pids) {
        const descriptors = attempt(() => readdirSync(`${proc}/${pid}/fd`)) ?? null
        if (descriptors === null) continue
        const paths = descriptors.flatMap(
          (fd) => attempt(() => readlinkSync(`${proc}/${pid}/fd/${fd}`)) ?? [],
        )
        found.set(pid, [
          ...new Set(paths.filter((path) => path.startsWith("/") && !path.endsWith(" (deleted)"))),
        ])
      }
      return found
    },
    async probe(pid) {
      const entry = readEntry(proc, pid, machine)
      if (entry === null) return null
      const { cpuMs, letter, startMark } = entry
      return { cpuMs, letter, startMark, voluntarySwitches: sleepsOf(proc, pid) }
    },
  }
}

/**
 * Calibrated with this process's own start, which is known both as a time and in ticks: under lxcfs, /proc/uptime is
 * that of the container, and the btime in /proc/stat is rounded to a second.
 */
function bootTime(proc: string): number {
  const own = attempt(() => statFields(readFileSync(`${proc}/self/stat`, "latin1")))
  return Math.round(performance.timeOrigin - Number(own?.rest[19] ?? 0) * msPerTick)
}

/**
 * Page size in bytes: 4096 on most machines, 16384 or 65536 on some with ARM processors. It is an entry (AT_PAGESZ) of
 * the auxiliary vector (man 3 getauxval): pairs of 64-bit numbers on every Linux that Bun runs on.
 */
function pageSize(proc: string): number | null {
  const pageSizeKey = 6n
  const handed = attempt(() => readFileSync(`${proc}/self/auxv`))
  for (let at = 0; handed !== null && at + 16 <= handed.length; at += 16) {
    if (handed.readBigUInt64LE(at) === pageSizeKey) return Number(handed.readBigUInt64LE(at + 8))
  }
  return null
}

/** Values shared by all processes of this machine. */
interface Constants {
  readonly bootAt: number
  readonly pageBytes: number | null
  readonly namespace: string | null
}

function readEntry(proc: string, pid: Pid, machine: Constants): ProcessEntry | null {
  const { bootAt, pageBytes, namespace } = machine
  return attempt(() => {
    const stat = statFields(readFileSync(`${proc}/${pid}/stat`, "latin1"))
    const [letter = "?", parent, group, , terminal, foreground] = stat.rest
    if (letter === "Z" || letter === "X") return null
    return {
      pid,
      parent: Number(parent),
      uid: ownerOf(proc, pid),
      name: stat.name,
      letter,
      terminal: terminalOf(Number(terminal)),
      foreground: Number(foreground) > 0 && group === foreground,
      startedAt: bootAt + Number(stat.rest[19]) * msPerTick,
      startMark: stat.rest[19] ?? "",
      cpuMs: (Number(stat.rest[11]) + Number(stat.rest[12])) * msPerTick,
      ...placeOf(proc, pid, namespace),
      memoryBytes: pageBytes === null ? null : Number(stat.rest[21]) * pageBytes,
    }
  })
}

/** The pid namespace of a process and, in a container, its pid there. */
function placeOf(proc: string, pid: Pid, own: string | null): Pick<ProcessEntry, "namespace" | "innerPid"> {
  const namespace = namespaceOf(proc, pid)
  if (namespace === null || namespace === own) return { namespace }
  // NSpid lists one pid per namespace, innermost last
  const status = attempt(() => readFileSync(`${proc}/${pid}/status`, "latin1")) ?? ""
  const inner = parsePid(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1] ?? "")
  return inner === null ? { namespace } : { namespace, innerPid: inner }
}

/** null when access is denied, as for another user's process. */
function namespaceOf(proc: string, pid: Pid | "self"): string | null {
  return attempt(() => readlinkSync(`${proc}/${pid}/ns/pid`))
}

function sleepsOf(proc: string, pid: Pid): number | null {
  const status = attempt(() => readFileSync(`${proc}/${pid}/status`, "latin1"))
  const sleeps = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status ?? "")?.[1]
  return sleeps === undefined ? null : Number(sleeps)
}

/**
 * The /proc folder of a non-dumpable process belongs to root, no matter who owns the process. Only root, who can access such
 * processes, needs the real owner and reads it from `status`.
 */
function ownerOf(proc: string, pid: Pid): number {
  const { uid } = statSync(`${proc}/${pid}`)
  if (uid !== 0 || process.getuid?.() !== 0) return uid
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`${proc}/${pid}/status`, "latin1"))?.[1]
  return effective === undefined ? uid : Number(effective)
}

/** The name is in parentheses and may itself contain spaces and parentheses: the last one closes it. */
export function statFields(stat: string): { name: string; rest: string[] } {
  const open = stat.indexOf("(")
  const close = stat.lastIndexOf(")")
  return {
    name: Buffer.from(stat.slice(open + 1, close), "latin1").toString("utf8"),
    rest: stat
      .slice(close + 2)
      .trimEnd()
      .split(" "),
  }
}

/** Decodes the device number of /proc/PID/stat, field 7 (man 5 proc). */
function terminalOf(device: number): Terminal | null {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (major >= 136 && major <= 143) return parseTerminal(`pts/${(major - 136) * 256 + minor}`)
  if (major === 4) return parseTerminal(minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`)
  if (major === 229) return parseTerminal(`hvc${minor}`)
  return null
}

function readEnvironment(proc: string, pid: Pid, wanted: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  if (wanted.length === 0) return found
  for (const entry of attempt(() => split(readFileSync(`${proc}/${pid}/environ`, "utf8"))) ?? []) {
    const at = entry.indexOf("=")
    const name = entry.slice(0, at)
    if (wanted.includes(name)) found[name] = entry.slice(at + 1)
  }
  return found
}

function split(text: string): string[] {
  return text.replace(/\0+$/, "").split("\0")
}

/** A process may end between any two reads: whatever cannot be read is unknown. */
function attempt<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
