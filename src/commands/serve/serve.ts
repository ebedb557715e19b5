import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { Guard } from "../../operations/serve/guard.ts"
import { readPage } from "../../operations/serve/page-file.ts"
import { findRunning, letBeFound, type RunningServer } from "../../operations/serve/running.ts"
import { absolutePath } from "../../system/config/paths.ts"
import { type HttpServer, listenOnLoopback, listenOnSocket } from "../../system/net/http-server.ts"
import { openInBrowser } from "../../system/net/open-browser.ts"
import { onInputLine } from "../../system/process/self-path.ts"
import { exitCodeWhenStopped } from "../../system/runtime/signals.ts"
import { showNewLink, showRunning, showServing } from "../../view/serve/serving.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, type Parsed, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { PageActions } from "./actions.ts"
import { Routes } from "./routes.ts"
import { SessionStream } from "./session-stream.ts"

const defaultPort = 4757

export default command(
  "serve",
  "Serve a page to read and search all sessions in, to this machine alone",
  {
    port: {
      type: "string",
      valueHint: "N",
      description: `Port on 127.0.0.1; 0: any that is free (${defaultPort})`,
    },
    unix: {
      type: "string",
      valueHint: "FILE",
      description: "Listen on this socket instead, for SSH; needs --public-url",
    },
    "read-only": { type: "boolean", description: "Only show; the default" },
    "allow-actions": {
      type: "boolean",
      description: "Let the page export, restore and end sessions, each as its command does",
    },
    "public-url": {
      type: "string",
      valueHint: "ORIGIN",
      description: "Where a tunnel makes it reachable, such as http://127.0.0.1:8080",
    },
    "no-open": { type: "boolean", description: "Do not open a browser; print the link only" },
    ...pluginsFlag,
    ...dataFlag,
  },
  ["session-rescue serve", "session-rescue serve --port 0 --no-open", "session-rescue serve --allow-actions"],
  async (parsed, signal) => {
    const asked = readFlags(parsed)
    const environment = await openEnvironment(parsed, signal, ["detect", "classify"])
    const { out, paths, warnings } = environment
    const running = asked.isUsual ? await findRunning(paths) : null
    if (running !== null)
      return await useRunning(running, parsed.flags.has("allow-actions"), asked, environment)
    const page = readPage()
    const stream = new SessionStream(environment)
    const actions = parsed.flags.has("allow-actions") ? new PageActions(environment) : null
    let routes: Routes | null = null
    const handle = (request: Request) => routes?.handle(request) ?? new Response(null, { status: 503 })
    const server: HttpServer =
      asked.unix === null
        ? listenOnLoopback(asked.port, handle)
        : listenOnSocket(absolutePath(asked.unix, paths.home), handle)
    const own = server.port === null ? [] : [`http://127.0.0.1:${server.port}`]
    const guard = new Guard([...own, ...(asked.publicUrl === null ? [] : [asked.publicUrl])])
    routes = new Routes({ environment, guard, page, stream, actions })
    const origin = asked.publicUrl ?? own[0] ?? ""
    const newLink = () => `${origin}/#t=${guard.newToken()}`
    showWarnings(warnings, out)
    const about = { pid: process.pid, actions: actions !== null, origin }
    const control = await letBeFound(paths, () => ({ ...about, link: newLink() }))
    showServing({ link: newLink(), actions: about.actions }, out)
    const forget = asked.opens ? await openInBrowser(newLink(), paths.home) : () => {}
    const stopInput = onInputLine(() => showNewLink(newLink(), out))
    await ended(signal)
    stopInput()
    forget()
    routes.close()
    await stream.close()
    await control?.stop()
    await server.stop()
    return exitCodeWhenStopped()
  },
)

/** How long a browser may take to read the private file that leads to the link. */
const openedMs = 5000

/** One server is enough: the page of the one that runs is opened once more. */
async function useRunning(
  running: RunningServer,
  wantsActions: boolean,
  { opens }: ReturnType<typeof readFlags>,
  { out, paths, warnings }: Environment,
): Promise<ExitCode> {
  if (wantsActions && !running.actions)
    throw new RescueError(
      "REFUSED",
      `a server runs already at ${running.origin} (pid ${running.pid}), and its page only reads`,
      "end it with Ctrl-C where it runs, or start another: session-rescue serve --allow-actions --port 0",
    )
  showWarnings(warnings, out)
  showRunning(running, out)
  if (!opens) return exitCodes.done
  const again = await findRunning(paths) // the link above is for the person
  const forget = again === null ? () => {} : await openInBrowser(again.link, paths.home)
  await Bun.sleep(openedMs)
  forget()
  return exitCodes.done
}

function readFlags(parsed: Parsed) {
  if (parsed.names.length > 0) throw usageError("serve takes no names", "session-rescue serve")
  if (parsed.flags.has("read-only") && parsed.flags.has("allow-actions"))
    throw usageError("--read-only and --allow-actions exclude each other", "give one of them")
  const [typed, unix, publicUrl] = ["port", "unix", "public-url"].map((flag) => stringFlag(parsed, flag)) as [
    string | null,
    string | null,
    string | null,
  ]
  const port = typed === null ? defaultPort : /^\d{1,5}$/.test(typed) ? Number(typed) : Number.NaN
  if (!(port >= 0 && port <= 65_535))
    throw usageError(`invalid value for --port: "${typed}"`, "a number from 0 to 65535, such as --port 4757")
  if (typed !== null && unix !== null)
    throw usageError("--port and --unix exclude each other", "give one of them")
  if (unix !== null && publicUrl === null)
    throw usageError(
      "--unix needs the address under which the page is opened",
      "session-rescue serve --unix ~/.page/socket --public-url http://127.0.0.1:8080",
    )
  if (publicUrl !== null && !/^https?:\/\/[a-z0-9.-]{1,250}(?::\d{1,5})?$/.test(publicUrl))
    throw new RescueError(
      "USAGE",
      `invalid value for --public-url: "${publicUrl}"`,
      "an origin without a path, such as http://127.0.0.1:8080",
    )
  const opens = !parsed.flags.has("no-open") && unix === null && process.stdout.isTTY === true
  const isUsual = typed === null && unix === null && publicUrl === null
  return { port, unix, publicUrl, opens, isUsual }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener("abort", () => resolve())
  })
}
