import { definePlugin } from "session-rescue"

/** Reads the messages of an export into the index, where `cxq` finds them. */
export default definePlugin({
  name: "context-extractor",
  stage: "post-process",
  on: "cx",
  order: "pre",
  run: (exported, ctx) => ctx.index(exported),
})
