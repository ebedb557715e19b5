/** What reading an export again showed. Here because the view layer imports no operation. */

/**
 * `whole`: every byte is what the manifest says. `moved`: another program took its `.jsonl` to the archive folder,
 * and it is whole there. `foreign`: there is no manifest to compare with. `unfinished`: a run is making it now, or was
 * interrupted after archiving it or while removing it: its bytes are elsewhere.
 */
export type VerifiedState = "whole" | "moved" | "damaged" | "unreadable" | "foreign" | "unfinished"

/** The export cannot be relied on. */
export function isUnsound({ state }: { readonly state: VerifiedState }): boolean {
  return state === "damaged" || state === "unreadable"
}
