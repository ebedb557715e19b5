import psList from "ps-list"
import { RescueError } from "../../domain/errors.ts"
import type { Pid } from "../../domain/session/pid.ts"
import { readOpenFiles, readPlaces } from "./lsof-output.ts"
import type { ProcessDetails, ProcessEntry, Processes } from "./processes.ts"
import {
  commandColumns,
  isAlive,
  readCommandLines,
  readEnvironment,
  readRows,
  rowColumns,
  splitCommand,
} from "./ps-output.ts"

/**
 * Processes through `ps` and `lsof`, for macOS and other systems without /proc. It also runs on Linux (with procps),
 * where the contract tests compare it with `linuxProcesses`.
 */
export function psProcesses(): Processes {
  return {
    async list() {
      const [known, rows] = await Promise.all([
        listWithParents(),
        ps("-A", "-ww", ...rowColumns).then(readRows),
      ])
      const entries: ProcessEntry[] = []
      for (const { pid, ppid, uid } of known) {
        const row = rows.get(pid as Pid)
        if (row !== undefined && uid !== undefined && isAlive(row))
          entries.push({ ...row, parent: ppid, uid })
      }
      // an empty list would mean that no client runs: an error is better than a wrong answer
      if (!entries.some((entry) => entry.pid === process.pid))
        throw unreadable("its output has another format")
      return entries
    },
    async details(pids, variables) {
      const found = new Map<Pid, ProcessDetails>()
      if (pids.length === 0) return found
      const wanted = pids.join(",")
      const [commands, withEnvironment, files] = await Promise.all([
        ps("-ww", ...commandColumns, "-p", wanted).then(readCommandLines),
        ps(showEnvironment, "-ww", ...commandColumns, "-p", wanted).then(readCommandLines),
        lsof("-w", "-a", "-d", "cwd,txt", "-p", wanted, "-F", "fn").then(readPlaces),
      ])
      for (const [pid, command] of commands) {
        const { cwd = null, executable = null } = files.get(pid) ?? {}
        const argv = splitCommand(command, executable)
        found.set(pid, {
          executable: executable ?? (argv[0]?.startsWith("/") ? argv[0] : null),
          argv,
          cwd,
          environment: readEnvironment(behind(command, withEnvironment.get(pid)), variables),
        })
      }
      return found
    },
    async openFiles(pids) {
      if (pids.length === 0) return new Map()
      return readOpenFiles(await lsof("-w", "-a", "-d", "0-65535", "-p", pids.join(","), "-F", "fn"))
    },
    async probe(pid) {
      const output = await ps("-ww", ...rowColumns, "-p", String(pid))
      const row = readRows(output).get(pid)
      if (row === undefined && output.trim() !== "") throw unreadable("its output has another format")
      if (row === undefined || !isAlive(row)) return null
      return { cpuMs: row.cpuMs, letter: row.letter, startMark: row.startMark }
    },
  }
}

/** `e` alone would list every process on a Mac, and Linux has no `-E` (Apple's ps.c, man 1 ps). */
const showEnvironment = process.platform === "darwin" ? "-E" : "e"

/** Arguments may look like variables, so only the text after the identical command line is the environment. */
function behind(command: string, withEnvironment = ""): string {
  return withEnvironment.startsWith(`${command} `) ? withEnvironment.slice(command.length + 1) : ""
}

async function listWithParents() {
  try {
    return await psList()
  } catch (cause) {
    throw unreadable("it could not be run", cause)
  }
}

async function ps(...args: string[]): Promise<string> {
  const { output, complaint, failed } = await run("ps", args).catch((cause) => {
    throw unreadable("it could not be run", cause)
  })
  // `ps -p` also fails for a process that has ended, but without a message
  if (failed && complaint !== "") throw unreadable(complaint)
  return output
}

/** lsof fails when one of several processes has ended, but its output is valid; without lsof, paths are unknown. */
async function lsof(...args: string[]): Promise<string> {
  return run("lsof", args).then(
    ({ output }) => output,
    () => "",
  )
}

/**
 * A minimal environment. UTC, because local time repeats an hour every autumn; the C locale for dates and decimal
 * points; UTF-8, without which both tools garble paths that are not ASCII. It contains no BUN_* variable and no folder
 * of the user's PATH.
 */
const environment = {
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin",
  TZ: "UTC0",
  LC_CTYPE: process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8",
}

async function run(program: string, args: readonly string[]) {
  const child = Bun.spawn([program, ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // lsof may block on a network filesystem that no longer responds
    timeout: 10_000,
    killSignal: "SIGKILL",
  })
  const [output, complaint] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (child.signalCode !== null) throw new Error(`${program} was ended by ${child.signalCode}`)
  return { output, complaint: complaint.trim(), failed: child.exitCode !== 0 }
}

function unreadable(why: string, cause?: unknown): RescueError {
  const message = `The processes of this machine cannot be listed: ps: ${why}`
  return new RescueError("CANNOT_READ", message, "Run `ps -A` yourself to see what is wrong.", { cause })
}
