import { KiB } from "../../domain/bytes.ts"
/** Messages between the program and the worker process that runs user plugins: plain data only. */
import type { DiskPath } from "../../domain/disk-path.ts"
import type { Pid } from "../../domain/session/pid.ts"
import type { Stage } from "../../sdk/contracts.ts"

export interface WorkerPlugin {
  readonly name: string
  readonly stage: Stage
  readonly path: string
}

/** Facts about the machine that do not change during a run. */
export interface WorkerFacts {
  readonly paths: { readonly home: string; readonly data: string }
  readonly homes: readonly string[]
  readonly now: number
  readonly hungAfterMs: number
  readonly self: { readonly pid: Pid; readonly uid: number }
}

/** A call to one plugin, or to several until one answers. */
export interface PluginCall {
  readonly method: string
  readonly plugins: readonly {
    readonly key: string
    readonly options: Readonly<Record<string, unknown>>
    readonly timeoutMs: number
  }[]
  /** Plugins may cache by context: a new context in the program is a new one in the worker. */
  readonly context: number
  readonly args: readonly unknown[]
}

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly code?: string; readonly hint?: string }

export type ToWorker =
  | {
      readonly kind: "load"
      readonly plugins: readonly (WorkerPlugin & { key: string })[]
      readonly facts: WorkerFacts
    }
  | { readonly kind: "ask"; readonly call: number; readonly question: PluginCall }
  | { readonly kind: "answer"; readonly request: number; readonly outcome: Outcome }
  | { readonly kind: "abort" }
  | { readonly kind: "ping" }

/** Messages from a plugin during a call. */
export type Notice =
  | { readonly what: "warn" | "log"; readonly message: string }
  | { readonly what: "reject"; readonly pid: Pid; readonly why: string }
  /** Untrusted until it is validated. */
  | { readonly what: "helper"; readonly process: unknown }
  | {
      readonly what: "trouble"
      readonly path: DiskPath
      readonly code: string | undefined
      readonly message: string
    }

const maxNoticeLength = 1000
/**
 * Longer text is cut before it is sent, to avoid holding copies in both processes; what remains is still long
 * enough to be rejected as too long.
 */
export const maxSentLength = 64 * KiB

export function truncateNotice(saying: Notice, longest = maxNoticeLength): Notice {
  if (saying.what === "helper") return saying // overlong fields are rejected during validation
  const text = saying.what === "reject" ? saying.why : saying.message
  if (text.length <= longest) return saying
  const short = `${text.slice(0, longest)}…`
  return saying.what === "reject" ? { ...saying, why: short } : { ...saying, message: short }
}

export type FromWorker =
  | { readonly kind: "pong" }
  | { readonly kind: "loading"; readonly key: string }
  /** `shape`: what the module exports, without its functions. */
  | { readonly kind: "loaded"; readonly key: string; readonly shape: unknown }
  | { readonly kind: "unloadable"; readonly key: string; readonly why: string; readonly fix: string | null }
  /** One outcome per plugin called, up to the first answer that is not null. */
  | {
      readonly kind: "answered"
      readonly call: number
      readonly key: string
      readonly outcome: Outcome
      readonly last: boolean
    }
  | {
      readonly kind: "request"
      readonly request: number
      readonly context: number
      readonly method: string
      readonly args: readonly unknown[]
    }
  | { readonly kind: "says"; readonly context: number; readonly key: string; readonly saying: Notice }

export function toFailure(error: unknown): Outcome {
  const { code, hint } = (error ?? {}) as { code?: unknown; hint?: unknown }
  return {
    ok: false,
    message: error instanceof Error ? error.message : String(error),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
  }
}

/** Default time limits per answer, in milliseconds; the config file may override them. */
export const timeLimits: Readonly<Record<Stage, number>> = {
  detect: 5_000,
  classify: 5_000,
  act: 60_000,
  "post-process": 60_000,
  archive: 3_600_000,
  store: 3_600_000,
  sink: 3_600_000,
}

/** Formats a time limit: `500 ms`, `1.5 s`. */
export function formatSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 100) / 10} s`
}
