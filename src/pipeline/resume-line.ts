import { RescueError } from "../session/errors.ts"
import { isPurgeSoon } from "../session/flags.ts"
import type { ResumeLine } from "../session/resume.ts"
import { classifyAnyway } from "./classify.ts"
import type { Context } from "./context.ts"
import { detectAll } from "./detect.ts"
import { type Place, sameHome } from "./held.ts"
import { actPlugin } from "./plugins.ts"

/** How a session that has just been put back is resumed; looked at as any other session is, from the disk. */
export async function resumeOf(
  place: Place,
  ctx: Context,
): Promise<{ readonly resume: ResumeLine | null; readonly purgeAt: number | null }> {
  const looking = { ...ctx, now: Date.now() }
  const found = (await detectAll(looking, place.agent)).filter(
    (each) => each.id === place.id && sameHome(each, place, looking),
  )
  const session = found.find(({ transcript }) => transcript !== null) ?? found[0]
  if (session === undefined) return { resume: null, purgeAt: null }
  const classified = await classifyAnyway(session, looking)
  const resume = await actPlugin<ResumeLine>("resume").act(classified, { ...looking, save: refuseToSave })
  return { resume, purgeAt: isPurgeSoon(session, looking.now) ? session.purgeAt : null }
}

async function refuseToSave(): Promise<never> {
  throw new RescueError("INTERNAL", "a resume does not save anything", "use: session-rescue --export")
}
