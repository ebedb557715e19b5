import type { Context, FileStat, ProcessEntry } from "session-rescue"

/** A client's home and terminal as seen from here. */
interface Place {
  readonly home: string
  readonly entry: ProcessEntry
}

/**
 * A client in a container sees other files under the same paths (Linux: through /proc/PID/root). null when
 * its home is not reachable from here; a shared home may have another path, one of `known`. A container
 * numbers its terminals itself: ours with the same number is a different one.
 */
export function locateHere(
  ctx: Context,
  entry: ProcessEntry,
  home: string,
  known: readonly string[],
): Place | null {
  const root = `/proc/${entry.pid}/root`
  const look = (folder: string) => ctx.files.stat(`${folder}/.`)
  const its = look(root)
  if (its === null) return { entry, home } // exited, or not available on this system
  const there = look(`${root}${home}`)
  const same = isSame(there, look(home)) ? home : known.find((each) => isSame(there, look(each)))
  if (same === undefined) return null
  return { home: same, entry: isSame(its, look("")) ? entry : dropForeignTerminal(ctx, entry, root) }
}

function dropForeignTerminal(ctx: Context, entry: ProcessEntry, root: string): ProcessEntry {
  const there = ctx.files.stat(`${root}/dev/${entry.terminal}`)
  const foreign = there !== null && !isSame(there, ctx.files.stat(`/dev/${entry.terminal}`))
  return foreign ? { ...entry, terminal: null, foreground: false } : entry
}

/** Two missing files count as the same. */
function isSame(a: FileStat | null, b: FileStat | null): boolean {
  return a === null || b === null ? a === b : a.device === b.device && a.inode === b.inode
}
