import { realpathSync } from "node:fs"
import { resolve } from "node:path"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { unpackSessions } from "../../operations/pack/unpack.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { showUnpack, unpackDocument } from "../../view/pack/pack.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"

export default command(
  "unpack",
  "Check a packed file and put its sessions where their clients find them here",
  {
    file: { type: "positional", required: false, description: "A file that session-rescue pack wrote" },
    folder: {
      type: "string",
      valueHint: "FOLDER",
      description: "File the sessions under this folder, where the project is on this machine",
    },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue unpack shop.tar.zst", "session-rescue unpack shop.tar.zst --folder ~/work/shop"],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "unpack takes one file", "name it: session-rescue unpack FILE.tar.zst")
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const reporter = showProgress(out, { verb: "unpacking", items: 0, bytes: null })
    const options = { paths, version, reporter, folder: stringFlag(parsed, "folder"), at: new Date() }
    const report = await unpackSessions(realPath(resolve(name)), ctx, options)
    if (json) out.print(JSON.stringify(unpackDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showUnpack(report, paths.home, out)
    }
    const failed = report.failures.length > 0 || report.reports.some(({ confirmed }) => !confirmed)
    return worst({ interrupted: report.interrupted, failed })
  },
)

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR")
      throw new RescueError(
        "NOTHING_FOUND",
        `no such file: ${path}`,
        "name it: session-rescue unpack FILE.tar.zst",
      )
    throw toReadError(error, path)
  }
}
