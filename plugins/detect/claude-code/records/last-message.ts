import { greatest, type TranscriptRecord } from "session-rescue"
import { timeOf } from "./records.ts"

/**
 * Reports of a hook, tool or subagent while it works: `progress` records of 2.1 (public threads; 2.1.332
 * keeps none).
 */
const progressTypes = /^(agent|bash|hook|mcp|powershell|skill)_progress$/
/**
 * The client's own notes of events in the conversation: a compaction, a typed command, hooks that have run.
 */
const eventSubtypes = new Set(["compact_boundary", "local_command", "stop_hook_summary"])

/**
 * Whether a record carries the conversation: what a user, the model, a subagent, a tool or a hook said or
 * did. All other records, including unknown types, are the client's bookkeeping and no sign of activity:
 * 2.1.332 appends an `api-request` at every retry of an unanswered request, about every 6 minutes for up to
 * an hour (observed).
 */
export function isConversation(record: TranscriptRecord): boolean {
  switch (record.type) {
    case "user":
    case "assistant":
      return true
    case "queue-operation": // typed while the model was working
      return record.operation === "enqueue"
    case "system":
      return eventSubtypes.has(String(record.subtype))
    case "progress":
      return progressTypes.test(kindOf(record.data))
    case "attachment": {
      const kind = kindOf(record.attachment)
      return kind === "queued_command" || kind.startsWith("hook_")
    }
    default:
      return false
  }
}

/** The newest time among conversation records; null when none has one. Times after `until` are ignored. */
export function lastConversationTime(records: readonly TranscriptRecord[], until: number): number | null {
  return newest(
    records.filter(isConversation).flatMap((record) => timeOf(record) ?? []),
    until,
  )
}

/** The newest of the times that is not later than `until`. */
export function newest(times: readonly number[], until: number): number | null {
  return greatest(times.filter((at) => at <= until))
}

/**
 * Times of the requests to the model after that moment, oldest first: each attempt is a record (2.1.332:
 * observed).
 */
export function unansweredSince(
  records: readonly TranscriptRecord[],
  since: number | null,
): readonly number[] {
  return records
    .filter((record) => record.type === "api-request")
    .flatMap((record) => timeOf(record) ?? [])
    .filter((at) => at > (since ?? 0))
    .toSorted((a, b) => a - b)
}

function kindOf(value: unknown): string {
  const kind = (value as { type?: unknown } | null | undefined)?.type
  return typeof kind === "string" ? kind : ""
}
