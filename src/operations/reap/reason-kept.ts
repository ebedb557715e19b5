import type { RunContext } from "../../pipeline/run-context.ts"
import { type Caller, noSession, refusalToKill } from "../../rescue/terminate/kill-policy.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"
import { isOwnProgram, markedSessionOf } from "./is-leftover.ts"
import type { ProcessSnapshot } from "./process-snapshot.ts"

/** What a judgement rests on. */
export interface AssessContext {
  readonly scene: ProcessSnapshot
  readonly caller: Caller
  readonly ctx: RunContext
  /** By pid. */
  readonly left: ReadonlyMap<number, ProcessEntry>
}

/**
 * Why a process is never ended, though its client is gone; null where nothing speaks against it. What it was started as
 * says little of what it holds now: a terminal multiplexer that a tool once started may hold a person's whole work.
 */
export function reasonKept(
  top: ProcessEntry,
  below: readonly ProcessEntry[],
  about: AssessContext,
): string | null {
  const { scene, caller } = about
  for (const each of [top, ...below]) {
    const refusal = refusalToKill(each, noSession, caller, scene.list)
    if (refusal === null) continue // safety: reap-guards
    return each === top
      ? `${refusal.reason}: ${refusal.hint}`
      : `of pid ${each.pid} below it: ${refusal.reason}`
  }
  for (const each of below) {
    const what = `pid ${each.pid}, ${each.name}`
    if (scene.clients.has(each.pid)) return `a session runs below it (${what})` // safety: client-below
    if (isOwnProgram(each, scene)) return `session-rescue is running below it (${what})`
    // safety: terminal-below
    if (each.terminal !== null && each.terminal !== top.terminal)
      return `it holds a terminal that may be in use: ${each.terminal} (${what})`
    // safety: other-session-below
    if (markedSessionOf(each, scene) !== null && !about.left.has(each.pid))
      return `a process below it belongs to a running session (${what})`
  }
  return null
}
