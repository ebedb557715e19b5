import { isRescueError, RescueError, unexpected } from "../../domain/errors.ts"

/** What the store holds is not what was pushed. */
export function damagedRemote(message: string): RescueError {
  return new RescueError(
    "DAMAGED",
    message,
    "nothing here was changed; see the others: session-rescue verify --remote --all",
  )
}

/** The store itself is the reason: everything else would fail in the same way now. */
export function isStoreError(error: unknown): error is RescueError {
  return isRescueError(error) && (error.code === "STORE_UNAVAILABLE" || error.code === "STORE_REFUSED")
}

export function asRescueError(error: unknown): RescueError {
  return isRescueError(error) ? error : unexpected(error, "nothing here was changed; run it again")
}

/** The commit that is there is of another archive. */
export function conflictOf({ name }: { readonly name: string }): RescueError {
  return new RescueError(
    "STORE_CONFLICT",
    `another archive of ${name} is in the team's archive under your name`,
    "nothing was replaced; if two machines push as one owner, give each its own in [team]",
  )
}
