import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { record, user } from "../../fixtures/talk/conversation.ts"
import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { writeMessages } from "../../fixtures/talk/messages.ts"
import { seeded } from "../../fixtures/talk/random.ts"
import { settled } from "../baselines.ts"
import { type Baseline, type Bench, compare, type Row, setAgainstTime } from "../bench.ts"
import { binary, compile, formatBytes, newHome } from "../homes.ts"
import type { Task } from "../measure.ts"

/** The index: how fast it is made, that nothing is done when nothing changed, and how fast it answers. */
export const indexing: Bench = {
  name: "index",
  async run(scale) {
    return [
      ...(await making(scale)),
      ...(await longLines(scale)),
      ...(await tiny(scale)),
      ...(await unchanged(scale)),
      ...(await asking(scale)),
    ]
  },
}

type Scale = Parameters<Bench["run"]>[0]

/** As promised: 60 MB of JSONL a second on one core, 250 MB of memory, answers to the commonest word in 60 ms. */
const speed = 60e3
const memory = 250e6
/** Two processors against one. */
const faster = 1.6
const patience = 60

async function making(scale: Scale): Promise<Row[]> {
  const place = newHome("index")
  const written = writeCorpus(place.client, { seed: 1, count: scale.count(400), bytes: [50_000, 2_000_000] })
  const bytes = written.reduce((sum, file) => sum + file.bytes, 0)
  const task = { ...live(place), before: settled(place.data) }
  const words = { command: ["sh", "-ec", 'cat "$1"/*/* | wc -w', "sh", join(place.client, "projects")] }
  const rows = await compare(
    `index of ${formatBytes(bytes)}`,
    { ...task, command: [...oneCore(), ...task.command] },
    [
      {
        name: "cat | wc -w",
        task: { ...words, command: [...oneCore(), ...words.command] },
        means: "as long",
      },
      { name: "ripgrep, one word", task: ripgrep(place.client, "absent"), means: "as long" },
    ],
    scale.rounds(5),
    memory,
  )
  const together = await twoCores(`index of ${formatBytes(bytes)} on two cores`, task, scale)
  const reached = bytes / 1e3 / (rows[0]?.ours.best ?? Number.NaN)
  const size = statSync(join(place.data, "context-storage/session-rescue.db")).size / bytes
  place.remove()
  const what = `index of ${formatBytes(bytes)}: ${reached.toFixed(0)} MB/s on one core, ${size.toFixed(2)} of the size`
  const promised = rows.slice(0, 1).map((row) => setAgainstTime(row, "60 MB/s", bytes / speed))
  return [...[...rows, ...promised].map((row) => ({ ...row, what })), ...together]
}

/** The same on two processors: other threads read and parse. */
async function twoCores(what: string, task: Task, scale: Scale): Promise<Row[]> {
  const isAble = oneCore().length > 0 && availableParallelism() > 1
  const one = isAble
    ? { ...task, command: [...oneCore(), ...task.command] }
    : "NEEDS taskset AND TWO PROCESSORS"
  const two = isAble ? { ...task, command: ["taskset", "-c", "0,1", ...task.command] } : task
  return compare(
    what,
    two,
    [{ name: "on one core", task: one, means: "as fast", wanted: faster }],
    scale.rounds(5),
    memory,
  )
}

/** The hardest there is on memory: one line, and in the worst case no word of it comes twice. */
async function longLines(scale: Scale): Promise<Row[]> {
  const rows: Row[] = []
  for (const [what, size] of [
    ["different words", 12e6],
    ["different words", 45e6],
    ["different words", 100e6],
    ["Japanese", 45e6],
  ] as const) {
    const bytes = scale.bytes(size)
    const place = newHome("index-line")
    writeLongLine(join(place.transcripts, `${crypto.randomUUID()}.jsonl`), bytes, what === "Japanese")
    const task = { ...live(place), before: settled(place.data) }
    rows.push(...(await compare(`index of one line of ${formatBytes(bytes)}, ${what}`, task, [], 1, memory)))
    place.remove()
  }
  return rows
}

function writeLongLine(path: string, bytes: number, isJapanese: boolean): void {
  const message = {
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "TEXT" }],
  }
  const [before = "", behind = ""] = JSON.stringify({
    type: "user",
    uuid: crypto.randomUUID(),
    message,
  }).split("TEXT")
  const out = openSync(path, "w")
  writeSync(out, before)
  for (let number = 0, written = 0; written < bytes; ) {
    const words = Array.from({ length: 10_000 }, () => {
      const word = (number++ * 2654435761).toString(36)
      return isJapanese ? `データ${word}の記録` : word
    })
    written += writeSync(out, `${words.join(" ")} `)
  }
  writeSync(out, `${behind}\n`)
  closeSync(out)
}

/** The other end: as many sessions as nobody has, of one message each; half of them in one folder. */
async function tiny(scale: Scale): Promise<Row[]> {
  const place = newHome("index-tiny")
  const count = scale.count(100_000)
  const random = seeded(4)
  for (let n = 0; n < count; n++) {
    const cwd = n % 2 === 0 ? "/work/one" : `/work/project-${n % 200}`
    const folder = join(place.client, "projects", cwd.replace(/\W/g, "-"))
    if (n < 200) mkdirSync(folder, { recursive: true })
    const talk = { id: random.uuid(), cwd, at: new Date("2026-03-01") }
    writeFileSync(
      join(folder, `${talk.id}.jsonl`),
      record(talk, 0, user(`good day, number ${random.hex(8)}`)),
    )
  }
  const task = live(place)
  const anew = { ...task, before: settled(place.data) }
  const read = await compare(`index of ${count} sessions of one message`, anew, [], 1, memory)
  const again = await compare("the same again, nothing new", task, [], scale.rounds(3), memory)
  place.remove()
  return [...read, ...again]
}

async function unchanged(scale: Scale): Promise<Row[]> {
  const place = newHome("index-unchanged")
  const count = scale.count(5000)
  writeCorpus(place.client, { seed: 2, count })
  Bun.spawnSync({ cmd: live(place).command, env: { ...process.env, ...live(place).env } })
  const stat = { command: [await compile("bare-stat.ts")], env: { HOME: place.home } }
  const rows = await compare(
    `nothing new in ${count} files`,
    live(place),
    [{ name: "stat of them all", task: stat, means: "as long", wanted: 3 }],
    scale.rounds(9),
    memory,
  )
  place.remove()
  return rows
}

async function asking(scale: Scale): Promise<Row[]> {
  const place = newHome("index-ask")
  const messages = scale.count(1_000_000)
  const needles = new Map([[Math.floor(messages / 2), "rareneedle"]])
  writeMessages(place.client, { seed: 3, messages, needles })
  Bun.spawnSync({ cmd: live(place).command, env: { ...process.env, ...live(place).env } })
  const rows: Row[] = []
  for (const [what, query] of [
    ["a rare word", ["rareneedle", "--no-refresh"]],
    ["a rare word, with a look for what is new", ["rareneedle"]],
    ["a misspelt word", ["rarneedel", "--no-refresh"]],
    ["the commonest word", ["the", "--no-refresh"]],
    ["the newest 20", ["--recent", "20", "--no-refresh"]],
  ] as const) {
    const { env } = live(place)
    const task = { command: [binary, "cxq", ...query, "--data-dir", place.data, "--json"], env }
    const start = {
      name: "an empty start",
      task: { command: [binary, "--version"], env },
      means: "as long",
    } as const
    const wanted = what === "a rare word" ? { wanted: 10 } : {}
    const against: Baseline[] = [{ ...start, ...wanted }]
    if (!what.startsWith("the newest") && !what.includes("misspelt") && !what.includes("look")) {
      against.push({ name: "ripgrep", task: ripgrep(place.client, query[0]), means: "as fast" })
    }
    const measured = await compare(`${what} in ${messages} messages`, task, against, scale.rounds(9), memory)
    rows.push(...measured)
    if (what === "the commonest word")
      rows.push(...measured.slice(0, 1).map((row) => setAgainstTime(row, "60 ms", patience)))
  }
  place.remove()
  return rows
}

function live(place: ReturnType<typeof newHome>) {
  return { command: [binary, "cx", "--live", "--data-dir", place.data], env: { HOME: place.home } }
}

function ripgrep(folder: string, word: string): Task | string {
  if (Bun.which("rg") === null) return "NOT INSTALLED"
  // its exit code 1 says that there was nothing
  return {
    command: [
      "sh",
      "-c",
      'rg --no-ignore --count-matches --word-regexp "$2" "$1" || [ $? = 1 ]',
      "sh",
      folder,
      word,
    ],
  }
}

function oneCore(): string[] {
  return Bun.which("taskset") === null ? [] : ["taskset", "-c", "0"]
}
