/** Each kind of damage, done to a transcript that the real client wrote: its lines go in, the damaged bytes come out. */

/** The pieces of the conversation that tests look for, in its order. */
export const said = [
  "mock reply to the red kettle",
  '"name":"Bash"',
  '"steam-rises"',
  "mock reply to the green kettle",
  "mock reply to the yellow kettle",
  "mock reply to the blue kettle",
] as const
export type Said = (typeof said)[number]

/** What the client makes of it: goes on without a part that is there, cannot go on, or reads past it. */
export type Effect = "loses" | "refuses" | "forgives"

export interface DamageCase {
  readonly kind: string
  /** From 2.1.197 to 2.1.332, but for the versions named. */
  readonly newer: Effect
  readonly but?: Readonly<Record<string, Effect>>
  /** In 2.0.60. */
  readonly older: Effect
  /** It shows only in the prompt after the next. */
  readonly isLate?: boolean
  /** Driven in CI. */
  readonly isInCi?: boolean
  /** What the damage itself destroys: no repair can bring it back. */
  readonly destroyed?: readonly Said[]
  damage(lines: readonly string[]): Buffer
}

const joined = (lines: readonly string[]) => Buffer.from(lines.join(""))
const isSpoken = (line: string) => /"type":"(user|assistant)"/.test(line) && line.includes('"uuid"')
const at = (lines: readonly string[], type: "user" | "assistant", text: string) => {
  const index = lines.findIndex((line) => {
    if (!isSpoken(line) || !line.includes(text)) return false
    return (JSON.parse(line) as { type?: string }).type === type
  })
  if (index === -1) throw new Error(`no ${type} record with "${text}"`)
  return index
}
const replyTo = (lines: readonly string[], colour: string) =>
  at(lines, "assistant", `mock reply to the ${colour} kettle`)
const result = (lines: readonly string[]) => at(lines, "user", '"steam-rises"')
const call = (lines: readonly string[]) => at(lines, "assistant", '"name":"Bash"')
const edited = (lines: readonly string[], index: number, edit: (line: string) => string) =>
  lines.with(index, edit(lines[index] ?? ""))
const uuidOf = (line = "") => (JSON.parse(line) as { uuid: string }).uuid

function withContent(line: string, content: unknown): string {
  const record = JSON.parse(line) as { message: { content: unknown } }
  record.message.content = content
  return `${JSON.stringify(record)}\n`
}

/** Puts a piece of text into the answer that a record holds. */
const intoReply = (line: string, piece: string) =>
  line.replace("mock reply to the", `${piece}mock reply to the`)

function tornEnd(lines: readonly string[]): Buffer {
  const index = replyTo(lines, "blue")
  const line = lines[index] ?? ""
  return joined([...lines.slice(0, index), line.slice(0, line.indexOf("mock reply") - 5)])
}

const rollout = [
  { type: "session_meta", payload: { id: "01998d2c-0000-7000-8000-000000000001", cwd: "/work" } },
  { type: "response_item", payload: { type: "message", role: "user", content: [] } },
]
  .map((record) => `${JSON.stringify({ timestamp: "2026-01-31T12:00:00.000Z", ...record })}\n`)
  .join("")

export const damageCases: readonly DamageCase[] = [
  {
    kind: "torn line, the next record behind it",
    ...{ newer: "loses", older: "loses", isInCi: true },
    destroyed: ['"name":"Bash"'],
    damage: (lines) => joined(edited(lines, call(lines), (line) => line.slice(0, line.indexOf('"Bash"')))),
  },
  {
    kind: "torn last line",
    ...{ newer: "forgives", older: "forgives" },
    destroyed: ["mock reply to the blue kettle"],
    damage: tornEnd,
  },
  {
    kind: "torn last line, a prompt later",
    ...{ newer: "forgives", older: "forgives", isLate: true },
    destroyed: ["mock reply to the blue kettle"],
    damage: tornEnd,
  },
  {
    kind: "glued lines",
    ...{ newer: "forgives", older: "loses" },
    damage: (lines) => joined(edited(lines, replyTo(lines, "green"), (line) => line.trimEnd())),
  },
  {
    kind: "no last newline",
    ...{ newer: "forgives", older: "loses", isLate: true },
    damage: (lines) => joined(lines.with(-1, lines.at(-1)?.trimEnd() ?? "")),
  },
  {
    kind: "zeros before a record",
    ...{ newer: "loses", older: "loses", isInCi: true },
    damage: (lines) => joined(edited(lines, replyTo(lines, "green"), (line) => "\0".repeat(700) + line)),
  },
  {
    kind: "zeros in place of a record",
    ...{ newer: "loses", older: "loses" },
    destroyed: ['"name":"Bash"'],
    damage: (lines) => joined(edited(lines, call(lines), (line) => "\0".repeat(line.length))),
  },
  {
    kind: "half of a surrogate pair",
    ...{ newer: "forgives", older: "refuses" },
    damage: (lines) => joined(edited(lines, replyTo(lines, "green"), (line) => intoReply(line, "\\ud83d"))),
  },
  {
    kind: "bytes that are not UTF-8",
    ...{ newer: "forgives", older: "forgives" },
    damage(lines) {
      const marked = joined(edited(lines, replyTo(lines, "green"), (line) => intoReply(line, "~~~~")))
      const from = marked.indexOf("~~~~mock")
      marked.set([0xff, 254, 195, 40], from)
      return marked
    },
  },
  {
    kind: "a parent that is not there",
    ...{ newer: "forgives", older: "loses" },
    damage: (lines) =>
      joined(
        edited(lines, replyTo(lines, "green"), (line) =>
          line.replace(/"parentUuid":"[^"]*"/, `"parentUuid":"${crypto.randomUUID()}"`),
        ),
      ),
  },
  {
    kind: "parents in a loop",
    ...{ newer: "forgives", older: "refuses" },
    damage(lines) {
      const later = uuidOf(lines[replyTo(lines, "green")])
      return joined(
        edited(lines, replyTo(lines, "red"), (line) =>
          line.replace(/"parentUuid":"[^"]*"/, `"parentUuid":"${later}"`),
        ),
      )
    },
  },
  {
    kind: "a call without its result",
    ...{ newer: "loses", older: "loses" },
    destroyed: ['"steam-rises"'],
    damage: (lines) => joined(lines.toSpliced(result(lines), 1)),
  },
  {
    kind: "a result without its call",
    ...{ newer: "loses", older: "refuses" },
    destroyed: ['"name":"Bash"'],
    damage: (lines) => joined(lines.toSpliced(call(lines), 1)),
  },
  {
    kind: "another record with the same uuid",
    ...{ newer: "loses", older: "loses" },
    damage(lines) {
      const first = uuidOf(lines[replyTo(lines, "red")])
      const index = replyTo(lines, "green")
      const own = uuidOf(lines[index])
      return joined(edited(lines, index, (line) => line.replace(`"uuid":"${own}"`, `"uuid":"${first}"`)))
    },
  },
  {
    kind: "a record twice",
    ...{ newer: "forgives", older: "forgives" },
    damage(lines) {
      const index = replyTo(lines, "green")
      return joined(lines.toSpliced(index, 0, lines[index] ?? ""))
    },
  },
  {
    kind: "a text without text",
    ...{ newer: "forgives", older: "refuses" },
    destroyed: ["mock reply to the green kettle"],
    damage: (lines) =>
      joined(
        edited(lines, replyTo(lines, "green"), (line) => withContent(line, [{ type: "text", text: "" }])),
      ),
  },
  {
    kind: "a prompt with an empty piece of text",
    ...{ newer: "forgives", older: "refuses" },
    damage: (lines) =>
      joined(
        edited(lines, at(lines, "user", "the blue kettle"), (line) =>
          withContent(line, [{ type: "text", text: "" }]),
        ),
      ),
  },
  {
    kind: "a prompt with an empty piece of text beside another",
    ...{ newer: "forgives", older: "refuses" },
    damage: (lines) =>
      joined(
        edited(lines, at(lines, "user", "the blue kettle"), (line) =>
          withContent(line, [
            { type: "text", text: "" },
            { type: "text", text: "the blue kettle" },
          ]),
        ),
      ),
  },
  {
    kind: "a prompt without any piece",
    ...{ newer: "forgives", older: "forgives", but: { "2.1.197": "refuses", "2.1.231": "refuses" } },
    damage: (lines) =>
      joined(edited(lines, at(lines, "user", "the blue kettle"), (line) => withContent(line, []))),
  },
  {
    kind: "an answer without any piece",
    ...{ newer: "forgives", older: "forgives" },
    destroyed: ["mock reply to the green kettle"],
    damage: (lines) => joined(edited(lines, replyTo(lines, "green"), (line) => withContent(line, []))),
  },
  {
    kind: "an empty piece of text beside another",
    ...{ newer: "forgives", older: "refuses", but: { "2.1.197": "refuses", "2.1.231": "refuses" } },
    damage: (lines) =>
      joined(
        edited(lines, replyTo(lines, "green"), (line) =>
          withContent(line, [
            { type: "text", text: "" },
            { type: "text", text: "mock reply to the green kettle" },
          ]),
        ),
      ),
  },
  {
    kind: "a prompt without text",
    ...{ newer: "refuses", older: "refuses" },
    damage: (lines) =>
      joined(edited(lines, at(lines, "user", "the blue kettle"), (line) => withContent(line, ""))),
  },
  {
    kind: "records out of order",
    ...{ newer: "forgives", older: "forgives" },
    damage(lines) {
      const index = replyTo(lines, "green")
      const moved = lines.toSpliced(index, 1)
      return joined(moved.toSpliced(call(lines), 0, lines[index] ?? ""))
    },
  },
  {
    kind: "the last record first",
    ...{ newer: "forgives", older: "forgives" },
    damage(lines) {
      const index = replyTo(lines, "blue")
      return joined([lines[index] ?? "", ...lines.toSpliced(index, 1)])
    },
  },
  {
    kind: "an image that is none",
    ...{ newer: "forgives", older: "refuses" },
    damage: (lines) =>
      joined(
        lines.map((line) =>
          isSpoken(line) && line.includes('"type":"image"')
            ? line.replaceAll("iVBORw0KGgo", "AAAAAAAAAAA")
            : line,
        ),
      ),
  },
  {
    kind: "records of another agent",
    ...{ newer: "forgives", older: "forgives" },
    damage: (lines) => joined(lines.toSpliced(replyTo(lines, "green"), 0, rollout)),
  },
  {
    kind: "a line that holds null",
    ...{ newer: "forgives", older: "forgives", but: { "2.1.197": "refuses" }, isInCi: true },
    damage: (lines) => joined(lines.toSpliced(replyTo(lines, "green"), 0, "null\n")),
  },
  {
    kind: "a line of plain text",
    ...{ newer: "forgives", older: "forgives" },
    damage: (lines) => joined(lines.toSpliced(replyTo(lines, "green"), 0, "Killed\n")),
  },
  {
    kind: "a line with a number, a text and a list",
    ...{ newer: "forgives", older: "forgives" },
    damage: (lines) => joined(lines.toSpliced(replyTo(lines, "green"), 0, '1\n"x"\n[]\n')),
  },
]
