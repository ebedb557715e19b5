/**
 * Preloaded into every `bun test` (bunfig.toml). Tests that could reach the real home or another person's
 * process do not start, and a signal to anything that this run did not spawn throws instead of being sent.
 */
import { readFileSync, readlinkSync, realpathSync } from "node:fs"

const HINT = "Run them with: bun run test:unit [files]"

function stop(reason: string): never {
  console.error(`test/guard.ts: ${reason}\n${HINT}`)
  process.exit(1)
}

/** Null where it cannot be told, as for a process that is gone. */
function parentOf(pid: number): number | null {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
      // The name in parentheses may hold anything, so the fields are counted from the last one.
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
    } catch {
      return null
    }
  }
  const { stdout } = Bun.spawnSync(["ps", "-o", "ppid=", "-p", String(pid)])
  return Number(stdout.toString().trim()) || null
}

function ancestorsOf(pid: number, again = 9): number[] {
  const chain: number[] = []
  let up = parentOf(pid)
  for (; up !== null && up > 0 && !chain.includes(up); up = parentOf(up)) chain.push(up)
  // one of them ended while it was looked at: what it had started has another parent now
  return up === null && chain.length > 0 && again > 0 ? ancestorsOf(pid, again - 1) : chain
}

/** Linux namespace of this process, as the sandbox noted it; "none: …" where the system has none to give. */
const sandbox = process.env.SESSION_RESCUE_TEST_SANDBOX ?? ""
const ownNamespace = process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : null
export const isolated = sandbox !== "" && sandbox === ownNamespace

/**
 * Why a signal to `pid` must not be sent, or null when this run spawned it. A parent that exits while the chain of
 * parents is read cuts it short: what looks foreign is looked at again.
 */
function whyRefused(pid: number): string | null {
  return reasonAgainst(pid) && reasonAgainst(pid) && reasonAgainst(pid)
}

function reasonAgainst(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 1) return "it names a process group, every process, or init"
  if (pid === process.pid) return "it is the test runner itself"
  if (parentOf(pid) === null) return null // gone: the system's own "no such process" is the right answer
  const chain = ancestorsOf(pid)
  if (chain.includes(process.pid)) return null
  // A daemon (a tmux server and what runs in it) has lost its parent. Under the sandbox's own process 1 there is
  // nothing else than what this run started; everywhere else a stranger could look just like it.
  const ours = [process.pid, ...ancestorsOf(process.pid)]
  const foster = chain.at(-1) === 1 && !chain.slice(0, -1).some((up) => ours.includes(up))
  return isolated && foster && !ours.includes(pid) ? null : "this test run did not start it"
}

/** The home the system knows for this user, which no test may reach. */
export function realHome(): string {
  const known = process.env.SESSION_RESCUE_TEST_REAL_HOME
  if (known) return known
  const uid = String(process.getuid?.())
  const entries = readFileSync("/etc/passwd", "utf8").split("\n")
  return entries.map((line) => line.split(":")).find((fields) => fields[2] === uid)?.[5] ?? "/"
}

function resolved(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

if (process.platform === "linux" && !isolated && !sandbox.startsWith("none: ")) {
  stop("tests run only inside the sandbox, where they cannot touch your home or your processes.")
}
const home = process.env.HOME ?? ""
if (home === "" || resolved(home) === resolved(realHome())) {
  stop(`HOME is ${home || "not set"}; tests need a throw-away one.`)
}

const send = process.kill.bind(process)
process.kill = (pid, signal) => {
  const reason = signal === 0 ? null : whyRefused(pid)
  if (reason !== null) throw new Error(`test/guard.ts: no signal ${signal ?? "SIGTERM"} to ${pid}: ${reason}`)
  return send(pid, signal)
}
