import type { PostProcessContext, SinkPlugin } from "../../sdk/contracts.ts"
import { connectSql } from "../../system/net/sql.ts"
import { answerOf, teamContext } from "./store-calls.ts"

/** Calls a user's sink in its worker process. An error is an answer: its code decides what the program does. */
export function performSink(
  plugin: SinkPlugin,
  { method, args }: { readonly method: string; readonly args: readonly unknown[] },
  given: PostProcessContext,
): Promise<{ readonly ok: boolean } & Record<string, unknown>> {
  const ctx = { ...teamContext(given), sql: connectSql }
  const [first, second] = args as [never, never]
  return answerOf(async () => {
    switch (method) {
      case "prepare":
        return plugin.prepare(ctx)
      case "identity":
        return (await plugin.identity?.(ctx)) ?? ""
      case "add":
        return plugin.add(first, ctx)
      case "forget":
        return plugin.forget(first, second, ctx)
      case "search":
        return plugin.search(first, ctx)
      case "close":
        return plugin.close?.(ctx)
      default:
        throw new Error(`a sink has no ${method}`)
    }
  })
}
