import { OpencodeDatabase, sessionName } from "../../fixtures/agents/opencode.ts"
import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { type Bench, compare, type Row, type Scale, setAgainst } from "../bench.ts"
import { binary, clients, compile, type Home, newHome } from "../homes.ts"

const old = [8, 22] as const
/** The client deletes after 30 days, so these are all listed and read. */
const late = [40, 80] as const

/** Looking at a machine that has gathered sessions for a while; a hundred other processes run beside it. */
export const status: Bench = {
  name: "status",
  async run(scale) {
    const few = await statusOf(scale, 100, "", old)
    const many = await statusOf(scale, 1000, "", old)
    const most = await statusOf(scale, 10_000, "", old)
    const purged = await statusOf(scale, 1000, " about to be purged", late)
    const live = await statusOf(scale, 1000, `, ${scale.count(100)} clients`, old, async (place) =>
      clients(place, scale.count(100)),
    )
    return [
      ...few,
      ...many,
      ...growth(many, few),
      ...most,
      ...growth(most, many),
      ...purged,
      ...live,
      ...(await statusOfRows(scale)),
    ]
  },
}

/** Ten times as many transcripts may take ten times as long. */
function growth([ours]: readonly Row[], [fewer]: readonly Row[]): Row[] {
  return ours && fewer ? [setAgainst(ours, "a tenth of them", fewer, 10)] : []
}

/** Sessions that are rows of one database, which its client has open. */
async function statusOfRows(scale: Scale): Promise<Row[]> {
  const count = scale.count(10_000)
  const place = newHome("status-rows")
  const opened = new OpencodeDatabase(place)
  try {
    opened.database.transaction(() => {
      for (let each = 1; each <= count; each++)
        opened.add({ id: sessionName(each), age: 10 * 86_400_000 + each })
    })()
    const env = { HOME: place.home }
    const task = { command: [binary, "status", "--data-dir", place.data], env }
    const least = { command: [await compile("ps-and-rows.ts")], env }
    const against = [{ name: "ps-list + select", task: least, means: "as long" }] as const
    const what = `status, ${count.toLocaleString("en")} sessions in one database`
    return await compare(what, task, against, scale.rounds(9))
  } finally {
    opened.close()
    place.remove()
  }
}

async function statusOf(
  scale: Scale,
  transcripts: number,
  more: string,
  days: readonly [number, number],
  prepare: (place: Home) => Promise<() => void> = async () => () => {},
): Promise<Row[]> {
  const count = scale.count(transcripts)
  const place = newHome("status")
  const undo = await prepare(place)
  try {
    writeCorpus(place.client, { seed: count, count, days })
    const env = { HOME: place.home }
    const task = { command: [binary, "status", "--data-dir", place.data], env }
    const least = async (program: string) => ({ command: [await compile(program)], env })
    const against = [
      { name: "ps-list + stat", task: await least("ps-and-stat.ts"), means: "as long" },
      { name: "/proc + stat", task: await least("proc-and-stat.ts"), means: "as long" },
    ] as const
    const what = `status, ${count.toLocaleString("en")} transcripts${more}`
    return await compare(what, task, against, scale.rounds(transcripts > 1000 ? 9 : 15))
  } finally {
    undo()
    place.remove()
  }
}
