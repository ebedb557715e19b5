/** A session that is exported while something breaks, and what has to hold afterwards. */
import { readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  brokenGuarantees,
  committed,
  filesBelow,
  leftovers,
  manifestOf,
  notPrivate,
} from "../../export/export-invariants.ts"
import { type Answer, Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { writeTranscript } from "../../fixtures/talk/corpus.ts"

export const id = sessionId(1)
const cwd = "/work/one"

/** Transcript and two more files. The transcript takes several steps to copy. */
export function faultTarget(options: { bytes?: number; home?: string; data?: string } = {}): FaultTarget {
  return new FaultTarget(options)
}

export class FaultTarget extends Machine {
  readonly env: Record<string, string>
  readonly sources: readonly string[]
  override readonly data: string

  constructor({ bytes = 600_000, home, data }: { bytes?: number; home?: string; data?: string }) {
    super()
    this.data = data ?? join(this.root, "data")
    const claude = home ?? this.claude
    // faults are counted per thread: two of them read and write, however many processors there are
    this.env = { CLAUDE_CONFIG_DIR: claude, SESSION_RESCUE_DATA: this.data, UV_THREADPOOL_SIZE: "2" }
    const transcript = join(claude, "projects/-work-one", `${id}.jsonl`)
    const lastWrite = new Date(Date.now() - 60_000)
    writeTranscript(transcript, { seed: 4, id, cwd, bytes, ended: true, lastWrite })
    const agent = this.write(join(dirname(transcript), id, "subagents/agent-1.jsonl"), '{"a":1}\n')
    this.sources = [transcript, agent, this.write(join(claude, "todos", `${id}.json`), "[]")]
  }

  export(program: string[] = []): Promise<Answer> {
    return this.run(["export", id, "--json"], { program, env: this.env })
  }

  override run(args: readonly string[], options: Parameters<Machine["run"]>[1] = {}): Promise<Answer> {
    return super.run(args, { ...options, env: { ...this.env, ...options.env } })
  }

  /** Before any export. */
  fresh(): void {
    rmSync(this.data, { recursive: true, force: true })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
export function documentOf({ stdout }: Answer): any {
  try {
    return JSON.parse(stdout)
  } catch {
    return null
  }
}

const sound = ["verified", "unchanged"]

/** What does not hold of the disk, and of what was claimed; empty when all is well. */
export function wrongAfter(machine: FaultTarget, answer: Answer): string[] {
  const wrong = attempt(() => [
    ...brokenGuarantees(machine),
    ...committed(machine).flatMap(incomplete(machine)),
  ])
  if (machine.data.startsWith(machine.root)) wrong.push(...notPrivate(machine.data))
  const report = documentOf(answer)
  if (answer.code === 0 && report === null) wrong.push("exit 0 without a report")
  const claims: { status: string; path: string; files: number }[] = report?.exports ?? []
  for (const { status, path, files } of claims.filter((each) => sound.includes(each.status))) {
    const whole = attempt(() =>
      readFileSync(path).equals(readFileSync(machine.sources[0] ?? ""))
        ? []
        : [`${status}, but ${path} is not it`],
    )
    wrong.push(...whole)
    if (files < machine.sources.length && report.warnings.length === 0 && report.failures.length === 0)
      wrong.push(`${status} with ${files} of ${machine.sources.length} files, and no word about it`)
  }
  if (answer.code === 0 && !claims.some(({ status }) => sound.includes(status)))
    wrong.push("exit 0 without an export")
  return wrong
}

/** Whatever failed before, the next run saves everything, warns of nothing and leaves nothing over. */
export async function wrongAgain(machine: FaultTarget): Promise<string[]> {
  const answer = await machine.export()
  const report = documentOf(answer)
  const saved = report?.exports?.[0]
  if (answer.code !== 0 || !sound.includes(saved?.status))
    return [`the rerun: ${answer.stdout}${answer.stderr}`]
  const wrong = wrongAfter(machine, answer)
  if (report.warnings.length > 0) wrong.push(`the rerun warns: ${report.warnings}`)
  if (saved.files !== machine.sources.length) wrong.push(`the rerun saved ${saved.files} files`)
  const left = leftovers(machine).map((name) => `left over: ${name}`)
  return [...wrong, ...left].map((what) => `after the rerun: ${what}`)
}

/** The sources stand still here: L is all of it. A file that is not in the manifest is no part of an export. */
const incomplete = (machine: FaultTarget) => (base: string) => {
  const listed: { role: string; source: string; length: number }[] = manifestOf(base).files
  const short = listed.filter(({ source, length }) => readFileSync(source).length !== length)
  const beside = listed.filter(({ role }) => role !== "transcript") // which may be what could not be read
  const foreign = filesBelow(`${base}.files`).length !== beside.length ? ["files that no manifest names"] : []
  const strange = listed.filter(({ source }) => !machine.sources.includes(source))
  return [...foreign, ...[...short, ...strange].map(({ source }) => `${source} is not whole or not ours`)]
}

function attempt(look: () => string[]): string[] {
  try {
    return look()
  } catch (error) {
    return [String(error)]
  }
}
