import { type Background, isJobOver } from "../../domain/session/background.ts"
import { isClientProgram } from "../../domain/session/client-program.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { isExecutable } from "../../system/fs/list-dir.ts"
import { childEnvironment, runProgram } from "../../system/process/run-program.ts"
import type { LiveSession } from "./companions.ts"
import { pollForRestart } from "./poll-for-restart.ts"

const stopTimeoutMs = 30_000
/** Looks at a session that has ended and is still listed, before its service is asked once more. */
const pollsBeforeRetry = 6

/** Asks the background service to end a session; answers why it did not, or null. */
export type StopService = () => Promise<string | null>

/**
 * Asks by the very program that runs the session, in its environment as it is now: it may be asked again when the
 * session's process is gone.
 */
export async function prepareServiceStop(
  session: LiveSession,
  { name, program }: Background,
  ctx: RunContext,
): Promise<StopService> {
  const environment = await clientEnvironment(session, ctx)
  return async () => {
    if (
      program === null ||
      !isClientProgram({ executable: program, argv: [program] }) ||
      !isExecutable(program)
    )
      return `its program no longer exists (${program ?? "unknown"}), so its service cannot be called: claude stop ${name}`
    const signal = AbortSignal.timeout(stopTimeoutMs)
    const { code, stdout, stderr } = await runProgram([program, "stop", name], { environment, signal })
    if (code === 0) return null
    const said = (stderr.trim() || stdout.trim()).split("\n")[0] ?? ""
    return `claude stop ${name} ${code === null ? "did not come back" : `failed (${code})`}${said === "" ? "" : `: ${said}`}`
  }
}

/** The client finds its service by its home. What a client sets for its tools is not for another client. */
async function clientEnvironment(
  { home, process }: LiveSession,
  ctx: RunContext,
): Promise<Record<string, string>> {
  const details = await ctx.processes.details(
    [process.pid],
    ["HOME", "CLAUDE_CONFIG_DIR", "TMPDIR", "XDG_RUNTIME_DIR"],
  )
  const own = Object.entries(childEnvironment()).filter(([name]) => !/^CLAUDE/.test(name))
  const its = details.get(process.pid)?.environment ?? {}
  const environment: Record<string, string> = {
    ...Object.fromEntries(own),
    ...its,
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  }
  const usual = `${environment.HOME ?? ctx.paths.home}/.claude`
  return home === usual ? environment : { ...environment, CLAUDE_CONFIG_DIR: home }
}

/** What became of a session that its service was asked to stop. */
export type ServiceOutcome =
  | { readonly is: "gone" }
  | { readonly is: "back"; readonly pid: number }
  /** It has ended, and the service still lists it. */
  | { readonly is: "unknown" }

/**
 * Looks until "ended" stays true: the service no longer lists the session, at two looks; or it runs
 * again; or the time is over in which it would have been started again. A session that has ended and is still listed is
 * asked about again: where no service runs, `claude stop` now and then only signals the session and does not note that
 * it is stopped, and the next service would start it again (2.1.332, observed). Then only a job that says it is stopped
 * counts: a service of 2.1.197 once started a session again that was merely no longer listed.
 */
export async function watchForRestart(
  session: LiveSession,
  stopService: StopService,
  ctx: RunContext,
): Promise<ServiceOutcome> {
  let off = 0
  let listed = 0
  let retried = false
  for await (const found of pollForRestart(session, ctx)) {
    const back = found.find(({ process }) => process !== null && !sameProcess(process, session.process))
    if (back?.process != null) return { is: "back", pid: back.process.pid }
    const isListed = found.some(
      ({ background }) => background?.listed === true || (retried && !isNoted(background)),
    )
    off = isListed ? 0 : off + 1
    if (off === 2) return { is: "gone" }
    listed = isListed && found.every(({ process }) => process === null) ? listed + 1 : 0
    if (listed === pollsBeforeRetry) {
      await stopService() // safety: asked-again
      listed = 0
      retried = true
    }
  }
  return { is: "unknown" }
}

/** No job of the service's is left, or the job says that it is over. */
function isNoted(background: Background | null | undefined): boolean {
  return background == null || isJobOver(background.job)
}
