import { KiB } from "../../domain/bytes.ts"
/** What the program and the process that runs users' plugins say to each other: plain data only. */
import type { DiskPath } from "../../domain/disk-path.ts"
import type { Pid } from "../../domain/session/pid.ts"
import type { Stage } from "../../sdk/contracts.ts"

export interface WorkerPlugin {
  readonly name: string
  readonly stage: Stage
  readonly path: string
}

/** Of the machine, as far as it does not change during a run. */
export interface WorkerFacts {
  readonly paths: { readonly home: string; readonly data: string }
  readonly pending: string
  readonly archive: string
  readonly homes: readonly string[]
  readonly now: number
  readonly hungAfterMs: number
  readonly self: { readonly pid: Pid; readonly uid: number }
}

/** One question to one plugin, or to several of which the first answer counts. */
export interface PluginCall {
  readonly method: string
  readonly plugins: readonly {
    readonly key: string
    readonly options: Readonly<Record<string, unknown>>
    readonly timeoutMs: number
  }[]
  /** Plugins may remember by context: a new context in the program is a new one there. */
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

/** What a plugin says along the way. */
export type Notice =
  | { readonly what: "warn" | "log"; readonly message: string }
  | { readonly what: "reject"; readonly pid: Pid; readonly why: string }
  /** Not believed before it is checked. */
  | { readonly what: "helper"; readonly process: unknown }
  | {
      readonly what: "trouble"
      readonly path: DiskPath
      readonly code: string | undefined
      readonly message: string
    }

const maxNoticeLength = 1000
/** What is said at length would be copied, and held, at both ends; enough of it is sent to be seen as too much. */
export const maxSentLength = 64 * KiB

export function truncateNotice(saying: Notice, longest = maxNoticeLength): Notice {
  if (saying.what === "helper") return saying // what is too long in it is refused where it is checked
  const text = saying.what === "reject" ? saying.why : saying.message
  if (text.length <= longest) return saying
  const short = `${text.slice(0, longest)}…`
  return saying.what === "reject" ? { ...saying, why: short } : { ...saying, message: short }
}

export type FromWorker =
  | { readonly kind: "pong" }
  | { readonly kind: "loading"; readonly key: string }
  /** `shape`: what the module exports, its functions apart. */
  | { readonly kind: "loaded"; readonly key: string; readonly shape: unknown }
  | { readonly kind: "unloadable"; readonly key: string; readonly why: string; readonly mend: string | null }
  /** One for each plugin that was asked, until one answers something other than null. */
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

/** How long a plugin may take for one answer, in milliseconds, unless the config file says otherwise. */
export const timeLimits: Readonly<Record<Stage, number>> = {
  detect: 5_000,
  classify: 5_000,
  act: 60_000,
  "post-process": 60_000,
  archive: 3_600_000,
}

/** `500 ms`, `1.5 s`: a time limit as it was set. */
export function formatSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 100) / 10} s`
}
