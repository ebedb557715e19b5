/** Which signals leave the compiled binary: strace looks on, for nothing the program says of itself is proof. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../../faults/harness/installed.ts"
import type { Answer, Machine } from "../../fixtures/machine.ts"

export const hasStrace = isInstalled("strace")

let logs = 0

/** A command that runs another and writes down every signal it or what it starts sends. */
export function watched(machine: Machine): { readonly program: string[]; signals(): readonly string[] } {
  if (!hasStrace) return { program: [], signals: () => [] }
  const log = join(machine.root, `signals-${++logs}`)
  const calls = "trace=execve,kill,tkill,tgkill,pidfd_send_signal"
  return {
    program: ["strace", "-f", "-qq", "--seccomp-bpf", "-o", log, "-e", calls],
    signals: () => sentIn(existsSync(log) ? readFileSync(log, "latin1") : ""),
  }
}

/** The runtime's own threads signal each other: those stay inside, and do not count. */
function sentIn(log: string): string[] {
  const main = log.slice(0, log.indexOf(" "))
  if (!/^\d+ +execve\(/.test(log)) throw new Error(`strace saw nothing: ${log}`)
  return log.split("\n").flatMap((line) => {
    const [, name, args = ""] = /^\d+ +(kill|tkill|tgkill|pidfd_send_signal)\((.*)\)/.exec(line) ?? []
    return name === undefined || (name === "tgkill" && args.startsWith(`${main},`)) ? [] : [`${name} ${args}`]
  })
}

/** Runs `kill` and says which signals left it. */
export async function killing(
  machine: Machine,
  args: readonly string[],
  options: { env?: Record<string, string>; program?: string[] } = {},
): Promise<Answer & { readonly signals: readonly string[] }> {
  const strace = watched(machine)
  const program = [...(options.program ?? []), ...strace.program]
  const { code, stdout, stderr } = await machine.run(["kill", ...args], { ...options, program })
  return {
    code,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout)
    },
    signals: strace.signals().map(named),
  }
}

/** `pidfd_send_signal(14, SIGTERM, NULL, 0)` is `SIGTERM` through a handle. */
function named(call: string): string {
  return /^pidfd_send_signal \d+, (SIG[A-Z]+),/.exec(call)?.[1] ?? call
}
