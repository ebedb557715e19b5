/** The system calls of an export without faults, one after the other: each is a place where something can break. */
import { expect } from "bun:test"
import { injected } from "./counters.ts"
import { type Call, type Fault, traced } from "./inject.ts"
import { documentOf, type FaultTarget, id, wrongAfter, wrongAgain } from "./target.ts"

/** What the work is done with … */
export const working = [
  ...["openat", "mkdir", "pwrite64", "pread64", "fsync", "fchmod", "link", "rename", "unlinkat"],
] as const
/** … and what only looks or tidies up. */
export const looking = ["statx", "getdents64", "close"] as const

const signals = ["kill", "tkill", "pidfd_send_signal"]

/** Whether a call is about the session's files or its exports; it may also name the folder the program runs in. */
function about({ root, data, sources }: FaultTarget, { line }: Call): boolean {
  const named = line.replaceAll(/AT_FDCWD<[^>]*>/g, "")
  return [root, data, ...sources].some((path) => named.includes(path))
}

/** Of the calls named, those that are about this session's files or our own; on a machine as it will be then. */
export async function stepsOf(machine: FaultTarget, names: readonly string[]): Promise<readonly Call[]> {
  machine.fresh()
  const { answer, calls } = await traced(machine, ["export", id, "--json"], names)
  expect(documentOf(answer)?.exports[0]?.status).toBe("verified")
  const steps = names.flatMap((name) => calls.filter((call) => call.name === name && about(machine, call)))
  for (const name of names) expect([name, steps.some((step) => step.name === name)]).toEqual([name, true])
  return steps
}

/** One fault into a first export, then an export without any. Returns what did not hold. */
async function broken(machine: FaultTarget, fault: Fault): Promise<string[]> {
  machine.fresh()
  const { answer, calls, hit } = await traced(
    machine,
    ["export", id, "--json"],
    [fault.call, ...signals],
    [fault],
  )
  const wrong = wrongAfter(machine, answer)
  const struck = calls.find(({ name, when }) => name === fault.call && when === fault.when)
  if (!hit || struck === undefined || !about(machine, struck)) wrong.push(`${missed}: ${struck?.line}`)
  const sent = calls.filter(({ name }) => signals.includes(name))
  if (sent.length > 0) wrong.push(`it sent a signal: ${sent[0]?.line}`)
  if (
    fault.call === "fsync" &&
    fault.effect.startsWith("error=") &&
    documentOf(answer)?.exports?.[0]?.status === "verified"
  )
    wrong.push("verified, yet not flushed")
  wrong.push(...(await wrongAgain(machine)))
  return wrong.map((what) => `${fault.call} #${fault.when} ${fault.effect}: ${what}`)
}

const missed = "the fault missed"

/** The runtime opens /proc/self/statm at times of its own, so that a step may come one later or earlier. */
async function brokenNear(machine: FaultTarget, fault: Fault): Promise<string[]> {
  const { when } = fault
  let found = await broken(machine, fault)
  for (const other of when === "1+" || when === "1+3" ? [] : [when + 1, when - 1]) {
    if (found.some((what) => what.includes(missed))) found = await broken(machine, { ...fault, when: other })
  }
  return found
}

/** One after the other: runs beside each other would see each other in /proc, and count other calls. */
export async function brokenByAny(
  row: string,
  machine: FaultTarget,
  faults: readonly Fault[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const fault of faults) {
    const found = await brokenNear(machine, fault)
    injected(row, 1, found.length > 0 ? 1 : 0)
    wrong.push(...found)
  }
  return wrong
}
