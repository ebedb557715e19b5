import { RescueError } from "../../domain/errors.ts"
import { tombstoneName } from "../../domain/team/layout.ts"
import type { Remote } from "./remote.ts"
import { asRescueError, isStoreError } from "./store-errors.ts"

/** An object that is still there, and why: a lock, or a right that is missing. */
export interface RefusedRemoval {
  readonly name: string
  readonly error: RescueError
}

/** Removes objects and asks for each whether it is gone. Throws only when the store does not answer now. */
export async function removeObjects(
  remote: Remote,
  names: readonly string[],
): Promise<{ readonly removed: readonly string[]; readonly left: readonly RefusedRemoval[] }> {
  const removed: string[] = []
  const left: RefusedRemoval[] = []
  for (const name of names) {
    try {
      await remote.remove(name)
      if ((await remote.head(name)) === null) removed.push(name)
      else left.push({ name, error: stillThere() })
    } catch (thrown) {
      if (isStoreError(thrown) && thrown.code === "STORE_UNAVAILABLE") throw thrown
      left.push({ name, error: asRescueError(thrown) })
    }
  }
  return { removed, left }
}

function stillThere(): RescueError {
  return new RescueError("STORE_REFUSED", "it is still there", "see the rules of the store")
}

export async function isForgotten(remote: Remote, session: string): Promise<boolean> {
  return (await remote.head(tombstoneName(remote.owner, session))) !== null
}

/** Removes what was sent of a session that was forgotten since. Throws when something of it is still there. */
export async function takeBack(remote: Remote, names: readonly string[]): Promise<void> {
  const { left } = await removeObjects(remote, names)
  const [first] = left
  if (first !== undefined)
    throw new RescueError(
      "REFUSED",
      `it was forgotten, and ${left.length} of its objects are still there: ${first.error.message}`,
      "run session-rescue forget again with the right to delete, or ask who owns the store to remove them",
    )
}
