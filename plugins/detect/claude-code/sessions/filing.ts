import { type Context, type DiskPath, type Session, showPath, type TranscriptRecord } from "session-rescue"
import { slugOf } from "../home/slug.ts"
import { findFolderOf } from "./folders-known.ts"

type Filing = Pick<Session, "cwd" | "filing">

/**
 * The folder under which the client files this conversation: the folder in its records that matches the
 * project folder's name, else one that other sources know by that name.
 */
export function filingOf(
  ctx: Context,
  home: string,
  project: DiskPath | null,
  records: readonly TranscriptRecord[],
): Filing {
  const folders = records.flatMap(({ cwd }) => (typeof cwd === "string" && cwd !== "" ? [cwd] : []))
  const recorded = folders[0] ?? null
  if (project === null) return { cwd: recorded, filing: null }
  const name = showPath(project).slice(showPath(project).lastIndexOf("/") + 1)
  const own = folders.find((folder) => slugOf(folder) === name)
  if (own !== undefined)
    return { cwd: own, filing: { known: true, recorded: null, message: "its records name it" } }
  const known = findFolderOf(ctx, home, project)
  if (known !== null) return { cwd: known.path, filing: { known: true, recorded, message: known.message } }
  return { cwd: recorded, filing: { known: false, recorded, message: `it is filed under ${name}` } }
}
