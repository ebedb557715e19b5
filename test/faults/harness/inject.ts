/** Faults put into the compiled binary's system calls with strace: one call fails, or the process dies at it. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Answer, Machine } from "../../fixtures/machine.ts"
import { isInstalled } from "./installed.ts"

export const hasStrace = isInstalled("strace")

/** The calls an export does its work with. Reads and looks come by the thousand elsewhere, and are left out. */
export const exportCalls = ["mkdir", "fsync", "pwrite64", "link", "rename", "unlinkat", "fchmod"] as const

export interface Call {
  readonly name: string
  /** The how manieth of its name on the main thread: strace's `when`. */
  readonly when: number
  readonly line: string
}

export interface Fault {
  readonly call: string
  readonly when: number | "1+" | "1+3"
  /** `error=EIO`, `signal=SIGKILL`, `retval=7` … as `strace -e inject` has it. */
  readonly effect: string
  /** Only calls that are about this very path are counted. */
  readonly path?: string
}

let logs = 0

/** Runs the binary under strace, which writes down every call of the given names. */
export async function traced(
  machine: Machine,
  args: readonly string[],
  names: readonly string[],
  faults: readonly Fault[] = [],
): Promise<{ answer: Answer; calls: readonly Call[]; hit: boolean; log: string }> {
  const log = join(machine.root, `strace-${++logs}`)
  const injections = faults.flatMap(({ call, when, effect }) => [
    "-e",
    `inject=${call}:${effect}:when=${when}`,
  ])
  // strace 6.1 forgets signals when it traces through seccomp
  const killing = faults.some(({ effect }) => effect.startsWith("signal="))
  const tracing = ["strace", "-f", "-y", "-s", "4096", ...(killing ? [] : ["--seccomp-bpf"]), "-o", log]
  const paths = faults.flatMap(({ path }) => (path === undefined ? [] : ["-P", path]))
  const program = [...tracing, "-e", `trace=${names.join(",")}`, ...injections, ...paths]
  const answer = await machine.run(args, { program })
  const text = existsSync(log) ? readFileSync(log, "latin1") : ""
  return { answer, calls: parseLog(text), hit: answer.code === 137 || /\(INJECTED\)/.test(text), log: text }
}

/** Lines look like `PID name(…) = 0`; a call that another thread's line has cut in two counts where it began. */
function parseLog(text: string): readonly Call[] {
  const main = text.slice(0, text.indexOf(" "))
  const counts = new Map<string, number>()
  return text.split("\n").flatMap((line) => {
    const match = /^(\d+) +([a-z0-9_]+)\(/.exec(line)
    const name = match?.[2]
    if (name === undefined || match?.[1] !== main) return []
    const when = (counts.get(name) ?? 0) + 1
    counts.set(name, when)
    return [{ name, when, line }]
  })
}

/** The calls of a run without faults that touch a folder: where there is something to break. */
export function touching(calls: readonly Call[], folder: string): readonly Call[] {
  return calls.filter((call) => call.line.includes(folder))
}
