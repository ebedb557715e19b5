/** The thread that asks the index for the page: see search-thread.ts. */
import { isRescueError } from "../../domain/errors.ts"
import type { Paths } from "../../system/config/paths.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { errorDocument } from "../../view/terminal/json.ts"
import { linksOf, promptsOf, searchFor } from "./searching.ts"

declare const self: Worker

export interface IndexQuestion {
  readonly id: string
  readonly what: "search" | "prompts" | "links"
  /** What was asked, as in an address; else the session's id. */
  readonly asked: string
  readonly paths: Paths
  readonly now: number
}

export interface IndexAnswer {
  readonly id: string
  readonly status: number
  /** JSON. */
  readonly body: string
}

self.onmessage = ({ data }: MessageEvent<IndexQuestion>) => {
  postMessage({ id: data.id, ...answer(data) } satisfies IndexAnswer)
  collectGarbage()
}

function answer({ what, asked, paths, now }: IndexQuestion): Omit<IndexAnswer, "id"> {
  try {
    const found =
      what === "search"
        ? searchFor(new URLSearchParams(asked), paths, now)
        : what === "prompts"
          ? promptsOf(asked, paths)
          : linksOf(asked, paths)
    return { status: 200, body: JSON.stringify(found) }
  } catch (error) {
    if (!isRescueError(error)) throw error
    return { status: error.exitCode === 3 ? 404 : 409, body: JSON.stringify(errorDocument(error)) }
  }
}
