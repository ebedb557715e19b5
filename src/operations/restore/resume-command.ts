import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import { isPurgeSoon } from "../../domain/session/flags.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { isSameHome, type SessionPlace } from "./in-use.ts"

interface Resumed {
  readonly resume: ResumeLine | null
  readonly purgeAt: number | null
  readonly elsewhere: readonly string[]
}

/** How a session that has just been put back is resumed; looked at as any other session is, from the disk. */
export async function resumeAfterRestore(
  place: SessionPlace,
  transcript: DiskPath | null,
  ctx: RunContext,
): Promise<Resumed> {
  const looking = freshContext(ctx)
  const found = (await detectAll(looking, place.agent)).filter(
    (each) => each.id === place.id && isSameHome(each, place, looking),
  )
  const its = transcript === null ? null : looking.files.stat(transcript)
  const isPutBack = ({ transcriptStat: look }: FoundSession) =>
    its !== null && look?.device === its.device && look.inode === its.inode
  const session = found.find(isPutBack) ?? found.find((each) => each.transcript !== null) ?? found[0]
  if (session === undefined) return { resume: null, purgeAt: null, elsewhere: [] }
  const classified = withFolder(await tryClassify(session, looking), place)
  const resume = await actPlugin<ResumeLine>("resume").act(classified, { ...looking, save: refuseToSave })
  const purgeAt = isPurgeSoon(session, looking.now) ? session.purgeAt : null
  return { resume, purgeAt, elsewhere: (session.elsewhere ?? []).map(showPath) }
}

/** Nothing on the disk says yet which folder it was filed under just now, until its client goes on there. */
function withFolder(session: ClassifiedSession, { folder }: SessionPlace): ClassifiedSession {
  if (folder == null || session.cwd === folder) return session
  return {
    ...session,
    cwd: folder,
    filing: { known: true, recorded: session.cwd, message: "it is filed there now" },
  }
}

async function refuseToSave(): Promise<never> {
  throw new RescueError("INTERNAL", "a resume does not save the session", "use: session-rescue --export")
}
