import * as v from "valibot"
import type { HelperProcess } from "../../domain/session/background.ts"
import { type Pid, parsePid } from "../../domain/session/pid.ts"
import type { Session } from "../../domain/session/session.ts"
import { parseTerminal } from "../../domain/session/terminal.ts"
import type { Context } from "../../sdk/context.ts"
import type { ActContext } from "../../sdk/contracts.ts"
import { reportReadError } from "../../system/fs/files.ts"
import type { PluginService } from "../host/worker-channel.ts"
import { helperProcess } from "../protocol/answer-schemas.ts"
import { readPlan } from "../protocol/answers.ts"
import type { Notice } from "../protocol/messages.ts"

/** Serves the context of a plugin in a worker from the program's own context. */
export function serveContext(
  ctx: Context,
  saving: { session: Session; save: ActContext["save"] } | null = null,
): PluginService {
  return {
    async perform(method, args) {
      const [first, second] = args
      switch (method) {
        case "list":
          return ctx.processes.list()
        case "details":
          return ctx.processes.details([...(first as unknown[])].flatMap(parsePids), second as never)
        case "openFiles":
          return ctx.processes.openFiles([...(first as unknown[])].flatMap(parsePids))
        case "probe": {
          const [pid] = parsePids(first)
          return pid === undefined ? null : ctx.processes.probe(pid)
        }
        case "unreadInput": {
          const terminal = parseTerminal(String(first))
          return terminal === null ? null : ctx.unreadInput(terminal)
        }
        case "resample":
          return ctx.resample()
        case "resampleLater":
          return ctx.resampleLater()
        case "save": {
          if (saving === null) throw new Error("only act plugins save")
          const plan = readPlan(first, saving.session)
          if (typeof plan === "string") throw new Error(plan)
          return saving.save(plan)
        }
        default:
          throw new Error(`there is no ${method}`)
      }
    },
    notify(key, saying) {
      handleNotice(ctx, pluginNameOf(key), saying)
    },
  }
}

function parsePids(value: unknown): Pid[] {
  const pid = typeof value === "number" ? parsePid(value) : null
  return pid === null ? [] : [pid]
}

function handleNotice(ctx: Context, name: string, saying: Notice): void {
  switch (saying.what) {
    case "warn":
    case "log":
      ctx.warn(`${name}: ${saying.message}`)
      break
    case "reject":
      for (const pid of parsePids(saying.pid)) ctx.reject(pid, `${name}: ${saying.why}`)
      break
    case "helper": {
      const { success, output } = v.safeParse(helperProcess, saying.process)
      if (success) ctx.reportHelper(output as unknown as HelperProcess)
      else ctx.warn(`${name}: a helper process it named is not understood`)
      break
    }
    case "trouble":
      reportReadError(ctx.files, saying.path, Object.assign(new Error(saying.message), { code: saying.code }))
  }
}

/** Extracts the plugin's name from its key. */
function pluginNameOf(key: string): string {
  return key.split("/")[1] ?? key
}
