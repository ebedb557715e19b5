import type { Entry, Gap, Reading } from "./entries.ts"
import type { Links } from "./links.ts"
import type { Insertion } from "./pairs.ts"
import type { ClientReading, Damage, DamageKind, TranscriptRules } from "./rules.ts"

/** What an analysis found, by the position of a record. */
export interface Found {
  readonly reading: Reading
  readonly rules: TranscriptRules
  readonly client: ClientReading
  readonly links: Links
  readonly insertions: readonly Insertion[]
  readonly copies: ReadonlySet<number>
  readonly renamed: ReadonlySet<number>
  readonly moved: readonly number[]
}

type Effect = Damage["effect"]

/** The damage of each kind, with what it does to the client. */
export function describeDamages(found: Found): readonly Damage[] {
  const { reading, client } = found
  const kinds = ["torn-line", "nul-run", "not-json", "null-line", "line-too-long", "two-formats"] as const
  const stretches = kinds.map((kind) =>
    stretchDamage(kind, effectOfStretch(kind, reading, client), reading.gaps),
  )
  const places = [...placesInRecords(found), ...placesBetweenRecords(found)]
  return [
    ...stretches.filter(({ count }) => count > 0),
    ...places.flatMap(([kind, effect, offsets]) =>
      offsets.length === 0 ? [] : [damageOf(kind, effect, offsets)],
    ),
  ]
}

type Places = readonly [DamageKind, Effect, readonly number[]]

const invalidEffects = { file: "refused", record: "lost", nothing: "harmless" } as const

function placesInRecords({ reading, rules, client }: Found): readonly Places[] {
  const { entries } = reading
  const where = (is: (entry: Entry) => boolean) => entries.filter(is).map(({ offset }) => offset)
  const last = entries.at(-1)
  const isSeen = (entry: Entry) => isFound(entry, client)
  const isOpen = last?.isAlone === true && !last.endsLine
  return [
    ["glued-lines", "lost", where((entry) => !entry.isAlone && !isSeen(entry))],
    ["glued-lines", "harmless", where((entry) => !entry.isAlone && isSeen(entry))],
    [
      "no-last-newline",
      client.readsGlued || client.endsLastLine ? "harmless" : "lost",
      isOpen ? [last.offset] : [],
    ],
    ["invalid-utf8", invalidEffects[rules.needsUtf8], where(({ isUtf8 }) => !isUtf8)],
    [
      "lone-surrogate",
      client.replacesHalves ? "harmless" : "refused",
      where(({ loneSurrogates }) => loneSurrogates > 0),
    ],
    ["no-first-record", "refused", entries[0]?.isHead === false ? [entries[0].offset] : []],
    ...(["empty-content", "refused-image"] as const).flatMap((kind): Places[] => {
      const own = ({ refused }: Entry) => refused.filter((part) => part.kind === kind)
      const isRefused = (entry: Entry) => own(entry).some((part) => !client.handles(part))
      return [
        [kind, "refused", where(isRefused)],
        [kind, "harmless", where((entry) => own(entry).length > 0 && !isRefused(entry))],
      ]
    }),
  ]
}

/** Whether the client finds a record where it is on its line. */
export function isFound({ isAlone, followsRecords, followsNoise }: Entry, client: ClientReading): boolean {
  if (isAlone) return true
  return client.readsGlued && (followsRecords || (client.readsBehindNoise === true && followsNoise))
}

function placesBetweenRecords(found: Found): readonly Places[] {
  const { reading, rules, client, links, insertions, copies, renamed, moved } = found
  const at = (indexes: Iterable<number>) => [...indexes].map((index) => reading.entries[index]?.offset ?? 0)
  const inserted = (kind: Insertion["kind"]) =>
    at(insertions.flatMap((each) => (each.kind === kind ? [each.near] : [])))
  const { isChained } = rules
  const unlinked = client.bridges ? "harmless" : "lost"
  const unpaired = client.dropsUnpaired ? "lost" : "refused"
  return [
    ["broken-parent", unlinked, isChained ? at(links.broken) : []],
    ["parent-loop", effectOfLoop(client), isChained ? at(links.loops) : []],
    ["duplicate-id", isChained ? "harmless" : "refused", at(copies)],
    ["duplicate-id", "lost", at(renamed)],
    ["call-without-result", client.addsResults === true ? "harmless" : unpaired, inserted("lost-result")],
    ["result-without-call", unpaired, inserted("lost-call")],
    ["out-of-order", isChained ? "lost" : "refused", at(moved)],
    ["out-of-order", "harmless", isChained ? at(links.outOfOrder.filter((one) => !moved.includes(one))) : []],
  ]
}

function effectOfLoop({ bridges, leavesLoops }: ClientReading): Effect {
  if (bridges) return "harmless"
  return leavesLoops === true ? "lost" : "refused"
}

function effectOfStretch(kind: Gap["kind"], reading: Reading, client: ClientReading): Effect {
  if (kind === "null-line" && !client.readsNull) return "refused"
  const first = reading.gaps.find((gap) => gap.kind === kind && !gap.isJson)
  const isEnd = first === undefined || !reading.entries.some(({ offset }) => offset > first.offset)
  return client.stopsAtBroken && !isEnd ? "lost" : "harmless"
}

function stretchDamage(kind: Gap["kind"], effect: Effect, gaps: readonly Gap[]): Damage {
  const own = gaps.filter((gap) => gap.kind === kind)
  const bytes = own.reduce((total, { length }) => total + length, 0)
  const offsets = own.map(({ offset }) => offset)
  return { ...damageOf(kind, effect, offsets), bytes }
}

const maxOffsets = 20

function damageOf(kind: DamageKind, effect: Effect, offsets: readonly number[]): Damage {
  return { kind, count: offsets.length, offsets: offsets.slice(0, maxOffsets), bytes: 0, effect }
}
