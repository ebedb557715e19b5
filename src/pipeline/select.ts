import { resolve } from "node:path"
import { readSavedExports } from "../rescue/saved.ts"
import { showPath } from "../session/disk-path.ts"
import { RescueError } from "../session/errors.ts"
import { type FoundSession, identityOf } from "../session/session.ts"
import { beginsWith, parseIdPrefix } from "../session/session-id.ts"
import { parseTerminal } from "../session/terminal.ts"
import type { Paths } from "../system/paths.ts"

/**
 * The sessions a person named, by terminal, pid, id, at least four hex digits of an id, or the path of a
 * transcript. A name that fits none, or more than one, is an error that lists what there is.
 */
export function selectNamed(
  names: readonly string[],
  found: readonly FoundSession[],
  paths: Paths,
): readonly FoundSession[] {
  const chosen = new Map<string, FoundSession>()
  for (const name of names) {
    const session = selectOne(name, found, paths)
    chosen.set(identityOf(session), session)
  }
  return [...chosen.values()]
}

function selectOne(name: string, found: readonly FoundSession[], paths: Paths): FoundSession {
  const fits = found.filter((session) => meets(name, session))
  const places = new Set(fits.map(identityOf))
  const [first] = fits
  if (first !== undefined && places.size === 1) return first
  if (first !== undefined) throw ambiguous(name, fits)
  if (/^[0-9a-f]{1,3}$/i.test(name) && !/^[0-9]+$/.test(name)) {
    throw new RescueError("USAGE", `"${name}" is too short for an id`, "give at least four of its digits")
  }
  throw onlySaved(name, paths) ?? noSuchSession(name)
}

/** What its client has deleted, and an export still holds. */
function onlySaved(name: string, paths: Paths): RescueError | null {
  const prefix = parseIdPrefix(name)
  if (prefix === null) return null
  const all = readSavedExports(paths.pending, paths.archive).all()
  const ids = new Set(all.map(({ manifest }) => manifest.session.id).filter((id) => beginsWith(id, prefix)))
  const [id] = ids
  if (id === undefined) return null
  const one = ids.size === 1
  return new RescueError(
    "SESSION_NOT_FOUND",
    `${one ? `${id.slice(0, 8)} is` : `"${name}" fits ${ids.size} sessions that are`} in no client's home any more, and saved`,
    `put it back: session-rescue restore ${one ? id.slice(0, 8) : `ID (session-rescue list ${name})`}`,
  )
}

export function noSuchSession(name: string): RescueError {
  return new RescueError(
    "SESSION_NOT_FOUND",
    `no session is called "${name}" (as a terminal, pid, id, or transcript)`,
    "see what there is: session-rescue --status --all",
  )
}

/** Whether a name, in any of the ways people write one, means this session. */
export function meets(name: string, session: FoundSession): boolean {
  const any = [session, ...session.candidates]
  const path = name.includes("/") ? resolve(name) : null
  if (path !== null && any.some(({ transcript }) => transcript !== null && showPath(transcript) === path))
    return true
  const terminal = parseTerminal(name)
  if (terminal !== null && session.process?.terminal === terminal) return true
  if (terminal !== null && session.process !== null && session.background?.terminal === terminal) return true
  if (session.process !== null && name === String(session.process.pid)) return true
  const prefix = parseIdPrefix(name)
  return prefix !== null && any.some((each) => beginsWith(each.id, prefix))
}

export function ambiguous(name: string, fits: readonly FoundSession[]): RescueError {
  const list = fits.map((session) => {
    const place = session.transcript === null ? "no transcript" : showPath(session.transcript)
    const { process } = session
    return `  ${session.id ?? "no id"}  ${process === null ? "" : `pid ${process.pid} ${process.terminal ?? ""}  `}${place}`
  })
  return new RescueError(
    "AMBIGUOUS",
    `"${name}" fits ${fits.length} sessions:\n${list.join("\n")}`,
    "name one by more of its id, its pid, or its transcript's path",
  )
}
