/** Run in a PID namespace that sees the outer /proc: tries to hold an outer process, and says what came of it. */
import { parsePid } from "../../../src/domain/session/pid.ts"
import { pidfdCalls } from "../../../src/system/native/pidfd.ts"
import { openOnLinux } from "../../../src/system/process/process-handle.ts"

const [number = "", startMark = ""] = process.argv.slice(2)
const pid = parsePid(number)
if (pid === null) throw new Error("no pid")
for (const calls of [await pidfdCalls(), null]) {
  try {
    console.log(openOnLinux({ pid, startMark }, calls) === null ? "gone" : "held")
  } catch (error) {
    console.log((error as { code?: string }).code)
  }
}
