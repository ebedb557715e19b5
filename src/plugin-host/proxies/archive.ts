import type { ArchiveContext, ArchivePlugin, ArchiveStaging } from "../../sdk/contracts.ts"
import { failed } from "../host/plugin-error.ts"
import type { UserPlugin, UserPlugins } from "../host/user-plugins.ts"
import type { Service } from "../host/worker-channel.ts"
import { lengthsOf, reading, staged } from "./archive-service.ts"
import { handedOver } from "./stream-bridge.ts"

/** A user's archiver as the pipeline knows one. What it makes is decoded and compared by whoever asked for it. */
export function archiveProxy(plugin: UserPlugin, { crew }: UserPlugins): ArchivePlugin {
  const ask = async (
    method: string,
    args: readonly unknown[],
    perform: Service["perform"],
    log: (text: string) => void,
  ) => {
    const hear: Service["hear"] = (_, saying) => {
      if (saying.what === "log" || saying.what === "warn") log(saying.message)
      else if (saying.what === "trouble") log(`${saying.message}`)
    }
    plugin.why = null
    crew.forgive(plugin)
    const answered = await crew.ask([plugin], {
      method,
      args,
      context: {},
      service: { perform, hear },
      judge: (_, value) => (value === true ? null : "it did not finish"),
    })
    if (answered === null)
      throw failed(plugin, method === "store" ? "did not store the export" : "did not open it")
  }
  return {
    name: plugin.name,
    stage: "archive",
    async store(exported, staging: ArchiveStaging, ctx: ArchiveContext) {
      await ask("store", [exported], staged(staging), ctx.log)
    },
    async *open(source, file, from) {
      yield* handedOver((take) =>
        ask("open", [file, from, lengthsOf(source)], reading(source, take), () => {}),
      )
    },
  }
}
