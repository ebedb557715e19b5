import * as v from "valibot"
import type { Paths } from "../../system/config/paths.ts"
import { discard, makeFolders } from "../../system/fs/durable.ts"
import { type HttpServer, listenOnSocket } from "../../system/net/http-server.ts"
import { askSocket } from "../../system/net/request.ts"

const answerSchema = v.object({
  pid: v.number(),
  actions: v.boolean(),
  origin: v.string(),
  link: v.pipe(v.string(), v.regex(/^https?:\/\/[a-z0-9.:-]{1,270}\/#t=[\w-]{43}$/)),
})

/** What a server of this data folder says of itself; its link opens the page once. */
export type RunningServer = v.InferOutput<typeof answerSchema>

/** In a folder that only its owner can enter: a process that reaches it may read the sessions in any case. */
function controlSocket({ data }: Pick<Paths, "data">): string {
  return `${data}/serve/control`
}

/** Asks the server that runs already for another link; null: there is none. */
export async function findRunning(paths: Pick<Paths, "data">): Promise<RunningServer | null> {
  const parsed = v.safeParse(answerSchema, await askSocket(controlSocket(paths), "POST"))
  return parsed.success ? parsed.output : null
}

/**
 * Lets a later `serve` find this one. null where it cannot: another server is found instead, or the path of the data folder is
 * longer than a socket's may be.
 */
export async function letBeFound(
  paths: Pick<Paths, "data">,
  describe: () => RunningServer,
): Promise<HttpServer | null> {
  const path = controlSocket(paths)
  makeFolders(`${paths.data}/serve`, false)
  if ((await findRunning(paths)) !== null) return null
  discard(path) // of a server that was killed
  try {
    return listenOnSocket(path, ({ method }) =>
      method === "POST" ? Response.json(describe()) : new Response(null, { status: 405 }),
    )
  } catch {
    return null
  }
}
