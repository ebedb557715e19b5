import type { Context, FileStat, ProcessEntry } from "session-rescue"

/** A client's home and terminal by the names that they have here. */
interface Place {
  readonly home: string
  readonly entry: ProcessEntry
}

/**
 * A client in a container sees other files under the same names (Linux: through /proc/PID/root). null where its home
 * is not to be had here; a home that both share may have another name of the `known` ones. A terminal of a container
 * has a number of its own, and ours of that number is another one.
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
  if (its === null) return { entry, home } // it has ended, or this system does not tell
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

/** What is nowhere is the same everywhere. */
function isSame(a: FileStat | null, b: FileStat | null): boolean {
  return a === null || b === null ? a === b : a.device === b.device && a.inode === b.inode
}
