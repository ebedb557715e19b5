import type { Merged } from "./merge.ts"
import type { RecordRemnant, Remnants } from "./remnant-types.ts"
import type { SideKind, Sides } from "./sides.ts"

/** What of a session is lost, as far as its remnants tell. */
export type Loss =
  /** Its transcript is in place, and nothing else knows of more. */
  | { readonly kind: "nothing" }
  /** One export holds all that survives. What came after `knownUntil` is not known; null: something proves that it ended there. */
  | { readonly kind: "saved"; readonly export: string; readonly knownUntil: string | null }
  | { readonly kind: "pieces" }

export interface LossEvidence {
  readonly remnants: Remnants
  readonly sides: Sides
  /** An export holds bytes that the transcript has no more. */
  readonly isShrunk: boolean
}

export function judgeLoss({ remnants, sides, isShrunk }: LossEvidence, { given, texts }: Merged): Loss {
  const useful = remnants.records.filter((each) => (given.get(each) ?? 0) > 0)
  const [best, other] = useful
  if (best === undefined || other !== undefined || texts > 0) return { kind: "pieces" }
  if (best.kind === "transcript" && !isShrunk && !sides.files.some(isLost)) return { kind: "nothing" }
  if (best.kind !== "export") return { kind: "pieces" }
  return { kind: "saved", export: best.path, knownUntil: endsWith(best, remnants) ? null : savedAt(best) }

  function isLost({ kind, relative }: { readonly kind: SideKind; readonly relative: string }): boolean {
    // others come and go while a session runs
    return lasting.has(kind) && !remnants.inPlace.includes(relative)
  }
}

const lasting: ReadonlySet<SideKind> = new Set(["subagents", "tool results", "file history"])

/** The file itself, which a process still has, is no longer than the export, and all of its records are in that. */
function endsWith({ file }: RecordRemnant, { records }: Remnants): boolean {
  // safety: recover-end
  return records.some((each) => each.kind === "deleted file" && each.file.length === file.length)
}

function savedAt({ savedAt: at }: RecordRemnant): string {
  return at ?? "an unknown time"
}
