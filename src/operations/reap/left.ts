import { isToolShell, markedClient, markedHome, markedSession } from "../../domain/session/client-marks.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"
import type { Scene } from "./scene.ts"

/** Whether a process was started by a client that is gone, and is nobody's who lives. */
export function isLeft(process: ProcessEntry, scene: Scene): boolean {
  if (scene.inUse.has(process.pid)) return false // safety: client-above
  const details = scene.details.get(process.pid)
  if (details === undefined || isOurs(process, scene)) return false
  const role = scene.roles.get(process.pid)
  if (role === "host" || role === "spare") {
    const serves = allBelow(process, scene).some(({ pid }) => scene.clients.has(pid))
    return !serves && !scene.served.has(markedHome(details.environment)) // safety: host-in-use
  }
  const session = sessionOf(process, scene)
  if (session === null) return isToolShell(details) && process.terminal === null
  const starter = markedClient(details.environment)
  // safety: starter-lives
  if (starter !== null) return !lives(starter, process, scene)
  const since = scene.held.get(session)
  return since === undefined || process.startedAt < since // safety: held-since
}

/** A client of that number that was there before the process: the number may be another one's by now. */
function lives(starter: number, process: ProcessEntry, scene: Scene): boolean {
  const entry = scene.of.get(starter)
  return entry !== undefined && scene.clients.has(starter) && entry.startedAt <= process.startedAt
}

/** This very program, at work for a hook of a session that has ended: it is saving it. */
export function isOurs({ pid }: ProcessEntry, scene: Scene): boolean {
  return /(^|\/)session-rescue$/.test(scene.details.get(pid)?.executable ?? "") // safety: own-work
}

export function sessionOf({ pid }: ProcessEntry, scene: Scene): SessionId | null {
  return markedSession(scene.details.get(pid)?.environment ?? {})
}

/** The nearest first. */
export function allBelow(
  { pid }: ProcessEntry,
  scene: Scene,
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
export function whoIsGone(process: ProcessEntry, scene: Scene): string {
  const starter = markedClient(scene.details.get(process.pid)?.environment ?? {})
  const session = sessionOf(process, scene)
  if (starter !== null) return `its client (pid ${starter}) is gone`
  if (session === null) return "no living client is above it"
  return scene.held.has(session)
    ? "it is older than the client that holds its session now"
    : "no client holds its session any more"
}
