import * as v from "valibot"
import type { OptionKinds, Stage } from "../../sdk/contracts.ts"

const fn = (name: string) => v.literal("(function)", `it has no function ${name}`)
const order = v.optional(v.picklist(["pre", "post"], 'its order must be "pre" or "post" (or left out)'))
const kinds = v.picklist(["string", "number", "boolean", "strings"])
const options = v.optional(
  v.record(v.string(), kinds, 'its options must say "string", "number", "boolean" or "strings"'),
)
const needs = v.optional(
  v.array(v.string("its needs must name options"), "its needs must be a list of options"),
)
const agent = v.pipe(
  v.string("it has no agent, the name its sessions are listed under"),
  v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "its agent must be small letters, digits and -"),
)

const metaSchemas = {
  detect: v.object({ agent, detect: fn("detect"), examine: fn("examine"), options }),
  classify: v.object({ order, classify: fn("classify"), options }),
  act: v.object({ act: fn("act"), options }),
  "post-process": v.object({
    on: v.picklist(["export", "cx"], 'it must say on: "export" or on: "cx"'),
    order,
    run: fn("run"),
    options,
    needs,
  }),
  archive: v.object({ store: fn("store"), open: fn("open"), options }),
  store: v.object({
    put: fn("put"),
    open: fn("open"),
    list: fn("list"),
    head: fn("head"),
    remove: fn("remove"),
    options,
  }),
  sink: v.object({
    prepare: fn("prepare"),
    add: fn("add"),
    forget: fn("forget"),
    search: fn("search"),
    options,
  }),
}

/** A plugin's plain values, validated for its stage. */
export interface PluginMeta {
  readonly agent?: string
  readonly on?: "export" | "cx"
  readonly order?: "pre" | "post"
  readonly options?: OptionKinds
  readonly needs?: readonly string[]
}

/** Returns the plugin's metadata, or why it does not match its file name and stage. */
export function parseMeta(value: unknown, name: string, stage: Stage): PluginMeta | string {
  if (typeof value !== "object" || value === null) {
    return "it exports no plugin: write export default definePlugin({ … })"
  }
  const said = value as Record<string, unknown>
  if (said.name !== name)
    return `it says name: ${JSON.stringify(said.name)}, and its file says "${name}": they must be the same`
  if (said.stage !== stage)
    return `it says stage: ${JSON.stringify(said.stage)}, and is in the folder of ${stage}`
  const asked = Object.fromEntries(Object.keys(metaSchemas[stage].entries).map((key) => [key, undefined]))
  const result = v.safeParse(metaSchemas[stage], { ...asked, ...said }) // a missing key gets our own message
  return result.success ? (result.output as PluginMeta) : result.issues[0].message
}
