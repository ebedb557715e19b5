import type { Verified } from "../../operations/exports/verify.ts"
import { count } from "../terminal/format.ts"

/** What each state is called, and what it means where that is not plain. */
export const labels: Record<Verified["state"], string> = {
  whole: "whole",
  moved: "moved",
  damaged: "DAMAGED",
  unreadable: "UNREADABLE",
  foreign: "foreign",
  unfinished: "unfinished",
}

export const remarks: Record<Verified["state"], string> = {
  whole: "",
  moved: " · whole; another program took its .jsonl to the archive folder",
  damaged: "",
  unreadable: "",
  foreign: " · no manifest: there is nothing to verify it by",
  unfinished: " · a run is at work on it, or was cut off: its bytes are elsewhere",
}

/** What cannot be relied on. */
export function isUnsound({ state }: Pick<Verified, "state">): boolean {
  return state === "damaged" || state === "unreadable"
}

export function summary(verified: readonly Verified[], of: number): string {
  const number = (state: Verified["state"]) => verified.filter((each) => each.state === state).length
  const good = number("whole") + number("moved")
  const rest = (["damaged", "unreadable", "foreign", "unfinished"] as const).flatMap((state) =>
    number(state) === 0 ? [] : [`${number(state)} ${labels[state]}`],
  )
  if (of === 0) return "Nothing has been exported yet."
  const left = of - verified.length
  const parts = [`${count(good, "export")} read again and whole`, ...rest]
  return [...parts, ...(left > 0 ? [`${left} not looked at, or gone meanwhile`] : [])].join(" · ")
}

export function nextStep(verified: readonly Verified[], of: number): string {
  if (of === 0) return "Next: session-rescue --export   (saves what runs, crashed or is about to go)"
  const damaged = verified.find(isUnsound)
  if (damaged === undefined) return "Next: session-rescue list"
  const id = damaged.entry.id?.slice(0, 8)
  return id === undefined
    ? "Next: look at it by hand; nothing was changed"
    : `Next: session-rescue --export ${id}   (a new export, if the session is still there; session-rescue list ${id} shows others)`
}
