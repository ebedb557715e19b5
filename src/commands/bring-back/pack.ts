import { resolve } from "node:path"
import { exitCodes, RescueError } from "../../domain/errors.ts"
import { isWhole } from "../../domain/export/export.ts"
import { reportTo, silentReporter } from "../../domain/progress.ts"
import { version } from "../../domain/version.ts"
import { packExports, packShared } from "../../operations/pack/pack.ts"
import { chooseExport } from "../../operations/restore/choose-export.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { scanAll } from "../../pipeline/scan.ts"
import { packDocument, showPack } from "../../view/pack/pack.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { checkShareFlags, homesOf, shareFlags } from "../find/reading.ts"
import { saveSessions } from "../framework/acts.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "pack",
  "Save sessions and put their exports into one .tar.zst for another machine",
  {
    sessions: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice), titles or folders of sessions, and last the file to write",
    },
    ...shareFlags,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue pack 01e5af14 shop.tar.zst",
    "session-rescue pack 01e5af14 shop-to-share.tar.zst --share --strict",
  ],
  async (parsed, signal) => {
    const names = parsed.names.slice(0, -1)
    const file = parsed.names.at(-1) ?? ""
    if (names.length === 0 || !file.endsWith(".tar.zst"))
      throw new RescueError(
        "USAGE",
        "pack takes sessions, and last a file that ends in .tar.zst",
        "for example: session-rescue pack ID shop.tar.zst",
      )
    checkShareFlags(parsed)
    const environment = await openEnvironment(parsed, signal)
    const { ctx, out, json, warnings, paths } = environment
    const named = await selectNamed(names, await detectAll(ctx, null), { paths, ctx, verb: "pack" })
    const { exports, failures } = await saveSessions((await scanAll(named, ctx)).sessions, environment)
    if (failures[0] !== undefined) throw failures[0].error
    const readStored = storedReader(ctx.plugins, "evicted")
    const chosen = await Promise.all(
      exports.map(({ result }) => {
        if (result.manifest === null || !isWhole(result))
          throw new RescueError(
            "REFUSED",
            `${result.id} has no whole export`,
            "see why: session-rescue export ID",
          )
        return chooseExport(result.manifest, { paths, readStored, signal, warn: ctx.warn })
      }),
    )
    const progress = reportTo(silentReporter, ctx.signal)
    const options = { read: readStored, progress, version, at: new Date() }
    const folder = `${paths.data}/.share.${crypto.randomUUID()}.tmp`
    const report = parsed.flags.has("share")
      ? await packShared(resolve(file), chosen, { ...options, homes: homesOf(paths, ctx), folder })
      : await packExports(resolve(file), chosen, options)
    if (json) out.print(JSON.stringify(packDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showPack(report, paths.home, out)
    }
    const isFound = parsed.flags.has("strict") && (report.shared?.secrets.length ?? 0) > 0
    return isFound ? exitCodes.failed : exitCodes.done
  },
)
