/** A team: many homes that keep sessions, send them to one index (and one store), and search it. */
import { assistant, record, sessionId, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { type Random, seeded } from "../../fixtures/talk/random.ts"
import { calls } from "../../search/conversations.ts"
import { keys, s3Settings } from "../s3/s3-team.ts"
import { StandIn } from "../s3/stand-in.ts"
import type { IndexServer } from "../sink/contract.ts"
import { TeamMachine } from "../team-machine.ts"
import { Meter } from "./meter.ts"

export interface Size {
  readonly homes: number
  /** Of each home, before the day. */
  readonly before: number
  /** Of each home, in the day that is measured. */
  readonly day: number
  /** Exports are pushed too, to a store in memory. */
  readonly store: boolean
}

/** What one phase has cost all homes. */
export interface Cost {
  readonly sessions: number
  readonly parts: number
  /** Of transcripts. */
  readonly transcriptBytes: number
  readonly sink: { readonly requests: number; readonly sent: number; readonly received: number }
  readonly store: { readonly requests: number; readonly bytes: number }
  readonly seconds: { readonly index: number; readonly send: number; readonly push: number }
}

export interface Simulation {
  readonly before: Cost
  readonly day: Cost
  readonly queryMs: number
  /** What did not hold. */
  readonly wrong: string[]
}

const cwd = "/work/shop"
const started = Date.UTC(2026, 9, 1)
const stepMs = 20 * 60_000

export async function simulate(server: IndexServer, size: Size): Promise<Simulation> {
  const meter = await Meter.start(server.settings("fifty"))
  const store = new StandIn()
  store.pageSize = 1000
  const homes = Array.from({ length: size.homes }, (_, n) => {
    const settings = `${s3Settings(store.url)}\n[team.sink]\n${meter.settings}`
    return new TeamMachine({ settings, env: keys }, `dev${n}`)
  })
  const wrong: string[] = []
  try {
    const phase = (first: number, count: number) =>
      runPhase({ homes, meter, store, wrong, size }, first, count)
    const before = await phase(0, size.before)
    const day = await phase(size.before, size.day)
    const rows = await server.count("fifty")
    if (rows !== before.parts + day.parts)
      wrong.push(`${rows} parts are there, ${before.parts + day.parts} were sent`)
    const queryMs = await askAll(homes, wrong)
    return { before, day, queryMs, wrong }
  } finally {
    await Promise.all(homes.map((home) => home.dispose()))
    store.dispose()
    meter.dispose()
  }
}

interface Team {
  readonly homes: readonly TeamMachine[]
  readonly meter: Meter
  readonly store: StandIn
  readonly wrong: string[]
  readonly size: Size
}

async function runPhase(
  { homes, meter, store, wrong, size }: Team,
  first: number,
  count: number,
): Promise<Cost> {
  const seconds = { index: 0, send: 0, push: 0 }
  let parts = 0
  let transcriptBytes = 0
  meter.reset()
  store.requests.length = 0
  const bytesBefore = bytesIn(store)
  for (const [n, home] of homes.entries()) {
    const timed = async (what: keyof typeof seconds, args: readonly string[]) => {
      const from = performance.now()
      const answer = await home.run(args)
      seconds[what] += (performance.now() - from) / 1000
      if (answer.code !== 0) wrong.push(`${home.owner}: ${args.join(" ")}: ${answer.stdout}${answer.stderr}`)
      return answer
    }
    transcriptBytes += writeSessions(home, n * 10_000 + first, count)
    if (size.store) await timed("index", ["export", "--all"])
    await timed("index", size.store ? ["cx"] : ["cx", "--live"])
    await timed("push", ["push", "--yes", "--json"])
    const { team } = (await timed("send", ["cx", ...(size.store ? [] : ["--live"]), "--team", "--json"])).json
    if (team.stopped !== null) wrong.push(`${home.owner}: ${team.stopped.message}`)
    parts += team.sent
  }
  return {
    ...{ sessions: count * homes.length, parts, transcriptBytes, sink: meter.count, seconds },
    store: { requests: store.requests.length, bytes: bytesIn(store) - bytesBefore },
  }
}

function bytesIn({ objects }: StandIn): number {
  return [...objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** Each home finds what the next one has said, once, and sends nothing again. Returns the middle duration. */
async function askAll(homes: readonly TeamMachine[], wrong: string[]): Promise<number> {
  const times: number[] = []
  for (const [n, home] of homes.entries()) {
    const other = (n + 1) % homes.length
    const from = performance.now()
    const { code, json } = await home.run(["cxq", "--team", `"${nameOf(other * 10_000)} begins"`, "--json"])
    times.push(performance.now() - from)
    if (code !== 0 || json.hits.length !== 1 || json.hits[0].owner !== `dev${other}`)
      wrong.push(`${home.owner} does not find the one part of dev${other}`)
    const again = await home.run(["cx", "--team", "--json"])
    if (again.json.team.sent !== 0) wrong.push(`${home.owner} sends ${again.json.team.sent} parts again`)
  }
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
}

const nameOf = (n: number) => `session${n}`
const vocabulary = Array.from({ length: 4000 }, (_, n) => `w${n.toString(36)}`)

/** Sessions of one home; returns the bytes of their transcripts. */
export function writeSessions(home: TeamMachine, first: number, count: number): number {
  let bytes = 0
  for (let n = first; n < first + count; n++) bytes += write(home, n, seeded(n))
  return bytes
}

/** About ten parts of 600 characters; the words as rare as in a language. */
function write(home: TeamMachine, n: number, random: Random): number {
  const say = (count: number) =>
    Array.from({ length: count }, () => vocabulary[Math.floor(vocabulary.length ** random.next()) - 1]).join(
      " ",
    )
  const talk = { id: sessionId(n), cwd, at: new Date(started + (n % 10_000) * stepMs) }
  const turns = [1, 2, 3].flatMap((turn) => [
    calls("Bash", `b${turn}`, { command: `grep -rn "${say(4)}" src/${say(1)}.ts`, description: say(3) }),
    toolResult(`b${turn}`, say(random.between(50, 500))),
    assistant(say(random.between(20, 200))),
  ])
  const said = [user(`${nameOf(n)} begins: ${say(30)}`), ...turns]
  const text = said.map((each, at) => record(talk, at, each)).join("")
  home.transcript(talk.id, { cwd, text })
  return text.length
}
