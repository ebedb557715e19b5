import type { Part } from "../../domain/conversation/message-part.ts"
import type { LongTexts } from "../records/long-texts.ts"

/** Distinguishes texts of records with the same id. `long`: the strings behind the placeholders. */
export function textSum(parts: readonly Part[], long: LongTexts | null): number {
  let sum = 0
  for (const { kind, text } of parts) {
    sum = Bun.hash.crc32(kind, sum)
    for (const piece of long === null ? [text] : long.chunks(text)) sum = Bun.hash.crc32(piece, sum)
  }
  return sum
}
