import type { SessionId } from "../../domain/session/session-id.ts"
import type { Terminal } from "../../domain/session/terminal.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"

/** The process that asks to end another one: this program and its surroundings. */
export interface Caller {
  readonly pid: number
  readonly uid: number
  readonly terminal: Terminal | null
  /** The sessions that, according to the environment, this program runs in, with the variable that names each. */
  readonly insideSessions: readonly { readonly variable: string; readonly id: SessionId }[]
  /** The clients that, according to the environment, have started it. */
  readonly insideClients?: readonly { readonly variable: string; readonly pid: number }[]
}

/** The sessions that end with a process, and theirs. */
export interface EndsAlong {
  readonly ids: readonly SessionId[]
  readonly pids: readonly number[]
}

/** A process of which no session is known. */
export const noSession: EndsAlong = { ids: [], pids: [] }

export interface Refusal {
  readonly reason: string
  readonly hint: string
}

/**
 * Why a process must never be ended: it is this program, an ancestor, at the same terminal, or owned by another user.
 * Based on the system's process list alone; no plugin is consulted.
 */
export function refusalToKill(
  target: ProcessEntry,
  along: EndsAlong,
  asker: Caller,
  list: readonly ProcessEntry[],
): Refusal | null {
  const elsewhere = "ask from another terminal, outside of it"
  // safety: sees-itself
  if (!list.some((entry) => entry.pid === asker.pid)) {
    return {
      reason: "this program does not see itself among the processes, so it cannot see what it runs in",
      hint: "is /proc mounted? In a container it must be the container's own",
    }
  }
  // safety: process-one
  if (target.pid === 1) {
    return {
      reason: "it is process 1 here: the whole container ends with it",
      hint: "save it: session-rescue --export 1; then stop the container from outside",
    }
  }
  // safety: same-user
  if (target.uid !== asker.uid) {
    return { reason: "it belongs to another user", hint: "only its owner can end it" }
  }
  // safety: ancestor-guard
  if (target.pid === asker.pid || ancestorsOf(asker.pid, list).has(target.pid)) {
    return { reason: "this program runs inside it", hint: elsewhere }
  }
  // safety: own-terminal
  if (asker.terminal !== null && target.terminal === asker.terminal) {
    return target.letter === "T"
      ? {
          reason: "it is suspended in this very terminal",
          hint: "type fg and leave it with /exit, or ask from another terminal",
        }
      : { reason: "it shares this terminal", hint: elsewhere }
  }
  const inside = asker.insideSessions.find(({ id }) => along.ids.includes(id))
  // safety: own-session
  if (inside !== undefined) {
    return namedBy(inside.variable)
  }
  const client = asker.insideClients?.find(({ pid }) => pid === target.pid || along.pids.includes(pid)) // safety: own-client-along
  return client === undefined ? null : namedBy(client.variable) // safety: own-client
}

function namedBy(variable: string): Refusal {
  return {
    reason: `${variable} names it as the session you are in`,
    hint: `if this shell only inherited that variable (tmux does): env -u ${variable} session-rescue kill …`,
  }
}

function ancestorsOf(pid: number, list: readonly ProcessEntry[]): ReadonlySet<number> {
  const parents = new Map<number, number>(list.map((entry) => [entry.pid, entry.parent]))
  const found = new Set<number>()
  for (let up = parents.get(pid); up !== undefined && up > 0 && !found.has(up); up = parents.get(up))
    found.add(up)
  return found
}

/** All descendants of a process in the list, nearest first. */
export function descendantsOf(pid: number, list: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const found: ProcessEntry[] = []
  const level = [pid]
  for (let parent = level.shift(); parent !== undefined; parent = level.shift()) {
    for (const entry of list) {
      if (entry.parent !== parent || found.includes(entry)) continue
      found.push(entry)
      level.push(entry.pid)
    }
  }
  return found
}
