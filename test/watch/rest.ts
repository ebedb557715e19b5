/** What the watcher takes while nothing changes: `npm run test:watch-rest [SECONDS]`, outside CI. */
import { readFileSync } from "node:fs"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

const seconds = Number(process.argv[2] ?? 600)
const projects = 3000
const clients = 3
/** After its first looks the watcher comes to rest. */
const settleMs = 60_000
/** Of conversations that have ended. */
const ageMs = 5 * 86_400_000
const ticksPerSecond = 100

interface Used {
  readonly ownMs: number
  /** Of children that have ended. */
  readonly childrenMs: number
  readonly rssMiB: number
  readonly peakMiB: number
  readonly looks: number
}

async function main(): Promise<number> {
  const machine = new WatchMachine()
  try {
    const watcher = await startWatcher(machine)
    await Bun.sleep(settleMs)
    const before = await usedBy(watcher, machine)
    await Bun.sleep(seconds * 1000)
    const after = await usedBy(watcher, machine)
    const ownMs = after.ownMs - before.ownMs
    const share = (ownMs + after.childrenMs - before.childrenMs) / (seconds * 10)
    const looks = after.looks - before.looks
    console.log(`${projects} projects, ${clients} running sessions, ${seconds} s without a change:`)
    console.log(
      `processor ${share.toFixed(4)} % (${ownMs} ms of its own, ${after.childrenMs - before.childrenMs} ms of children)`,
    )
    console.log(
      `memory ${after.rssMiB.toFixed(1)} MiB (peak ${after.peakMiB.toFixed(1)} MiB); looks ${looks}`,
    )
    return share <= 0.05 && after.rssMiB <= 35 && looks === 0 ? 0 : 1
  } finally {
    await machine.dispose()
  }
}

async function startWatcher(machine: WatchMachine): Promise<number> {
  for (let number = clients + 1; number <= projects; number++)
    machine.transcript(sessionId(number), { cwd: `/work/p${number}`, age: ageMs })
  for (let number = 1; number <= clients; number++) {
    // GNU sleep adds its arguments
    const program = `c${number}/claude-code-linux-x64/claude`
    const client = await machine.client({ program, argv: [String(seconds + 600)] })
    const cwd = `/work/p${number}`
    machine.transcript(sessionId(number), { cwd, text: talkOf(number, [{ tokens: 20_000 }], { cwd }) })
    machine.registry(client, sessionId(number), { cwd, status: "idle", updatedAt: Date.now() })
  }
  return (await machine.watch()).pid
}

async function usedBy(pid: number, machine: WatchMachine): Promise<Used> {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
  const ms = (place: number) => (Number(stat[place]) * 1000) / ticksPerSecond
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]) / 1024
  return {
    ownMs: ms(11) + ms(12),
    childrenMs: ms(13) + ms(14),
    rssMiB: mib("VmRSS"),
    peakMiB: mib("VmHWM"),
    looks: (await machine.state()).changes,
  }
}

process.exit(await main())
