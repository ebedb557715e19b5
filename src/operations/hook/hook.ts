import type { HookInput } from "../../domain/client-config/hook-input.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { matchesName } from "../../pipeline/naming/select-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { openProcess } from "../../system/process/process-handle.ts"
import { type AutoSaved, type AutoSaveFacts, autoSave } from "../auto-save/auto-save.ts"

/** What a hook did, for its log; without a session where that was not found. */
export interface HookReport extends Omit<AutoSaved, "session"> {
  readonly session: AutoSaved["session"] | null
}

const maxWaitMs = 10_000
const pollMs = 50
/** A hook waits for the copies that are being made: its machine may be about to go down. */
const turnWaitMs = 5_000

/**
 * Saves the session that the client named. When it ends, its client still writes a last record behind the hook's
 * back: then it is saved at once, and again when its client is gone.
 */
export async function saveForHook(
  input: HookInput,
  event: string,
  facts: AutoSaveFacts,
): Promise<HookReport> {
  const found = await findSession(input, facts.ctx)
  if (found === null)
    return { session: null, result: sessionNotFound(input), removed: 0, isBesideAnother: false }
  const first = await autoSave(found, facts, turnWaitMs)
  if (event !== "SessionEnd" || found.process === null || isRescueError(first.result)) return first
  await waitForExit(found.process)
  const anew = { ...facts, ctx: freshContext(facts.ctx) }
  const later = await findSession(input, anew.ctx)
  if (later === null) return first
  const last = await autoSave(later, anew, turnWaitMs)
  const isBesideAnother = first.isBesideAnother || last.isBesideAnother
  return { ...last, removed: first.removed + last.removed, isBesideAnother }
}

/** By its transcript, which is certain; by its id where there is only one of it. */
async function findSession({ id, transcript }: HookInput, ctx: RunContext): Promise<FoundSession | null> {
  const all = await detectAll(ctx, null)
  const byPath = transcript === null ? [] : all.filter((each) => matchesName(transcript, each, ctx))
  const fits = byPath.length > 0 || id === null ? byPath : all.filter((each) => each.id === id)
  return fits.find((each) => each.process !== null) ?? fits[0] ?? null
}

async function waitForExit(process: NonNullable<FoundSession["process"]>): Promise<void> {
  const held = await openProcess(process).catch(() => null)
  if (held === null) return
  try {
    for (let waited = 0; waited < maxWaitMs && !(await held.hasExited()); waited += pollMs)
      await Bun.sleep(pollMs)
  } finally {
    held.release()
  }
}

function sessionNotFound({ id, transcript }: HookInput): RescueError {
  return new RescueError(
    "SESSION_NOT_FOUND",
    `no session ${id ?? ""} at ${transcript ?? "any path"}`,
    "nothing to save",
  )
}
