import { type ActContext, type ClassifiedSession, type ResumeLine, shellQuote, shortId } from "session-rescue"
import { canCreate, isFolder, localFolder, nearestFolder } from "./folders.ts"
import { installedClient, isAtLeast } from "./installed-client.ts"

/**
 * `--resume ID` finds a session from any folder from this version on, also when its own folder is gone, and
 * continues in the folder it is started in (observed: 2.1.223, 2.1.224, 2.1.332; 2.1.197, 2.1.214 and 2.1.222
 * answer "No conversation found" from any other folder, and from their own through a link to it). A session
 * whose id has files in two project folders is found only from one of those two folders (observed: 2.1.332).
 */
const resumesAnywhereSince = "2.1.223"

type ResumeAdvice = Omit<ResumeLine, "id" | "cwd">

/** Where to start the client so that it finds the conversation. `start` is the client's own command. */
export function resumeAdvice(session: ClassifiedSession, start: string, ctx: ActContext): ResumeAdvice {
  const files = ctx.files.quiet
  const { cwd, filing } = session
  const folder = localFolder(cwd, files)
  const filed = filing?.known !== false && folder !== null && folder === cwd
  const there = folder !== null && isFolder(folder, files)
  const real = there ? files.real(folder) : null
  const nearest = folder === null || there ? null : nearestFolder(folder, files)
  const trouble = folderProblem(session, folder, real)
  const line = (into: string, place: string | null, note: string | null): ResumeAdvice => {
    return { command: `${into} && ${start}`, start: place, reason: null, note, nearest, rehome: null }
  }
  const go = (to: string) => `cd ${shellQuote(to)}`
  if (filed && real === folder) return line(go(folder), folder, trouble)

  const installed = installedClient(ctx)
  const twice = (session.elsewhere?.length ?? 0) > 0
  const anywhere = (version: string | null) =>
    !twice && version !== null && isAtLeast(version, resumesAnywhereSince)
  const onward = (there ? folder : nearest) ?? ctx.paths.home
  const place = onward === "/" ? ctx.paths.home : onward
  const elsewhere = (client: string) =>
    line(go(place), place, join(trouble, `${client} finds it from any folder, and goes on in ${place}`))
  if (anywhere(installed)) return elsewhere(`the client here (${installed})`)
  if (filed && !there && canCreate(folder, files)) {
    const only = twice ? "as its id is in two places, a client" : `a client before ${resumesAnywhereSince}`
    const note = `the command creates it again, empty: ${only} finds the conversation only from there`
    return line(`mkdir -p ${shellQuote(folder)} && ${go(folder)}`, null, join(trouble, note))
  }
  if (installed === null && anywhere(session.version))
    return elsewhere(`a client from ${resumesAnywhereSince} on (it was last used with ${session.version})`)
  const client =
    installed === null ? `a client before ${resumesAnywhereSince}` : `the client here (${installed})`
  const why = twice ? "its id is in two places" : `${client} does not find it from another folder`
  return {
    command: null,
    start: null,
    reason: join(trouble, why),
    note: null,
    nearest,
    rehome: `session-rescue resume ${shortId(session.id)} --folder ${real === null ? "FOLDER" : shellQuote(real)}`,
  }
}

/** Describes what has changed since the client ran; null when nothing has. */
function folderProblem(
  { cwd, filing }: ClassifiedSession,
  folder: string | null,
  real: string | null,
): string | null {
  if (cwd === null || cwd === "") return "its records do not name a working folder"
  if (!cwd.startsWith("/")) {
    if (folder !== null) return `its folder is ${cwd}: here ${folder}`
    if (/^([A-Za-z]:|\\\\)/.test(cwd)) return `its records name ${cwd}, a Windows folder`
    return `its records name ${cwd}, which is not a folder here, so its working folder is unknown`
  }
  if (real === null) return `its folder no longer exists: ${cwd}`
  if (real !== folder) return `its folder ${cwd} is now reached through a link, at ${real}`
  if (filing?.known === false) return `it is filed under a folder other than ${cwd}, which its records name`
  return filing?.recorded == null ? null : `it is filed under ${cwd}; its records name ${filing.recorded}`
}

function join(trouble: string | null, more: string): string {
  return trouble === null ? more : `${trouble}; ${more}`
}
