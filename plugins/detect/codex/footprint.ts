/** The footprint of a thread: its rollout, those of its subagents, and the few files named after it. */
import type { Context, FootprintFile, SessionId } from "session-rescue"
import { type Rollout, threadIdIn } from "./records/rollouts.ts"

/** Folders with files named `ID` or `ID.…`: the state of a thread's shell, and what its window had referred to. */
const sideFolders = ["shell_snapshots", "tui-thread-reference-capabilities"]

export function listFootprint(
  ctx: Context,
  home: string,
  id: SessionId,
  rollouts: readonly Pick<Rollout, "path" | "relative">[],
): readonly FootprintFile[] {
  const ids = [id, ...rollouts.flatMap(({ relative }) => threadIdIn(baseName(relative)) ?? [])]
  const side = sideFolders.flatMap((folder) =>
    ctx.files
      .names(`${home}/${folder}`)
      .flatMap((name) =>
        typeof name === "string" && ids.some((each) => isNamedAfter(name, each))
          ? [{ path: `${home}/${folder}/${name}`, relative: `${folder}/${name}` }]
          : [],
      ),
  )
  return [...rollouts, ...side].flatMap(({ path, relative }): FootprintFile[] => {
    const stat = ctx.files.stat(path)
    if (stat === null || stat.kind === "folder") return []
    const { kind, size, modifiedAt } = stat
    return [{ path, relative, kind, size: kind === "file" ? size : 0, modifiedAt }]
  })
}

/**
 * Whether a path relative to a home may belong to a thread. A subagent's rollout carries its own id, so any rollout may:
 * which ones do is recorded when it is saved.
 */
export function isOfThread(relative: string, id: SessionId): boolean {
  const parts = relative.split("/")
  const [top = "", second = "", ...deeper] = parts
  if (sideFolders.includes(top))
    return deeper.length === 0 && (isNamedAfter(second, id) || /^[0-9a-f]{8}-/.test(second))
  const inPlace =
    (top === "sessions" && parts.length === 5 && parts.slice(1, 4).every((part) => /^\d{2,4}$/.test(part))) ||
    (top === "archived_sessions" && parts.length === 2)
  return inPlace && threadIdIn(baseName(relative)) !== null
}

function isNamedAfter(name: string, id: string): boolean {
  return name === id || name.startsWith(`${id}.`)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}
