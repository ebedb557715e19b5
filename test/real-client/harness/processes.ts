import { readdirSync, readFileSync } from "node:fs"
import { until } from "../../fixtures/until.ts"

export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number)
}

/** Its children, and theirs. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

/** Its words, joined; empty for one that is gone: the client asks short-lived programs of its own. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replace(/\0$/, "").replaceAll("\0", " ")
}

/** A zombie is dead: only its entry is left. */
export function isAlive(pid: number): boolean {
  const state = /^State:\s+(\w)/m.exec(read(`/proc/${pid}/status`))?.[1]
  return state !== undefined && state !== "Z"
}

/**
 * Ends every process whose HOME lies in that throw-away folder, so started from here and by nobody else: a
 * client's tools run in sessions of their own and outlive both the client and its terminal.
 */
export async function endAllOf(root: string): Promise<void> {
  const refused = new Set<number>()
  await until(`the processes of ${root} to end`, () => {
    const left = livingIn(root).filter((pid) => !refused.has(pid))
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        refused.add(pid) // gone meanwhile; or the guard, without a sandbox, no longer knows it for ours
      }
    }
    return left.length === 0
  })
}

function livingIn(root: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  const ours = pids.filter((pid) => `\0${read(`/proc/${pid}/environ`)}`.includes(`\0HOME=${root}/`))
  return ours.map(Number).filter(isAlive)
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // gone meanwhile, or somebody else's
  }
}
