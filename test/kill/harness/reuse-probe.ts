/** Run in a PID namespace of its own: a process ends, and another one gets its number. Prints what each way of holding it says. */
import { writeFileSync } from "node:fs"
import { parsePid } from "../../../src/domain/session/pid.ts"
import { pidfdCalls } from "../../../src/system/native/pidfd.ts"
import { linuxProcesses } from "../../../src/system/process/linux.ts"
import { openByPolling, openOnLinux, type ProcessHandle } from "../../../src/system/process/process-handle.ts"
import { startTick } from "../../fixtures/processes.ts"

const start = () => Bun.spawn(["sleep", "300"])
const first = start()
const pid = parsePid(first.pid)
if (pid === null) throw new Error("no pid")
const identity = { pid, startMark: startTick(pid) }
const calls = await pidfdCalls()
const held: Record<string, ProcessHandle | null> = {
  pidfd: calls && openOnLinux(identity, calls),
  folder: openOnLinux(identity, null),
  looking: await openByPolling(identity, linuxProcesses()),
}
first.kill("SIGKILL")
await first.exited
let second = start()
while (second.pid !== pid || startTick(pid) === identity.startMark) {
  second.kill("SIGKILL")
  await second.exited
  writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1))
  second = start()
}
const said: Record<string, unknown> = {}
for (const [way, process] of Object.entries(held))
  said[way] = [
    process?.raceFree,
    await process?.hasExited(),
    await process?.signal("SIGTERM"),
    await process?.signal("SIGKILL"),
  ]
const anew = [
  calls && openOnLinux(identity, calls),
  openOnLinux(identity, null),
  await openByPolling(identity, linuxProcesses()),
]
const outcome = await Promise.race([
  second.exited,
  new Promise((resolve) => setImmediate(() => resolve("alive"))),
])
console.log(JSON.stringify({ said, anew, outcome }))
second.kill("SIGKILL")
