import { randomUUID } from "node:crypto"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { Derivation } from "../../domain/export/manifest.ts"
import type { Analysis } from "../../domain/transcript/analyse.ts"
import { compose, type RepairStep } from "../../domain/transcript/compose.ts"
import type { Gap } from "../../domain/transcript/entries.ts"
import type { Reach } from "../../domain/transcript/reach.ts"
import { type DerivedFile, writeDerived } from "../../rescue/derive/derived-export.ts"
import { openTranscript } from "../../rescue/repair/file-source.ts"
import { type Proof, prove } from "../../rescue/repair/proof.ts"
import { examineSource, examineTranscript } from "./examine.ts"
import type { Subject } from "./subject.ts"

/** What a repair found, did, and proved. */
export interface RepairReport {
  readonly subject: Pick<Subject, "path" | "id" | "session">
  readonly before: Analysis
  readonly steps: readonly RepairStep[]
  /** null for a dry run, and where nothing needs to be repaired. */
  readonly copy: RepairedCopy | null
  readonly dryRun: boolean
}

export interface RepairedCopy {
  readonly saved: SavedExport
  readonly confirmed: boolean
  /** Measured in the copy, not foreseen. */
  readonly reach: Reach
  /** What is still wrong with the copy. */
  readonly left: Analysis["damages"]
  readonly proof: Proof
}

export interface RepairOptions {
  readonly folder: string
  readonly version: string
  readonly dryRun: boolean
  readonly at: Date
}

/** Writes a repaired copy beside the exports, reads it again, and proves that it holds all that could be read. Never in place. */
export async function repairTranscript(subject: Subject, options: RepairOptions): Promise<RepairReport> {
  const { file, rules, others } = subject
  const before = examineTranscript(subject)
  const composition = compose(file, before, { rules, session: subject.session, newId: randomUUID })
  const whole = { subject, before, dryRun: options.dryRun }
  if (!before.isNeeded) return { ...whole, steps: [], copy: null }
  if (options.dryRun) {
    for (const _ of composition.lines());
    return { ...whole, steps: composition.steps(), copy: null }
  }
  const { saved, confirmed } = await writeCopy(subject, before, options, () => composition.lines())
  const steps = composition.steps()
  if (file.wasWritten())
    throw new RescueError(
      "SOURCE_CHANGED",
      `${subject.path} was written to while it was repaired: the copy ${saved.path} is not used`,
      "end its client first: session-rescue kill ID, then repair it again",
    )
  const copy = openTranscript(saved.path)
  try {
    const after = examineSource(copy, rules, others)
    const count = (kind: RepairStep["kind"]) => steps.find((step) => step.kind === kind)?.count ?? 0
    const proving = { rules, others, moved: before.changes.moved.length > 0, copies: count("copy-dropped") }
    const proof = prove(file, copy, proving)
    return { ...whole, steps, copy: { saved, confirmed, reach: after.reach, left: after.damages, proof } }
  } finally {
    copy.close()
  }
}

async function writeCopy(
  subject: Subject,
  { reading }: Analysis,
  { folder, version, at }: RepairOptions,
  lines: () => Generator<Uint8Array>,
) {
  const { file, path, id, relative, session } = subject
  const beside = "unreadable-stretches.bin"
  const files: DerivedFile[] = [{ role: "transcript", source: path, relative, bytes: lines }]
  const stretches = placeStretches(reading.gaps, beside)
  if (stretches.length > 0)
    files.push({
      role: "footprint",
      source: path,
      relative: beside,
      isBeside: true,
      *bytes() {
        for (const gap of reading.gaps) yield* pieces(file, gap)
      },
    })
  const derivation: Omit<Derivation, "beside"> = {
    kind: "repaired",
    from: [{ path, what: `${file.length} bytes, of which every readable record is here` }],
    notes: ["a repaired copy: what was changed is what session-rescue repair prints"],
    ...(stretches.length > 0 ? { stretches: [...stretches] } : {}),
  }
  return writeDerived({ folder, id, session, files, derivation, version, at })
}

const pieceBytes = 1 << 20

function* pieces(file: Subject["file"], { offset, length }: Gap): Generator<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes)
    yield file.read(offset + at, Math.min(pieceBytes, length - at))
}

function placeStretches(gaps: readonly Gap[], file: string) {
  let at = 0
  return gaps.map(({ offset, length, kind }) => {
    const stretch = { offset, length, kind, file, at }
    at += length
    return stretch
  })
}
