import { type Analysis, analyse } from "../../domain/transcript/analyse.ts"
import { type Entry, readEntries } from "../../domain/transcript/entries.ts"
import type { ByteSource, TranscriptRules } from "../../domain/transcript/rules.ts"
import type { Subject } from "./subject.ts"

/** What is wrong with a transcript. Changes nothing. */
export function examineTranscript({
  file,
  rules,
  others,
}: Pick<Subject, "file" | "rules" | "others">): Analysis {
  return examineSource(file, rules, others)
}

export function examineSource(
  source: ByteSource,
  rules: TranscriptRules,
  others: readonly TranscriptRules[],
): Analysis {
  const isCopy = (one: Entry, other: Entry) => {
    if (one.length !== other.length) return false
    const bytes = source.read(one.offset, one.length).slice()
    return Buffer.compare(bytes, source.read(other.offset, other.length)) === 0
  }
  return analyse(readEntries(source, rules, others), rules, isCopy)
}
