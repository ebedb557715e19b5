import { isRescueError } from "../../domain/errors.ts"
import type { PostProcessContext, StoreContext, StoredObject, StorePlugin } from "../../sdk/contracts.ts"
import { isPrivateFile } from "../../system/fs/trust.ts"
import { sendRequest } from "../../system/net/request.ts"
import { sharedFolder } from "../../system/net/team-folder.ts"

interface StoreCall {
  readonly method: string
  readonly args: readonly unknown[]
  /** Asks the program. */
  request(method: string, ...args: unknown[]): Promise<unknown>
}

/** Calls a user's store in its worker process. An error is an answer: its code decides what the program does. */
export async function performStore(
  plugin: StorePlugin,
  call: StoreCall,
  given: PostProcessContext,
): Promise<{ readonly ok: boolean } & Record<string, unknown>> {
  return answerOf(() => callStore(plugin, call, { ...teamContext(given), sharedFolder }))
}

/** An error of a store or a sink as an answer. */
export async function answerOf(
  work: () => Promise<unknown>,
): Promise<{ readonly ok: boolean } & Record<string, unknown>> {
  try {
    return { ok: true, value: (await work()) ?? null }
  } catch (error) {
    const known =
      isRescueError(error) && ["STORE_UNAVAILABLE", "STORE_REFUSED", "DAMAGED"].includes(error.code)
    return {
      ok: false,
      code: known ? error.code : "PLUGIN_FAILED",
      message: error instanceof Error ? error.message : String(error),
      hint: isRescueError(error) ? error.hint : "nothing is lost here; run it again",
    }
  }
}

async function callStore(
  plugin: StorePlugin,
  { method, args, request }: StoreCall,
  ctx: StoreContext,
): Promise<unknown> {
  const [name, second, third] = args as [string, never, never]
  switch (method) {
    case "put": {
      const read = (offset: number, length: number) => request("read", offset, length) as Promise<Uint8Array>
      return plugin.put(name, { length: second, sha256: third, read }, ctx)
    }
    case "open":
      for await (const bytes of plugin.open(name, second, ctx))
        if ((await request("take", bytes)) === false) break
      return null
    case "list": {
      const all: StoredObject[] = []
      for await (const page of plugin.list(name, ctx)) all.push(...page)
      return all
    }
    case "head":
      return plugin.head(name, ctx)
    case "remove":
      return plugin.remove(name, ctx)
    default:
      throw new Error(`a store has no ${method}`)
  }
}

export function teamContext({
  files,
  log,
  run,
  paths,
  signal,
  options,
}: PostProcessContext): Omit<StoreContext, "sharedFolder"> {
  return {
    ...{ files, log, run, paths, signal, options },
    environment: { ...process.env } as Record<string, string>,
    now: () => Date.now(),
    delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    isPrivate: isPrivateFile,
    request: sendRequest,
  }
}
