import type { Part } from "../../domain/conversation/message-part.ts"
import type { LongTexts } from "../records/long-texts.ts"

/** Tells texts under one name apart. `long`: what the stand-ins in them stand for. */
export function textSum(parts: readonly Part[], long: LongTexts | null): number {
  let sum = 0
  for (const { kind, text } of parts) {
    sum = Bun.hash.crc32(kind, sum)
    for (const piece of long === null ? [text] : long.chunks(text)) sum = Bun.hash.crc32(piece, sum)
  }
  return sum
}
