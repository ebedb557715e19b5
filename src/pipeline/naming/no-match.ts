import { RescueError } from "../../domain/errors.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { hasIdPrefix, parseIdPrefix, shortId } from "../../domain/session/session-id.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { isStderrTerminal } from "../../system/terminal/screen.ts"
import { examine } from "../detect.ts"
import type { RunContext } from "../run-context.ts"
import { newestFirst } from "../scan.ts"

const maxListed = 20

/** The error for a name that matches no session. On a terminal it lists the running sessions. */
export async function sessionNotFound(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
  { notRead = 0, verb = "resume" }: { readonly notRead?: number; readonly verb?: string } = {},
): Promise<RescueError> {
  if (/^[0-9a-f]{1,3}$/i.test(name) && !/^[0-9]+$/.test(name))
    return new RescueError("USAGE", `"${name}" is too short to be an id`, "give at least four digits")
  const old = notRead === 0 ? "" : `; the titles and folders of the ${notRead} oldest were not searched`
  const ways = "id, terminal, pid, transcript, title, name, folder or tmux pane"
  const running = isStderrTerminal() ? await formatRunning(found, ctx, verb) : ""
  return new RescueError(
    "SESSION_NOT_FOUND",
    `no session matches "${name}" (${ways}${old})${running}`,
    "list the sessions: session-rescue --status --all",
  )
}

async function formatRunning(found: readonly FoundSession[], ctx: RunContext, verb: string): Promise<string> {
  const live = newestFirst(found.filter(({ process }) => process !== null)).slice(0, maxListed)
  if (live.length === 0) return ""
  const lines = live.map(async (each) => {
    const session = await examine(each, ctx).catch(() => null)
    const name = each.process?.terminal ?? shortId(each.id) ?? each.process?.pid
    const facts = [shortId(each.id), session?.cwd, session?.title].filter((fact) => fact != null)
    return `  session-rescue ${verb} ${name}   ${facts.join(" · ")}`
  })
  return `. Running:\n${(await Promise.all(lines)).join("\n")}`
}

/** The error for a session that its client has deleted and that only an export still holds. */
export function onlyExported(name: string, paths: Paths): RescueError | null {
  const prefix = parseIdPrefix(name)
  if (prefix === null) return null
  const all = readEverySaved(paths).all()
  const ids = new Set(all.map(({ manifest }) => manifest.session.id).filter((id) => hasIdPrefix(id, prefix)))
  const [id] = ids
  if (id === undefined) return null
  const one = ids.size === 1
  return new RescueError(
    "SESSION_NOT_FOUND",
    `${one ? `${shortId(id)} is` : `"${name}" matches ${ids.size} sessions that are`} no longer in any client's home, but exported`,
    `restore it: session-rescue restore ${one ? shortId(id) : `ID (session-rescue list ${name})`}`,
  )
}
