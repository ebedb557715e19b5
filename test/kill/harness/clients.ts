/** Fake clients with a session of their own, that behave in some way when they are told to end. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { idle, shellClient } from "../../fixtures/fake-clients.ts"
import type { Machine, StartedProgram } from "../../fixtures/machine.ts"
import { childrenOf, statOf } from "../../fixtures/processes.ts"
import { until } from "../../fixtures/until.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"

export const ignoresTerm = `trap '' TERM; ${idle}`
/** Writes its last words and leaves, as the real one does. */
export const writesOnTerm = `trap 'printf "%s\\n" "{\\"type\\":\\"last-prompt\\"}" >> "$1"; exit 0' TERM; ${idle}`
/** Appends to its transcript all the time. */
export const writing = 'while :; do printf "%s\\n" "{\\"type\\":\\"x\\"}" >> "$1"; done'
/** Starts two processes that outlive it, in sessions of their own as tools do. */
export const parent = `setsid sleep 301 & setsid sleep 302 & ${idle}`

export interface KnownClient extends StartedProgram {
  readonly id: string
  readonly transcript: string
}

/** A client that is busy with `script`, its registry file and its transcript (given to the script as `$1`). */
export async function client(
  machine: Machine,
  id: string,
  script: string = idle,
  options: { cwd?: string; silent?: boolean; env?: Record<string, string> } = {},
): Promise<KnownClient> {
  const { cwd = "/work/one", silent = false, env = {} } = options
  const transcript = silent ? machine.transcriptPath(id, cwd) : machine.transcript(id, { cwd })
  const ready = join(machine.root, `ready-${id}`)
  const program = shellClient(machine, `: > "$2"; ${script}`, { args: [transcript, ready], env })
  machine.registry(program, id, { cwd })
  await until(`client ${program.pid} to be ready`, () => Bun.file(ready).exists())
  if (script.startsWith("trap")) await trapped(program.pid)
  return { ...program, id, transcript }
}

/** The client that a shell has started in a terminal, once it holds it and Ctrl-Z would reach it. */
export async function clientIn(terminal: Terminal): Promise<number> {
  return until(`a client to hold ${terminal.tty}`, () =>
    childrenOf(terminal.shellPid).find((pid) => {
      const [, , group, , , foreground] = statOf(pid)
      return group === foreground && readFileSync(`/proc/${pid}/comm`, "utf8") === "claude\n"
    }),
  )
}

/** Once TERM does not simply end that process any more. */
export async function trapped(pid: number): Promise<void> {
  const term = 1n << 14n
  await until(`${pid} to have its trap`, () => {
    const masks = readFileSync(`/proc/${pid}/status`, "utf8").matchAll(/^Sig(?:Ign|Cgt):\s+([0-9a-f]+)$/gm)
    return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & term) !== 0n)
  })
}

export function isThere(pid: number): boolean {
  try {
    return !["Z", "X"].includes(statOf(pid)[0] ?? "X")
  } catch {
    return false
  }
}
