/** How up to date the index was for a query. */
export interface Freshness {
  /**
   * `done`: all there was is read; `in-background`: in the background; `other-run`: another run is reading what is new;
   * `failed`: it cannot be brought up to date; `off`: nobody wanted it.
   */
  readonly refresh: "done" | "in-background" | "other-run" | "failed" | "off"
  /** What lay in the clients' homes at that time is in it, milliseconds since 1970; null: it was never read to its end. */
  readonly asOf: number | null
  /** Files known to hold more than it does, and how many bytes of them; null where that is not known. */
  readonly left: { readonly files: number; readonly bytes: number } | null
  /** Why it failed. */
  readonly why: string | null
}
