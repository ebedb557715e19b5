/** Several small sessions, which an export saves as one group, and what has to hold of each when something breaks. */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import {
  brokenGuarantees,
  committed,
  leftovers,
  manifestOf,
  notPrivate,
} from "../../export/export-invariants.ts"
import { type Answer, Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { writeTranscript } from "../../fixtures/talk/corpus.ts"
import { injected } from "../harness/counters.ts"
import { type Call, type Fault, traced } from "../harness/inject.ts"
import { documentOf } from "../harness/target.ts"

const cwd = "/work/one"
const signals = ["kill", "tkill", "pidfd_send_signal"]
const sound = ["verified", "unchanged"]

export class GroupTarget extends Machine {
  readonly ids = [1, 2, 3, 4, 5].map(sessionId)
  readonly transcripts: readonly string[]
  readonly env: Record<string, string>
  override readonly data: string

  constructor({ home, data }: { home?: string; data?: string } = {}) {
    super()
    this.data = data ?? join(this.root, "data")
    const claude = home ?? this.claude
    this.env = { CLAUDE_CONFIG_DIR: claude, SESSION_RESCUE_DATA: this.data, UV_THREADPOOL_SIZE: "2" }
    const lastWrite = new Date(Date.now() - 60_000)
    this.transcripts = this.ids.map((id, number) => {
      const path = join(claude, "projects/-work-one", `${id}.jsonl`)
      writeTranscript(path, { seed: number, id, cwd, bytes: 4000 + 9000 * number, ended: true, lastWrite })
      return path
    })
    this.write(join(claude, "projects/-work-one", this.ids[1] ?? "", "subagents/agent-1.jsonl"), '{"a":1}\n')
  }

  override run(args: readonly string[], options: Parameters<Machine["run"]>[1] = {}): Promise<Answer> {
    return super.run(args, { ...options, env: { ...this.env, ...options.env } })
  }

  fresh(): void {
    rmSync(this.data, { recursive: true, force: true })
  }

  /** Of a first export without faults, all calls about the sessions or our own files. */
  async steps(names: readonly string[]): Promise<readonly Call[]> {
    this.fresh()
    const { calls } = await traced(this, exporting, names)
    return calls.filter(({ line }) => {
      const named = line.replaceAll(/AT_FDCWD<[^>]*>/g, "")
      return [this.root, this.data].some((path) => named.includes(path))
    })
  }
}

export const exporting = ["export", "--all", "--json"]

/** What does not hold of the disk, and of what was claimed of each session. */
export function wrongOfGroup(machine: GroupTarget, answer: Answer): string[] {
  const wrong = [...brokenGuarantees(machine)]
  if (machine.data.startsWith(machine.root)) wrong.push(...notPrivate(machine.data))
  for (const base of committed(machine)) {
    for (const { source, length } of manifestOf(base).files as { source: string; length: number }[])
      if (readFileSync(source).length !== length) wrong.push(`${base} does not hold all of ${source}`)
  }
  const report = documentOf(answer)
  if (answer.code === 0 && report === null) wrong.push("exit 0 without a report")
  const claims: { id: string; status: string; path: string }[] = report?.exports ?? []
  const saved = claims.filter(({ status }) => sound.includes(status))
  for (const { id, status, path } of saved) {
    const source = machine.transcripts[machine.ids.indexOf(id)] ?? ""
    if (!isCopy(path, source)) wrong.push(`${status}, but ${path} is not ${id}`)
  }
  if (answer.code === 0 && saved.length < machine.ids.length)
    wrong.push(`exit 0 with ${saved.length} of ${machine.ids.length} sessions`)
  const named = claims.length + (report?.failures?.length ?? 0)
  if (report?.exports !== undefined && answer.code !== 130 && named < machine.ids.length)
    wrong.push(`no word about ${machine.ids.length - named} sessions`)
  return wrong
}

function isCopy(path: string, source: string): boolean {
  try {
    return readFileSync(path).equals(readFileSync(source))
  } catch {
    return false
  }
}

/** The next run saves every session, warns of nothing and leaves nothing over. */
export async function wrongNext(machine: GroupTarget): Promise<string[]> {
  const answer = await machine.run(exporting)
  const report = documentOf(answer)
  if (answer.code !== 0) return [`the rerun: exit ${answer.code}: ${answer.stdout}${answer.stderr}`]
  const wrong = wrongOfGroup(machine, answer)
  if (report.warnings.length > 0) wrong.push(`it warns: ${report.warnings}`)
  return [...wrong, ...leftovers(machine).map((name) => `left over: ${name}`)].map(
    (what) => `after the rerun: ${what}`,
  )
}

/** One fault into a first export of all, then an export without any. Returns what did not hold. */
export async function brokenGroup(row: string, machine: GroupTarget, fault: Fault): Promise<string[]> {
  machine.fresh()
  const { answer, calls, hit } = await traced(machine, exporting, [fault.call, ...signals], [fault])
  const wrong = wrongOfGroup(machine, answer)
  if (!hit) wrong.push("the fault missed")
  const sent = calls.find(({ name }) => signals.includes(name))
  if (sent !== undefined) wrong.push(`it sent a signal: ${sent.line}`)
  wrong.push(...(await wrongNext(machine)))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((what) => `${fault.call} #${fault.when} ${fault.effect}: ${what}`)
}
