/** The line for an agent whose detect plugin says how it goes on with a session. */
import {
  type ActContext,
  type ClassifiedSession,
  type ResumeLine,
  type ResumeWay,
  shellQuote,
} from "session-rescue"
import { isFolder, localFolder, nearestFolder } from "./folders.ts"

export function reasonNotResumable(
  session: ClassifiedSession,
  { joins, obstacle }: ResumeWay,
): string | null {
  const { process, state } = session
  if (process !== null) {
    if (state === "CURRENT") return "this is the session you are in"
    const isShown = process.terminal !== null || session.mode !== "background"
    return joins && !isShown ? null : `end it first: ${process.terminal ?? `pid ${process.pid}`}`
  }
  if (session.evidence.some(({ signal }) => signal === "growth"))
    return "it is being written from elsewhere (a container, another machine): end it there first"
  if (session.transcript === null) return "its transcript is missing; only other files of it are left"
  if (session.footprint[0]?.kind === "link")
    return "its transcript is a link, and links inside a session are not followed"
  if (session.conversation === "unreadable")
    return "its transcript cannot be read; an export keeps every byte"
  if (session.conversation === "empty") return "its transcript contains no conversation"
  return obstacle ?? null
}

/** Started in the session's own folder, where that is there. */
export function agentLine(
  session: ClassifiedSession,
  way: ResumeWay,
  ctx: ActContext,
): Pick<ResumeLine, "command" | "start" | "reason" | "note" | "nearest"> {
  const files = ctx.files.quiet
  const folder = localFolder(session.cwd, files)
  const there = folder !== null && isFolder(folder, files)
  const nearest = folder === null || there ? null : nearestFolder(folder, files)
  if (!there && way.onlyInFolder) {
    const reason = `its client finds it only from ${session.cwd ?? "its own folder"}, which does not exist`
    return { command: null, start: null, reason, note: null, nearest }
  }
  const start = (there ? folder : nearest === "/" ? null : nearest) ?? ctx.paths.home
  const command = `cd ${shellQuote(start)} && ${homePrefix(session, way, ctx)}${way.command.map(quoteIfNeeded).join(" ")}`
  const gone = there ? [] : [`its folder ${session.cwd ?? ""} does not exist: it goes on in ${start}`]
  const notes = [...gone, ...(way.note === undefined ? [] : [way.note])]
  return { command, start, reason: null, note: notes.length === 0 ? null : notes.join("; "), nearest }
}

function quoteIfNeeded(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : shellQuote(word)
}

/** The environment of the shell in which it is pasted must not point the client to another home. */
function homePrefix(
  { home }: ClassifiedSession,
  { homeVariable, homeFolder, homeIsAbove }: ResumeWay,
  { paths, self }: ActContext,
): string {
  const variableOf = (folder: string) => (homeIsAbove ? folder.replace(/\/[^/]*$/, "") || "/" : folder)
  const usual = variableOf(`${paths.home}/${homeFolder}`)
  const named = self.environment[homeVariable]
  if (variableOf(home) !== usual) return `${homeVariable}=${shellQuote(variableOf(home))} `
  return named === undefined || named.replace(/\/+$/, "") === usual ? "" : `env -u ${homeVariable} `
}
