import type { RepairStep, RepairStepKind } from "../../domain/transcript/compose.ts"
import type { Damage, DamageKind } from "../../domain/transcript/rules.ts"
import { count, formatSize } from "../terminal/format.ts"

type Describe = (damage: Damage) => string

const records = ({ count: number }: Damage) => count(number, "record")
const stretches = ({ count: number, bytes }: Damage) =>
  `${count(number, "stretch", "stretches")} (${formatSize(bytes)})`

const damageWords: Record<DamageKind, Describe> = {
  "torn-line": (damage) =>
    `${stretches(damage)} of records that were cut off: the rest of them is not in the file`,
  "glued-lines": (damage) => `${records(damage)} on a line with something else`,
  "nul-run": (damage) => `${stretches(damage)} of NUL bytes, as a power cut leaves them`,
  "not-json": (damage) => `${stretches(damage)} that are no record`,
  "null-line": (damage) =>
    `${stretches(damage)} that hold "null", at which some versions of the client give up`,
  "line-too-long": (damage) => `${stretches(damage)} without a line break, too long to be a record`,
  "two-formats": (damage) => `${stretches(damage)} with records of another agent`,
  "invalid-utf8": (damage) => `${records(damage)} with bytes that are not UTF-8`,
  "lone-surrogate": (damage) => `${records(damage)} with half of a character`,
  "no-last-newline": () => "the last line is not ended: what is written next is glued to it",
  "no-first-record": () => "the first record is not the one that says whose session it is",
  "broken-parent": (damage) => `${records(damage)} whose predecessor is not in the file`,
  "parent-loop": ({ count: number }) => `${count(number, "loop")} in which records follow each other forever`,
  "duplicate-id": ({ count: number, effect }) =>
    effect === "lost"
      ? `${count(number, "record")} with the id of another one, which it hides`
      : `${count(number, "second copy", "second copies")} of a record`,
  "call-without-result": ({ count: number }) => `${count(number, "tool call")} without a result`,
  "result-without-call": ({ count: number }) => `${count(number, "result")} without a tool call`,
  "empty-content": (damage) => `${records(damage)} without any text`,
  "refused-image": (damage) => `${records(damage)} with an image that the API does not take`,
  "out-of-order": ({ count: number }) => `${count(number, "record")} before the one it follows`,
}

export function describeDamage(damage: Damage): string {
  return damageWords[damage.kind](damage)
}

export const effectWords: Record<Damage["effect"], string> = {
  lost: "LOST",
  refused: "REFUSED",
  harmless: "harmless",
}

const stepWords: Record<RepairStepKind, (number: number) => string> = {
  "line-separated": (number) => `${count(number, "record")} put on a line of its own`,
  "newline-added": () => "the last line ended",
  "stretch-set-aside": (number) =>
    `${count(number, "unreadable stretch", "unreadable stretches")} kept beside the copy`,
  "copy-dropped": (number) => `${count(number, "second copy", "second copies")} of a record left out`,
  "parent-relinked": (number) => `${count(number, "record")} linked to the one before it`,
  "id-renewed": (number) => `${count(number, "record")} given an id of its own`,
  "result-added": (number) => `${count(number, "result")} added that says that it was lost`,
  "call-added": (number) => `${count(number, "tool call")} added that says that it was lost`,
  "head-added": () => "a first record added that says whose session it is",
  "content-filled": (number) => `${count(number, "empty text")} filled with a placeholder`,
  "image-changed": (number) => `${count(number, "image")} corrected, or replaced by a line that says so`,
  "characters-replaced": (number) => `${count(number, "record")} with broken characters replaced by U+FFFD`,
  "record-moved": (number) => `${count(number, "record")} moved behind the one it follows`,
}

export function describeStep({ kind, count: number }: RepairStep): string {
  return stepWords[kind](number)
}
