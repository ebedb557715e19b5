import { shortId } from "../../domain/session/session-id.ts"
import type { Reach } from "../../domain/transcript/reach.ts"
import type { Damage } from "../../domain/transcript/rules.ts"
import type { RepairedCopy, RepairReport } from "../../operations/repair/repair.ts"
import { count, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"
import { describeDamage, describeStep, effectWords } from "./words.ts"

type Examined = Pick<RepairReport, "subject" | "before">

const margin = " ".repeat(10)

/** `doctor ID`: what is wrong with one transcript, as its client would see it. */
export function showExamination({ subject, before }: Examined, home: string, out: SystemOutput): void {
  const { damages, isNeeded } = before
  const word = isNeeded ? out.paint.red("damaged   ") : out.paint.green("sound     ")
  printHead({ subject, before }, word, home, out)
  printDamages(damages, out)
  for (const line of describeReach(before.reach, isNeeded)) out.print(margin + line)
  const name = shortId(subject.id)
  if (isNeeded)
    out.print(`Next: session-rescue repair ${name} --dry-run   (writes nothing; a repair only writes a copy)`)
  else out.print(`Next: session-rescue --resume ${name}   (there is nothing to repair)`)
}

function printHead({ subject, before }: Examined, label: string, home: string, out: SystemOutput): void {
  const facts = [count(before.reading.entries.length, "record"), sanitize(shortPath(subject.path, home))]
  const { id, session } = subject
  out.print(formatSessionLine({ label, id: shortId(id), title: session.title, facts }, out.columns))
}

function printDamages(damages: readonly Damage[], out: SystemOutput): void {
  const paints = { lost: out.paint.red, refused: out.paint.red, harmless: out.paint.dim }
  for (const damage of damages) {
    const at = damage.offsets.slice(0, 3).join(", ")
    const where = `at byte ${at}${damage.offsets.length > 3 ? ", …" : ""}`
    const label = paints[damage.effect](pad(effectWords[damage.effect], 10))
    out.print(`${margin}${label}${describeDamage(damage)} ${out.paint.dim(`(${where})`)}`)
  }
}

function describeReach({ messages, before, after }: Reach, isNeeded: boolean): string[] {
  const others = messages - after
  const rest = others === 0 ? "" : `; ${others} more are before a compaction or in a branch that was left`
  if (!isNeeded) return [`its client gets to ${before} of ${count(messages, "message")}${rest}`]
  return [`its client gets to ${before} of ${count(messages, "message")}; repaired, to ${after}${rest}`]
}

/** `isPutBack`: what follows says where it is now. */
export function showRepair(
  report: RepairReport,
  home: string,
  out: SystemOutput,
  { isPutBack = false }: { readonly isPutBack?: boolean } = {},
): void {
  const { subject, before, steps, copy, dryRun } = report
  const name = shortId(subject.id)
  if (!before.isNeeded) {
    showExamination(report, home, out)
    return
  }
  const isProven = copy?.proof.holds === true && copy.confirmed
  const word = dryRun ? "dry run   " : isProven ? "repaired  " : "UNSURE    "
  printHead(report, (isProven ? out.paint.green : out.paint.yellow)(word), home, out)
  printDamages(before.damages, out)
  for (const step of steps) out.print(`${margin}${dryRun ? "would be" : "done"}: ${describeStep(step)}`)
  if (copy === null) {
    for (const line of describeReach(before.reach, true)) out.print(margin + line)
    out.print(`Nothing was changed. Next: session-rescue repair ${name}`)
    return
  }
  for (const line of describeCopy(copy, report, home)) out.print(margin + line)
  if (isPutBack) return
  out.print(`${margin}the original was not touched`)
  out.print(
    isProven
      ? `Next: session-rescue restore ${name} --repaired   (saves what is there first, then replaces it)`
      : "Next: keep the original; this copy is not proven to hold all of it",
  )
}

function describeCopy(
  { saved, confirmed, reach, left, proof }: RepairedCopy,
  { before }: RepairReport,
  home: string,
): string[] {
  const { records, lost, unsearched } = proof
  const proven = proof.holds
    ? `proven by a second reader: all ${count(records, "record")} that can be read are in it, in order`
    : lost > 0
      ? `NOT PROVEN: a second reader misses ${lost} of ${count(records, "record")} in it`
      : `NOT PROVEN: ${count(unsearched, "line")} could not be searched by a second reader`
  const still = left.filter(({ effect }) => effect !== "harmless")
  return [
    `copy: ${sanitize(shortPath(saved.path, home))}`,
    `its client got to ${before.reach.before} of ${count(reach.messages, "message")}, and gets to ${reach.before} in the copy`,
    proven,
    ...still.map((damage) => `STILL: ${describeDamage(damage)}`),
    ...(confirmed ? [] : ["a folder could not be flushed: the copy may not survive a power cut"]),
  ]
}

export function examinationDocument(examined: Examined, warnings: readonly string[]) {
  return { schemaVersion, transcript: transcriptFacts(examined), warnings }
}

function transcriptFacts({ subject, before }: Examined) {
  const { path, id, session } = subject
  const { reading, reach, damages, isNeeded } = before
  return {
    path,
    id: String(id),
    agent: session.agent,
    title: session.title,
    records: reading.entries.length,
    messages: reach.messages,
    reached: reach.before,
    reachedRepaired: reach.after,
    needsRepair: isNeeded,
    damages: damages.map(damageFacts),
  }
}

function damageFacts(damage: Damage) {
  const { kind, count: number, bytes, effect, offsets } = damage
  return { kind, count: number, bytes, effect, offsets, message: describeDamage(damage) }
}

export function repairDocument(report: RepairReport, warnings: readonly string[]) {
  const { steps, copy, dryRun } = report
  return {
    schemaVersion,
    transcript: transcriptFacts(report),
    dryRun,
    steps: steps.map((step) => ({ ...step, message: describeStep(step) })),
    copy: copy === null ? null : copyFacts(copy),
    warnings,
  }
}

/** `restore --repaired`: the repair, and the restore as in `restore --json`. */
export function restoreRepairedDocument<Facts>(
  report: RepairReport,
  restore: Facts | null,
  warnings: readonly string[],
) {
  return { ...repairDocument(report, warnings), restore }
}

function copyFacts({ saved, confirmed, reach, left, proof }: RepairedCopy) {
  return {
    path: saved.path,
    manifest: saved.manifestPath,
    confirmed,
    messages: reach.messages,
    reached: reach.before,
    left: left.map(damageFacts),
    proof: { ...proof },
  }
}
