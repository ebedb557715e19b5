import { type Context, type DiskPath, type Session, showPath } from "session-rescue"
import type { TranscriptFacts } from "../transcript/facts.ts"
import { findFolderOf } from "./folders-known.ts"

type Filing = Pick<Session, "cwd" | "filing">
type Folders = Pick<TranscriptFacts, "recordedFolder" | "ownFolder">

/**
 * The folder under which the client files this conversation: the folder in its records that matches the
 * project folder's name, else one that other sources know by that name.
 */
export function filingOf(
  ctx: Context,
  home: string,
  project: DiskPath | null,
  { recordedFolder: recorded, ownFolder: own }: Folders,
): Filing {
  if (project === null) return { cwd: recorded, filing: null }
  const name = showPath(project).slice(showPath(project).lastIndexOf("/") + 1)
  if (own !== null)
    return { cwd: own, filing: { known: true, recorded: null, message: "its records name it" } }
  const known = findFolderOf(ctx, home, project)
  if (known !== null) return { cwd: known.path, filing: { known: true, recorded, message: known.message } }
  return { cwd: recorded, filing: { known: false, recorded, message: `it is filed under ${name}` } }
}
