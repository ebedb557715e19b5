import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { markProcessed } from "../../fixtures/processed.ts"
import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { settled } from "../baselines.ts"
import { type Bench, compare, type Row } from "../bench.ts"
import { binary, compile, type Home, newHome } from "../homes.ts"
import { processorTime, type Task } from "../measure.ts"

/** What is promised of many small exports: so many times what a program takes that does nothing else. */
const wanted = 3
const memory = 160e6

/** Many small exports processed, archived, verified and restored: what is flushed is flushed for many at once. */
export const many: Bench = {
  name: "many",
  async run(scale) {
    const place = newHome("many")
    const count = scale.count(1000)
    writeCorpus(place.client, { seed: 3, count, projects: 1 })
    const env = { HOME: place.home }
    const pending = join(place.data, "sessions-export-pending-anthropic")
    const kept = join(place.home, "kept")
    ours(place, "export", "--all")
    cpSync(place.data, kept, { recursive: true, preserveTimestamps: true })
    const again = (processed: boolean) => () => {
      rmSync(place.data, { recursive: true, force: true })
      cpSync(kept, place.data, { recursive: true, preserveTimestamps: true })
      if (processed) markProcessed(pending)
      settled()()
    }
    const task = (name: string, before: () => void, ...args: string[]): Task => {
      return { command: [binary, name, ...args, "--data-dir", place.data], env, before }
    }
    const what = (done: string) => `${done} ${count.toLocaleString("en")} small exports`
    const rounds = scale.rounds(3)
    const floor = async (program: string, before: () => void, ...args: string[]) => [
      {
        name: "a program that only does that",
        task: { command: [await compile(program), ...args], before },
        means: "as long",
        wanted,
      } as const,
    ]
    const away = join(place.home, "away")
    const empty = () => settled(away)()
    again(false)()
    const rows = [
      ...(await compare(
        what("verify"),
        task("verify", settled()),
        await floor("verify-all.ts", settled(), pending),
        rounds,
        memory,
      )),
      ...(await compare(
        what("restore"),
        task("restore", empty, "--all", "--to", away),
        await floor("restore-all.ts", empty, pending, away),
        rounds,
        memory,
      )),
      ...(await compare(
        what("archive"),
        task("archive", again(true)),
        await floor("archive-all.ts", again(true), pending, join(place.data, "archive")),
        rounds,
        memory,
      )),
      processing(what("cx of"), task("cx", again(false)), rounds),
    ]
    place.remove()
    return rows
  },
}

function ours(place: Home, ...args: string[]): void {
  const command = [binary, ...args, "--data-dir", place.data]
  const { exitCode, stderr } = Bun.spawnSync(command, { env: { ...process.env, HOME: place.home } })
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr}`)
}

/** Its wall time against the processor time of the same run: the rest is waiting for the disk. */
function processing(what: string, task: Task, rounds: number): Row {
  const { wall, processor } = processorTime(task, rounds)
  const timing = (ms: number) => ({ best: ms, median: ms })
  return {
    what,
    ours: timing(wall),
    against: "its own processor time",
    theirs: timing(processor),
    ratio: wall / processor,
    means: "as long",
    wanted,
    skipped: null,
    memory: null,
    wantedMemory: memory,
  }
}
