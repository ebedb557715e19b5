/** How up to date the index was for a query. */
export interface Freshness {
  /**
   * `done`: everything has been read; `in-background`: refreshing in the background; `other-run`: another run
   * is refreshing; `failed`: refreshing failed; `off`: not requested.
   */
  readonly refresh: "done" | "in-background" | "other-run" | "failed" | "off"
  /**
   * The index covers the clients' homes as of this time, milliseconds since 1970; null: never read
   * completely.
   */
  readonly asOf: number | null
  /** Number of files with unindexed content, and their unindexed bytes; null when unknown. */
  readonly left: { readonly files: number; readonly bytes: number } | null
  /** Why the refresh failed. */
  readonly why: string | null
}
