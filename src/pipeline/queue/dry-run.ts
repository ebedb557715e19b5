import { RescueError } from "../../domain/errors.ts"
import { readLocks } from "../../rescue/io/lock.ts"
import { isOutstanding } from "./entries.ts"
import { type ProcessedExport, type ProcessingPlan, type ProcessingReport, sessionOf } from "./processing.ts"
import { type PendingItem, readPendingItems } from "./queue.ts"
import { selectPending } from "./select.ts"
import { QueueStates } from "./state.ts"

/** Reports what archiving would do, as far as can be determined without writing. */
export async function planProcessing(options: ProcessingPlan): Promise<ProcessingReport> {
  const { paths, signal, names } = options
  const locks = (await readLocks(paths.pending)).filter((lock) => !lock.stale)
  const busy = new Set(locks.map((lock) => lock.export))
  const all = await readPendingItems(paths, signal)
  const waiting = names === null ? all : selectPending(all, names, paths, "archive")
  return { exports: waiting.map((each) => planOne(each, busy, options)), interrupted: false }
}

function planOne(waiting: PendingItem, busy: ReadonlySet<string>, options: ProcessingPlan): ProcessedExport {
  const { paths, plugins } = options
  const { name } = waiting
  const nothing = {
    name,
    ...sessionOf(waiting),
    outcomes: [],
    archived: null,
    waitsFor: [],
    failure: null,
    busy: busy.has(name),
  }
  if (nothing.busy) return nothing
  if (waiting.kind === "broken") {
    const hint = "see session-rescue verify"
    return {
      ...nothing,
      failure: new RescueError("DAMAGED", `${name} is not a complete export: ${waiting.why}`, hint),
    }
  }
  const waitsFor = plugins
    .filter((each) => isOutstanding(new QueueStates(paths.pending), name, each))
    .map((each) => each.plugin.name)
  return waitsFor.length > 0 ? { ...nothing, waitsFor } : { ...nothing, archived: paths.archive }
}
