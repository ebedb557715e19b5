import { type Context, remembered, type SessionId, uuidIn } from "session-rescue"

/**
 * Where 2.1.332 puts the output of background commands: CLAUDE_CODE_TMPDIR, else /tmp, then
 * claude-UID/SLUG/SESSION/tasks/NAME.output (observed); older versions, without SESSION (public).
 */
const outputPattern = /^\/(?:[^/]+\/)*claude(?:-\d+)?\/[^/]+\/(?:[^/]+\/)?tasks\/[A-Za-z0-9_-]{1,64}\.output$/

/** Whether an absolute path has the form of such an output. */
export function isOutput(path: string): boolean {
  return outputPattern.test(path) && path.split("/").every((part) => part !== "." && part !== "..")
}

const foldersKey = Symbol("folders of outputs, by session")

/** The existing outputs of one session; the folders are read once per run. */
export function outputsOf(ctx: Context, id: SessionId): readonly string[] {
  const folders = remembered(ctx, foldersKey, () => readFolders(ctx))
  return (folders.get(id) ?? []).flatMap((folder) =>
    ctx.files.names(folder).flatMap((name) => {
      const path = typeof name === "string" ? `${folder}/${name}` : ""
      return isOutput(path) ? [path] : []
    }),
  )
}

function readFolders(ctx: Context): ReadonlyMap<SessionId, readonly string[]> {
  const found = new Map<SessionId, string[]>()
  for (const base of basesOf(ctx)) {
    for (const slug of ctx.files.names(base)) {
      if (typeof slug !== "string" || ctx.files.stat(`${base}/${slug}`)?.kind !== "folder") continue
      for (const name of ctx.files.names(`${base}/${slug}`)) {
        const id = typeof name === "string" ? uuidIn(name) : null
        if (id === null || id !== name) continue
        found.set(id, [...(found.get(id) ?? []), `${base}/${slug}/${id}/tasks`])
      }
    }
  }
  return found
}

/** Only folders owned by this user: files of others in /tmp do not belong to our sessions. */
function basesOf(ctx: Context): readonly string[] {
  const { environment, uid } = ctx.self
  const above = [environment.CLAUDE_CODE_TMPDIR, environment.TMPDIR, "/tmp"].flatMap((each) =>
    each?.startsWith("/") ? (ctx.files.real(each) ?? []) : [],
  )
  return [...new Set(above)]
    .map((folder) => `${folder === "/" ? "" : folder}/claude-${uid}`)
    .filter((base) => {
      const look = ctx.files.stat(base)
      return look?.kind === "folder" && look.owner === uid
    })
}
