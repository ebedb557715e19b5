import {
  isToolShell,
  markedClient,
  markedHome,
  markedOpencode,
  markedSession,
} from "../../domain/session/client-marks.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"
import type { ProcessSnapshot } from "./process-snapshot.ts"

/** Whether a process was started by a client that has exited, and belongs to no running one. */
export function isLeftover(process: ProcessEntry, scene: ProcessSnapshot): boolean {
  if (scene.inUse.has(process.pid)) return false // safety: client-above
  const details = scene.details.get(process.pid)
  if (details === undefined || isOwnProgram(process, scene)) return false
  const role = scene.roles.get(process.pid)
  if (role === "host" || role === "spare") {
    const serves = descendantsWithin(process, scene).some(({ pid }) => scene.clients.has(pid))
    return !serves && !scene.servedHomes.has(markedHome(details.environment)) // safety: host-in-use
  }
  const session = markedSessionOf(process, scene)
  const opencode = session === null ? markedOpencode(details.environment) : null
  if (opencode !== null) return !isOpencodeAlive(opencode, process, scene)
  if (session === null) return isToolShell(details) && process.terminal === null
  const starter = markedClient(details.environment)
  // safety: starter-lives
  if (starter !== null) return !isStarterAlive(starter, process, scene)
  const since = scene.heldSince.get(session)
  return since === undefined || process.startedAt < since // safety: held-since
}

/** Its servers are no clients; so whatever was there before the process under its number has started it. */
function isOpencodeAlive(starter: number, process: ProcessEntry, scene: ProcessSnapshot): boolean {
  const entry = scene.of.get(starter)
  return entry !== undefined && entry.startedAt <= process.startedAt // safety: opencode-lives
}

/** A client of that number that was there before the process: the number may be another one's by now. */
function isStarterAlive(starter: number, process: ProcessEntry, scene: ProcessSnapshot): boolean {
  const entry = scene.of.get(starter)
  return entry !== undefined && scene.clients.has(starter) && entry.startedAt <= process.startedAt
}

/** This program, run by a hook of a session that has ended: it is saving that session. */
export function isOwnProgram({ pid }: ProcessEntry, scene: ProcessSnapshot): boolean {
  return /(^|\/)session-rescue$/.test(scene.details.get(pid)?.executable ?? "") // safety: own-work
}

export function markedSessionOf({ pid }: ProcessEntry, scene: ProcessSnapshot): SessionId | null {
  return markedSession(scene.details.get(pid)?.environment ?? {})
}

/** The nearest first. */
export function descendantsWithin(
  { pid }: ProcessEntry,
  scene: ProcessSnapshot,
  without: ReadonlySet<number> = new Set(),
): readonly ProcessEntry[] {
  const found = new Set<ProcessEntry>() // what is added while it is walked through is walked through too
  const add = (parent: number) => {
    for (const child of scene.children.get(parent) ?? []) if (!without.has(child.pid)) found.add(child)
  }
  add(pid)
  for (const each of found) add(each.pid)
  return [...found]
}

/** Why it is taken for left over, beyond what it is. */
export function describeOrphaning(process: ProcessEntry, scene: ProcessSnapshot): string {
  const environment = scene.details.get(process.pid)?.environment ?? {}
  const session = markedSessionOf(process, scene)
  const starter = markedClient(environment) ?? (session === null ? markedOpencode(environment) : null)
  if (starter !== null) return `its client (pid ${starter}) has exited`
  if (session === null) return "it has no running client as an ancestor"
  return scene.heldSince.has(session)
    ? "it is older than the client that holds its session now"
    : "no client holds its session now"
}
