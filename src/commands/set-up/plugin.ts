import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { checkPlugins } from "../../operations/plugin-dev/check.ts"
import { listPlugins } from "../../operations/plugin-dev/inventory.ts"
import { writeNewPlugin } from "../../operations/plugin-dev/scaffold.ts"
import { type Stage, stages } from "../../sdk/contracts.ts"
import { readConfig } from "../../system/config/config.ts"
import {
  newPluginDocument,
  pluginCheckDocument,
  pluginListDocument,
  showNewPlugin,
  showPluginCheck,
  showPlugins,
} from "../../view/plugin-dev/plugins.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, jsonFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"

export default command(
  "plugin",
  "List your own plugins, create one, or check them on a sample session",
  {
    words: {
      type: "positional",
      required: true,
      description: "list · new NAME --stage STAGE · check [NAME|PATH…]",
    },
    stage: {
      type: "string",
      valueHint: "STAGE",
      description: `Stage of the new plugin: ${stages.join(", ")}`,
    },
    ...jsonFlag,
  },
  [
    "session-rescue plugin list",
    "session-rescue plugin new notify --stage post-process",
    "session-rescue plugin check notify",
  ],
  async (parsed, signal) => {
    const [word, ...names] = parsed.names
    const stage = stringFlag(parsed, "stage")
    if (stage !== null && word !== "new") throw usage("--stage is only for plugin new")
    if (word === "list" && names.length === 0) return list(await openEnvironment(parsed, signal, []))
    if (word === "check") return check(names, await openEnvironment(parsed, signal, []))
    if (word === "new") return createPlugin(names, stage, await openEnvironment(parsed, signal, []))
    throw usage(
      word === undefined
        ? "no subcommand given to plugin"
        : `unknown subcommand of plugin: "${parsed.names.join(" ")}"`,
    )
  },
)

async function list(environment: Environment): Promise<ExitCode> {
  const { out, json, warnings, paths } = environment
  const rows = await listPlugins(scopeOf(environment))
  const view = { rows, folder: `${paths.config}/plugins`, home: paths.home }
  if (json) out.print(JSON.stringify(pluginListDocument(view, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showPlugins(view, out)
  }
  return exitCodes.done
}

/** What it does with the sample may really reach the world: it is the plugin that runs. */
async function check(names: readonly string[], environment: Environment): Promise<ExitCode> {
  const { out, json, warnings, paths } = environment
  const rows = await checkPlugins(names, scopeOf(environment))
  if (json) out.print(JSON.stringify(pluginCheckDocument(rows, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showPluginCheck({ rows, folder: `${paths.config}/plugins`, home: paths.home }, out)
  }
  const failed = !rows.every((row) => row.ok || row.state === "off")
  return worst({ interrupted: environment.ctx.signal.aborted, failed })
}

async function createPlugin(
  names: readonly string[],
  stage: string | null,
  environment: Environment,
): Promise<ExitCode> {
  const { out, json, paths } = environment
  const [name, ...more] = names
  if (name === undefined || more.length > 0) throw usage("plugin new needs one name")
  if (stage === null || !isStage(stage)) throw usage(`plugin new needs --stage, one of ${stages.join(", ")}`)
  const made = writeNewPlugin(name, stage, paths.config, paths.home)
  if (json) out.print(JSON.stringify(newPluginDocument(made), null, 2))
  else showNewPlugin(made, name, paths.home, out)
  return exitCodes.done
}

function isStage(stage: string): stage is Stage {
  return (stages as readonly string[]).includes(stage)
}

/** The settings were read with the rest of the config file, where what is wrong in them was said. */
function scopeOf({ paths, ctx }: Environment) {
  return { paths, ctx, settings: readConfig(() => {}).plugins }
}

function usage(message: string): RescueError {
  return new RescueError("USAGE", message, "see session-rescue plugin --help")
}
