import { MiB } from "../../domain/bytes.ts"

/**
 * How much is committed and flushed together: what a group has done is kept once it is finished, so that the first
 * exports are done within a second, and an interruption costs less than that.
 */
export const groupLimits = {
  exports: 64,
  /** Each is held open, with the file that is made of it. */
  files: 100,
  bytes: 16 * MiB,
  /** Time that plugins have taken. */
  ms: 400,
} as const
