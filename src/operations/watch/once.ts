import type { WatchNotice } from "../../domain/watch/notice.ts"
import type { WatcherFacts } from "./watcher-facts.ts"
import { needsSaving, quietNotices, toSave } from "./watching.ts"

/** After such a gap the machine may have slept: what hangs has to be seen hanging first. */
const maxGapMs = 600_000

/** One look, for a timer, cron or a hook: what is to be saved is saved, and told at once. false: something failed. */
export async function watchOnce(facts: WatcherFacts): Promise<boolean> {
  const { watching, onEvent } = facts
  const { wall } = facts.clock()
  const { lastLookAt } = watching.state
  if (lastLookAt !== null && wall - lastLookAt > maxGapMs) watching.hasSlept(wall)
  let isWhole = true
  const fails = (error: unknown, what = "") => {
    const message = `${what}${error instanceof Error ? error.message : String(error)}`
    watching.fails(message, wall)
    onEvent({ kind: "trouble", message })
    isWhole = false
  }
  // a disk on which it cannot be kept is full: then all the more its user is to be told
  const keep = () =>
    facts.keepState(watching.kept).catch((error) => fails(error, "what was done cannot be noted: "))
  try {
    const tasks = watching.take(await facts.look(watching.query(wall)))
    const [saving, quiet] = [tasks.filter(needsSaving), tasks.filter((task) => !needsSaving(task))]
    const notices: WatchNotice[] = quiet.flatMap(quietNotices)
    await keep()
    const results = saving.length === 0 ? [] : await facts.save(saving.map(toSave))
    for (const task of saving) {
      const result = results.find(({ key }) => key === task.sight.key)
      if (result === undefined) continue
      notices.push(...watching.saved(task, result, facts.clock().wall))
      onEvent({ kind: "saved", task, result })
      isWhole &&= result.outcome === "saved" || result.outcome === "nothing"
    }
    if (notices.length > 0) {
      const telling = await facts.tell(notices)
      watching.told(telling, notices)
      onEvent({ kind: "told", telling })
    }
  } catch (error) {
    fails(error)
  }
  await keep()
  return isWhole
}
