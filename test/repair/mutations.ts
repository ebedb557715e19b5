/** Damaged transcripts, seeded, and what must hold of each repair: judged by plain means that share nothing with it. */
import { transcriptRules as claudeRules } from "../../plugins/detect/claude-code/repair/rules.ts"
import { transcriptRules as codexRules } from "../../plugins/detect/codex/records/rules.ts"
import { transcriptRules as copilotRules } from "../../plugins/detect/copilot/events/rules.ts"
import { transcriptRules as geminiRules } from "../../plugins/detect/gemini/records/rules.ts"
import { transcriptRules as kimiRules } from "../../plugins/detect/kimi/rules.ts"
import { transcriptRules as qwenRules } from "../../plugins/detect/qwen/rules.ts"
import { compose } from "../../src/domain/transcript/compose.ts"
import type { ByteSource, TranscriptRules } from "../../src/domain/transcript/rules.ts"
import { examineSource } from "../../src/operations/repair/examine.ts"
import { prove } from "../../src/rescue/repair/proof.ts"
import { chat } from "../fixtures/gemini/talk.ts"
import { record } from "../fixtures/talk/conversation.ts"
import { copilotEvents } from "../fixtures/talk/copilot-events.ts"
import { kimiWire } from "../fixtures/talk/kimi-wire.ts"
import { qwenChat } from "../fixtures/talk/qwen-chat.ts"
import { type Random, seeded } from "../fixtures/talk/random.ts"

export interface Damaged {
  readonly seed: number
  readonly rules: TranscriptRules
  readonly others: readonly TranscriptRules[]
  /** The lines before the damage. */
  readonly lines: readonly string[]
  readonly bytes: Buffer
  readonly what: readonly string[]
}

export function damaged(seed: number): Damaged {
  const random = seeded(seed)
  const made = makers[seed % makers.length] ?? claude
  const lines = made.lines(random)
  const { bytes, what } = damage(Buffer.from(lines.join("")), random)
  const others = [claude, codex].filter((each) => each !== made).map(({ rules }) => rules)
  return { seed, rules: made.rules, others, lines, bytes, what }
}

interface Maker {
  readonly rules: TranscriptRules
  lines(random: Random): string[]
}
const claude: Maker = { rules: claudeRules, lines: talkLines }
const codex: Maker = { rules: codexRules, lines: rolloutLines }
const talk = (random: Random) => ({ id: random.uuid(), cwd: "/work/one", at: new Date(1_770_000_000_000) })
const split = (text: string) => text.split(/(?<=\n)/)
const makers: readonly Maker[] = [
  claude,
  codex,
  claude,
  { rules: copilotRules, lines: (random) => split(copilotEvents({ ...talk(random), last: "between" })) },
  claude,
  { rules: geminiRules, lines: (random) => split(chat({ ...talk(random), last: "through" })) },
  claude,
  { rules: kimiRules, lines: (random) => split(kimiWire({ ...talk(random), last: "call" })) },
  claude,
  { rules: qwenRules, lines: (random) => split(qwenTalk(random)) },
]

/** Several questions, so that there is something behind each record. */
function qwenTalk(random: Random): string {
  const { id, cwd } = talk(random)
  let chat = ""
  for (let number = random.between(1, 4); number > 0; number--) {
    const behind = chat.split("\n").length - 1
    const at = new Date(1_770_000_000_000 + behind * 1000)
    chat += qwenChat({ id, cwd, at, last: "open", behind })
  }
  let mark = 0
  return chat.replaceAll('"gitBranch":"main"', () => `"gitBranch":"marker-1-${mark++}"`)
}

/** What is wrong with the repair of this file; empty when all holds. */
export function judge({ rules, others, lines, bytes }: Damaged): readonly string[] {
  const source = sourceOf(bytes)
  const before = examineSource(source, rules, others)
  if (!before.isNeeded)
    return missingLines(lines, bytes, bytes).map((line) => `not repaired, yet lost: ${line}`)
  const composition = compose(source, before, {
    rules,
    session: { id: "s", cwd: null },
    newId: () => crypto.randomUUID(),
  })
  const copy = Buffer.concat([...composition.lines()])
  const after = examineSource(sourceOf(copy), rules, others)
  const steps = composition.steps()
  const count = (kind: string) => steps.find((step) => step.kind === kind)?.count ?? 0
  const proof = prove(source, sourceOf(copy), {
    rules,
    others,
    moved: before.changes.moved.length > 0,
    copies: count("copy-dropped"),
  })
  const stretches = before.reading.gaps.reduce((sum, { length }) => sum + length, 0)
  return [
    ...missingLines(lines, bytes, copy).map((line) => `lost: ${line}`),
    ...unparsed(copy).map((line) => `a line of the copy is no JSON: ${line}`),
    ...(proof.holds ? [] : [`not proven: ${JSON.stringify(proof)}`]),
    ...(after.reach.before < before.reach.before ? ["the client gets to less than before"] : []),
    ...(after.reach.before !== after.reach.after ? ["the client does not get to all of the copy"] : []),
    ...after.damages.flatMap(({ kind, effect }) => (effect === "harmless" ? [] : [`still there: ${kind}`])),
    ...(after.reading.gaps.length > 0 ? ["the copy has stretches that cannot be read"] : []),
    ...(stretches > bytes.length ? ["more was set aside than there is"] : []),
  ]
}

function sourceOf(bytes: Buffer): ByteSource {
  return { length: bytes.length, read: (from, length) => bytes.subarray(from, from + length) }
}

/** Lines that are whole in the damaged bytes, and whose text is not in the copy. */
function missingLines(lines: readonly string[], bytes: Buffer, copy: Buffer): readonly string[] {
  return lines.filter((line) => {
    const whole = line.trimEnd()
    const marker = /marker-\d+-\d+/.exec(whole)?.[0] ?? whole
    return marker !== "" && bytes.includes(whole) && !copy.includes(marker)
  })
}

function unparsed(copy: Buffer): readonly string[] {
  return copy
    .toString()
    .split("\n")
    .filter((line) => {
      try {
        return line !== "" && typeof JSON.parse(line) !== "object"
      } catch {
        return true
      }
    })
    .map((line) => line.slice(0, 80))
}

function talkLines(random: Random): string[] {
  const id = random.uuid()
  const talk = { id, cwd: "/work/one", at: new Date(1_770_000_000_000) }
  const turns = random.between(3, 12)
  const said: Record<string, unknown>[] = []
  let mark = 0
  const text = () =>
    `marker-${turns}-${mark++} ${random.pick(["plain", "ünïcode 😀", 'with {"type":"x"} in it', "back\\slash"])}`
  for (let turn = 0; turn < turns; turn++) {
    said.push({ type: "user", message: { role: "user", content: text() } })
    for (let calls = random.between(0, 3); calls > 0; calls--) {
      const call = `toolu_${random.hex(8)}`
      said.push({
        type: "assistant",
        message: {
          id: `msg_${random.hex(8)}`,
          role: "assistant",
          content: [{ type: "tool_use", id: call, name: "Bash", input: { command: text() } }],
        },
      })
      said.push({
        type: "user",
        message: { role: "user", content: [{ type: "tool_result", tool_use_id: call, content: text() }] },
        toolUseResult: { stdout: "x", nested: { type: "user" } },
      })
    }
    said.push({
      type: "assistant",
      message: { id: `msg_${random.hex(8)}`, role: "assistant", content: [{ type: "text", text: text() }] },
    })
    if (random.between(0, 3) === 0) said.push({ type: "system", subtype: "turn_duration", content: text() })
  }
  const lines = said.map((more, number) => record(talk, number, more))
  return [`${JSON.stringify({ type: "mode", mode: "normal", sessionId: id })}\n`, ...lines]
}

function rolloutLines(random: Random): string[] {
  const time = 1_770_000_000_000
  let mark = 0
  const turns = random.between(2, 8)
  const text = () => `marker-${turns}-${mark++} ${random.pick(["plain", "ünïcode 😀", '{"payload":{}}'])}`
  const line = (type: string, payload: object) =>
    `${JSON.stringify({ timestamp: new Date(time + 1000 * mark++).toISOString(), type, payload })}\n`
  const message = (role: string, kind: string) =>
    line("response_item", { type: "message", role, content: [{ type: kind, text: text() }] })
  const lines = [line("session_meta", { id: random.uuid(), cwd: "/work", note: text() })]
  for (let turn = 0; turn < turns; turn++) {
    lines.push(message("user", "input_text"))
    for (let calls = random.between(0, 3); calls > 0; calls--) {
      const call = `call_${random.hex(8)}`
      lines.push(
        line("response_item", { type: "function_call", call_id: call, name: "shell", arguments: text() }),
      )
      lines.push(line("response_item", { type: "function_call_output", call_id: call, output: text() }))
    }
    lines.push(message("assistant", "output_text"))
  }
  return lines
}

type Mutation = (bytes: Buffer, random: Random) => Buffer

const mutations: Readonly<Record<string, Mutation>> = {
  cut(bytes, random) {
    const from = random.between(0, bytes.length - 1)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.between(1, 2000))])
  },
  "cut-end": (bytes, random) => bytes.subarray(0, random.between(1, bytes.length)),
  glued(bytes, random) {
    const at = bytes.indexOf(0x0a, random.between(0, bytes.length - 1))
    return at === -1 ? bytes : Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
  },
  zeroed(bytes, random) {
    const from = random.between(0, bytes.length - 1)
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + random.between(1, 4096)))
  },
  "zeros-added"(bytes, random) {
    const at = random.between(0, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.between(1, 5000)), bytes.subarray(at)])
  },
  flipped(bytes, random) {
    const flipped = Buffer.from(bytes)
    const at = random.between(0, bytes.length - 1)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7))
    return flipped
  },
  swapped(bytes, random) {
    const lines = bytes.toString("latin1").split(/(?<=\n)/)
    const [one, other] = [random.between(0, lines.length - 1), random.between(0, lines.length - 1)]
    const [a = "", b = ""] = [lines[one], lines[other]]
    return Buffer.from(lines.with(one, b).with(other, a).join(""), "latin1")
  },
  doubled(bytes, random) {
    const lines = bytes.toString("latin1").split(/(?<=\n)/)
    const from = random.between(0, lines.length - 1)
    const some = lines.slice(from, from + random.between(1, 4))
    return Buffer.from(lines.toSpliced(random.between(0, lines.length), 0, ...some).join(""), "latin1")
  },
  foreign(bytes, random) {
    const at = bytes.indexOf(0x0a, random.between(0, bytes.length - 1)) + 1
    const line = random.pick([
      '{"timestamp":"2026-01-01T00:00:00Z","type":"response_item","payload":{"type":"message"}}\n',
      '{"type":"user","uuid":"u","parentUuid":null,"sessionId":"s","message":{"role":"user","content":"x"}}\n',
      "not json at all }{ \n",
    ])
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(line), bytes.subarray(at)])
  },
}

function damage(bytes: Buffer, random: Random): { bytes: Buffer; what: string[] } {
  const kinds = Object.keys(mutations) as [string, ...string[]]
  const what = Array.from({ length: random.between(1, 4) }, () => random.pick(kinds))
  const broken = what.reduce(
    (now, kind) => (now.length === 0 ? now : (mutations[kind]?.(now, random) ?? now)),
    bytes,
  )
  return { bytes: broken, what }
}
